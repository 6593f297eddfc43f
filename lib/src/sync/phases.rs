//! The phases of a pass that go through videos batch by batch: what is asked of YouTube, and what is stored of the answer.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use serde_json::json;

use super::catalogue::Batch;
use super::failure::SyncError;
use super::pass::{Job, Next, Pass, Progress, gather, youtube_ids};
use crate::channels::access::CallError;
use crate::pipeline::in_parts;
use clients::youtube::read::{Counters, PAGE};

/// The channel itself: name, picture, subscribers, and where its uploads are listed. Stores them, which ends the phase.
pub(super) async fn identity(pass: &Pass<'_>, job: &Job) -> Result<Job, SyncError> {
    let channel = pass
        .metered(&pass.units, |token| async move {
            pass.youtube.my_channel(&token, pass.deadline()).await
        })
        .await?
        .ok_or(SyncError::Permanent {
            code: "no_channel",
            message: "The account has no channel any more.",
        })?;
    if channel.id != job.youtube_channel_id {
        return Err(SyncError::Permanent {
            code: "channel_mismatch",
            message: "The permission is now for another channel. Connect this one again.",
        });
    }
    let identity = json!({
        "title": channel.title, "handle": channel.handle, "thumbnail_url": channel.thumbnail_url,
        "uploads_playlist_id": channel.uploads_playlist_id, "subscriber_count": channel.subscriber_count,
    });
    let next = pass.engine("save_identity", json!({"p_channel": identity}));
    Ok(next.await?)
}

/// Videos that a whole pass did not meet: still there (an uploads playlist ends at some 20,000), or gone.
pub(super) async fn verify(pass: &Pass<'_>) -> Result<Progress, SyncError> {
    loop {
        let ids = match pass.next(PAGE).await? {
            Next::Videos(videos) => youtube_ids(videos),
            Next::End(progress) => return Ok(progress),
        };
        let mut batch = Batch::default();
        for mut video in pass.videos(&ids).await? {
            // Only the playlist knows when a video became public; what is stored stays.
            video.published_at = None;
            batch.videos.insert(video.id.clone(), video);
        }
        batch.gone = ids
            .into_iter()
            .filter(|id| !batch.videos.contains_key(id))
            .collect();
        batch.save(pass, None).await?;
    }
}

/// Views, likes and comments of today.
pub(super) async fn counters(pass: &Pass<'_>) -> Result<Progress, SyncError> {
    loop {
        let ids = match pass.next(10 * PAGE).await? {
            Next::Videos(videos) => youtube_ids(videos),
            Next::End(progress) => return Ok(progress),
        };
        let calls = ids.chunks(PAGE).map(|ids| counters_of(pass, ids).boxed());
        let (answers, done) = gather(calls.collect()).await;
        let asked = &ids[..ids.len().min(answers.len() * PAGE)];
        let by_id: BTreeMap<&str, &Counters> = answers
            .iter()
            .flatten()
            .map(|counters| (counters.id.as_str(), counters))
            .collect();
        let _: Vec<()> = in_parts(asked.len(), |part| {
            let asked = &asked[part];
            let counters = asked.iter().filter_map(|id| by_id.get(id.as_str()));
            let counters: Vec<_> = counters.collect();
            pass.engine(
                "save_counters",
                json!({"p_asked": asked, "p_counters": counters}),
            )
        })
        .await?;
        done?;
    }
}

async fn counters_of(pass: &Pass<'_>, ids: &[String]) -> Result<Vec<Counters>, CallError> {
    pass.metered(&pass.stats, |token| async move {
        pass.youtube.counters(&token, ids, pass.deadline()).await
    })
    .await
}
