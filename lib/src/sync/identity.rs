//! The channel itself: name, picture, subscribers, and where its uploads are listed.

use serde_json::json;

use super::failure::SyncError;
use super::job::Job;
use super::pass::Pass;

/// Stores them, which ends the phase.
pub(super) async fn run(pass: &Pass<'_>, job: &Job) -> Result<Job, SyncError> {
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
