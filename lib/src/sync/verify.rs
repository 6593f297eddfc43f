//! Videos that a whole pass did not meet: still there (an uploads playlist ends at some 20,000), or gone.

use super::batch::Batch;
use super::failure::SyncError;
use super::job::Progress;
use super::pass::{Next, Pass, youtube_ids};
use clients::youtube::read::PAGE;

pub(super) async fn run(pass: &Pass<'_>) -> Result<Progress, SyncError> {
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
