//! Which videos are Shorts, long videos, live streams: Analytics knows.

use std::collections::{BTreeMap, HashMap};

use futures_util::FutureExt as _;
use jiff::{ToSpan as _, civil::Date};
use serde_json::json;

use super::failure::SyncError;
use super::pass::{Next, Pass, Pending, Progress, gather};
use crate::channels::access::CallError;
use crate::pipeline::in_parts;
use clients::quota_day::QuotaDay;
use clients::youtube::ErrorKind;
use clients::youtube::analytics::{FORMATS_BATCH, Format};
use platform::clock;

/// Where nothing is told of single videos, a span of time is halved until it holds no more of them than this.
const SMALLEST_SPAN: usize = 12;
/// Most views come within so many days.
const MOST_VIEWED_DAYS: i64 = 28;

pub(super) async fn run(pass: &Pass<'_>) -> Result<Progress, SyncError> {
    if !pass.session.features().await.analytics {
        return Ok(Progress::Complete);
    }
    let today = QuotaDay::of(clock::now()).date();
    loop {
        let videos = match pass.next(8 * FORMATS_BATCH).await? {
            Next::Videos(videos) => videos,
            Next::End(progress) => return Ok(progress),
        };
        let calls = videos
            .chunks(FORMATS_BATCH)
            .map(|videos| formats(pass, videos, today).boxed());
        let (answers, done) = gather(calls.collect()).await;
        let asked = &videos[..videos.len().min(answers.len() * FORMATS_BATCH)];
        let asked: Vec<&str> = asked
            .iter()
            .map(|video| video.youtube_video_id.as_str())
            .collect();
        let formats: BTreeMap<&String, &Format> = answers.iter().flatten().collect();
        let _: Vec<()> = in_parts(asked.len(), |part| {
            let arguments = json!({"p_asked": &asked[part], "p_formats": formats});
            pass.engine("save_formats", arguments)
        })
        .await?;
        match done {
            Ok(()) => {}
            // The catalogue is worth having without formats.
            Err(CallError::YouTube(error)) if is_refused(error.kind()) => {
                // Analytics has an allowance of its own, which comes back by itself: the channel does not wait for it.
                let code = match error.kind() {
                    Some(ErrorKind::DailyQuota) => "quota_exhausted",
                    _ => error.code(),
                };
                tracing::warn!(channel.id = %pass.claim.subject_id, code, "Analytics tells no formats");
                let () = pass
                    .engine("refuse_formats", json!({"p_code": code}))
                    .await?;
                return Ok(Progress::Complete);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_refused(kind: Option<ErrorKind>) -> bool {
    matches!(
        kind,
        Some(
            ErrorKind::ScopeMissing
                | ErrorKind::Forbidden
                | ErrorKind::Invalid
                | ErrorKind::DailyQuota
        )
    )
}

async fn formats(
    pass: &Pass<'_>,
    videos: &[Pending],
    today: Date,
) -> Result<HashMap<String, Format>, CallError> {
    let ids: Vec<String> = videos
        .iter()
        .map(|video| video.youtube_video_id.clone())
        .collect();
    let ids = &ids;
    let call = |token| async move {
        let deadline = pass.deadline();
        pass.youtube.formats(&token, ids, today, deadline).await
    };
    match pass.session.call(call).await {
        Err(error) if error.youtube_kind() == Some(ErrorKind::Invalid) => {
            among_the_most_viewed(pass, videos, today).await
        }
        answer => answer,
    }
}

/// The formats of videos that stand next to each other in time, read off the most viewed ones of that time. A span that
/// has more videos than the report has rows is halved while any is missing.
async fn among_the_most_viewed(
    pass: &Pass<'_>,
    videos: &[Pending],
    today: Date,
) -> Result<HashMap<String, Format>, CallError> {
    let mut found = HashMap::new();
    let mut spans = vec![videos];
    while let Some(span) = spans.pop() {
        let days = || {
            span.iter()
                .filter_map(|video| video.published_at)
                .map(|at| QuotaDay::of(at).date())
        };
        let since = days().min().unwrap_or(today).min(today);
        let until = days()
            .max()
            .unwrap_or(today)
            .saturating_add(MOST_VIEWED_DAYS.days())
            .min(today);
        let call = |token| async move {
            let deadline = pass.deadline();
            pass.youtube
                .top_formats(&token, since, until, deadline)
                .await
        };
        let (top, has_more) = pass.session.call(call).await?;
        found.extend(top);
        let misses = span
            .iter()
            .any(|video| !found.contains_key(&video.youtube_video_id));
        if has_more && misses && span.len() > SMALLEST_SPAN {
            let (newer, older) = span.split_at(span.len() / 2);
            spans.extend([newer, older]);
        }
    }
    Ok(found)
}
