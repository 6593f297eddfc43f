//! Which videos are Shorts, long videos, live streams: Analytics knows.

use std::collections::{BTreeMap, HashMap};

use futures_util::FutureExt as _;
use jiff::civil::Date;
use serde_json::json;

use super::failure::SyncError;
use super::job::Progress;
use super::pass::{Next, Pass, gather, youtube_ids};
use crate::channels::access::CallError;
use clients::quota_day::QuotaDay;
use clients::youtube::analytics::{FORMATS_BATCH, Format};
use platform::clock;

pub(super) async fn run(pass: &Pass<'_>) -> Result<Progress, SyncError> {
    if !pass.session.features().await.analytics {
        return Ok(Progress::Complete);
    }
    let today = QuotaDay::of(clock::now()).date();
    loop {
        let ids = match pass.next(8 * FORMATS_BATCH).await? {
            Next::Videos(videos) => youtube_ids(videos),
            Next::End(progress) => return Ok(progress),
        };
        let calls = ids
            .chunks(FORMATS_BATCH)
            .map(|ids| formats(pass, ids, today).boxed());
        let (answers, done) = gather(calls.collect()).await;
        let asked = &ids[..ids.len().min(answers.len() * FORMATS_BATCH)];
        let formats: BTreeMap<&String, &Format> = answers.iter().flatten().collect();
        let arguments = json!({"p_asked": asked, "p_formats": formats});
        let () = pass.engine("save_formats", arguments).await?;
        done?;
    }
}

async fn formats(
    pass: &Pass<'_>,
    ids: &[String],
    today: Date,
) -> Result<HashMap<String, Format>, CallError> {
    let call = |token| async move {
        let deadline = pass.deadline();
        pass.youtube.formats(&token, ids, today, deadline).await
    };
    pass.session.call(call).await
}
