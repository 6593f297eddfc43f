//! Views, likes and comments of today.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use serde_json::json;

use super::failure::SyncError;
use super::job::Progress;
use super::pass::{Next, Pass, gather, youtube_ids};
use crate::channels::access::CallError;
use clients::youtube::read::{Counters, PAGE};

pub(super) async fn run(pass: &Pass<'_>) -> Result<Progress, SyncError> {
    loop {
        let ids = match pass.next(10 * PAGE).await? {
            Next::Videos(videos) => youtube_ids(videos),
            Next::End(progress) => return Ok(progress),
        };
        let calls = ids.chunks(PAGE).map(|ids| counters(pass, ids).boxed());
        let (answers, done) = gather(calls.collect()).await;
        let asked = &ids[..ids.len().min(answers.len() * PAGE)];
        let by_id: BTreeMap<&str, &Counters> = answers
            .iter()
            .flatten()
            .map(|counters| (counters.id.as_str(), counters))
            .collect();
        let counters: Vec<&Counters> = by_id.into_values().collect();
        let arguments = json!({"p_asked": asked, "p_counters": counters});
        let () = pass.engine("save_counters", arguments).await?;
        done?;
    }
}

async fn counters(pass: &Pass<'_>, ids: &[String]) -> Result<Vec<Counters>, CallError> {
    pass.metered(&pass.stats, |token| async move {
        pass.youtube.counters(&token, ids, pass.deadline()).await
    })
    .await
}
