//! Videos of a channel that carry a mark of ours.

use std::time::{Duration, Instant};

use catalyst::channels::access;
use clients::youtube::manage::OwnVideo;
use clients::youtube::{AccessToken, YouTube};
use jiff::Timestamp;
use platform::config::Config;
use platform::db::Db;
use platform::ids::ChannelId;
use uuid::Uuid;

/// Our marks: `cce-` and an id.
const MARK: &str = "cce-";
/// Pages of a channel's newest uploads.
const PAGES: usize = 20;
/// How long a call may take.
const CALL: Duration = Duration::from_secs(20);

/// A channel's uploads since then that carry a mark of ours.
pub(super) async fn search(
    config: &'static Config,
    channel: Uuid,
    playlist: &str,
    since: Timestamp,
) -> std::result::Result<Vec<OwnVideo>, String> {
    let google = config
        .google
        .as_ref()
        .ok_or("GOOGLE_CLIENT_ID is not set")?;
    let youtube = YouTube::new(platform::outbound::transport().clone(), google);
    let access = access::token(&Db::engine(config), config, ChannelId(channel), None)
        .await
        .map_err(|error| error.to_string())?;
    let uploads = newest_uploads(&youtube, &access.token, playlist, since).await?;
    let mut ours = Vec::new();
    for ids in uploads.chunks(50) {
        let videos = youtube
            .own_videos(&access.token, ids, Instant::now() + CALL)
            .await
            .map_err(|error| error.to_string())?;
        ours.extend(videos.into_iter().filter(|video| {
            video.uploaded_at.is_none_or(|at| at >= since)
                && is_ours(&video.tags, video.file_name.as_deref())
        }));
    }
    Ok(ours)
}

/// The ids of a channel's uploads since then, and of some before.
async fn newest_uploads(
    youtube: &YouTube,
    token: &AccessToken,
    playlist: &str,
    since: Timestamp,
) -> std::result::Result<Vec<String>, String> {
    let mut page = None;
    let mut ids = Vec::new();
    for _ in 0..PAGES {
        let listed = youtube
            .uploads(token, playlist, page.as_deref(), Instant::now() + CALL)
            .await
            .map_err(|error| error.to_string())?;
        let oldest = listed.oldest();
        ids.extend(listed.items.into_iter().map(|item| item.video_id));
        page = listed
            .next
            .filter(|_| oldest.is_none_or(|oldest| oldest >= since));
        if page.is_none() {
            break;
        }
    }
    Ok(ids)
}

fn is_ours(tags: &[String], file_name: Option<&str>) -> bool {
    let marked = |text: &str| {
        text.strip_prefix(MARK)
            .and_then(|rest| rest.as_bytes().get(..32))
            .is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit))
    };
    tags.iter().any(|tag| marked(&tag.to_lowercase())) || file_name.is_some_and(marked)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::is_ours;

    #[test]
    fn only_our_marks_are_ours() {
        let mark = format!("cce-{}", Uuid::from_u128(7).simple());
        assert!(is_ours(&["a".to_owned(), mark.to_uppercase()], None));
        assert!(is_ours(&[], Some(&format!("{mark}.mp4"))));
        let others = ["cce-", "cce-notes", "ccé-ü"].map(str::to_owned);
        assert!(!is_ours(&others, Some("cce.mp4")));
    }
}
