//! Uploads whose schedule was lost: videos on a channel that carry our mark and belong to no upload.
//!
//! They were scheduled after the backup, so the database has never heard of them. YouTube publishes them all the same.
//! They are written down, so that the same video is not uploaded once more, and reported, so that somebody can decide.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use catalyst::channels::access;
use catalyst::publishing::title_key;
use clients::youtube::YouTube;
use clients::youtube::manage::OwnVideo;
use jiff::{SignedDuration, Timestamp};
use platform::config::Config;
use platform::db::Db;
use platform::ids::ChannelId;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::{Error, Result};

/// Our marks: `cce-` and an id.
const MARK: &str = "cce-";
/// YouTube's clock and ours may differ by this much.
const SLACK: SignedDuration = SignedDuration::from_mins(10);
/// Pages of a channel's newest uploads.
const PAGES: usize = 20;
const CALL: Duration = Duration::from_secs(20);

/// Reads the deployment's configuration, as its functions would.
pub(super) fn configuration(variables: &BTreeMap<String, String>) -> Result<&'static Config> {
    Config::read(&|name| variables.get(name).cloned())
        .map(|config| &*Box::leak(Box::new(config)))
        .map_err(|error| {
            Error::setup(
                format!("the deployment's configuration is not complete: {error}"),
                "give the variables of the new project with --new-env; .env.example explains each",
            )
        })
}

/// Looks through every connected channel. Answers with the videos, and with the channels that could not be looked at.
pub(super) async fn find(
    connection: &mut PgConnection,
    config: &'static Config,
    since: Timestamp,
) -> Result<Value> {
    let failed = || Error::database("cannot write down what was lost");
    let channels: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select id, title, uploads_playlist_id from public.channels
         where state = 'connected' and uploads_playlist_id is not null order by id",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed())?;
    let (mut found, mut unseen) = (Vec::new(), Vec::new());
    for (channel, title, playlist) in channels {
        let videos = match look(config, channel, &playlist, since - SLACK).await {
            Ok(videos) => videos,
            Err(why) => {
                unseen.push(json!({"channel_id": channel, "title": title, "why": why}));
                continue;
            }
        };
        for video in videos {
            let claimed: bool = sqlx::query_scalar(
                "select exists (select from public.scheduled_uploads
                   where youtube_video_id = $1 or 'cce-' || replace(id::text, '-', '') = any ($2))",
            )
            .bind(&video.id)
            .bind(&video.tags)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
            if claimed {
                continue;
            }
            sqlx::query(
                "insert into private.unclaimed_videos (channel_id, youtube_video_id, title, title_key, file_bytes, publish_at, found_at)
                 values ($1, $2, $3, $4, $5, to_timestamp($6::bigint), private.now()) on conflict do nothing",
            )
            .bind(channel)
            .bind(&video.id)
            .bind(&video.title)
            .bind(title_key(&video.title))
            .bind(video.file_size.and_then(|size| i64::try_from(size).ok()))
            .bind(video.publish_at.map(Timestamp::as_second))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
            found.push(json!({
                "channel_id": channel, "youtube_video_id": video.id, "title": video.title,
                "privacy": video.privacy, "publish_at": video.publish_at,
            }));
        }
    }
    Ok(json!({"videos": found, "channels_not_looked_at": unseen}))
}

/// A channel's uploads since then that carry a mark of ours.
async fn look(
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
    let mut page = None;
    let mut ids = Vec::new();
    for _ in 0..PAGES {
        let listed = youtube
            .uploads(
                &access.token,
                playlist,
                page.as_deref(),
                Instant::now() + CALL,
            )
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
    let mut ours = Vec::new();
    for ids in ids.chunks(50) {
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
    use super::*;

    #[test]
    fn only_our_marks_are_ours() {
        let mark = format!("cce-{}", Uuid::from_u128(7).simple());
        assert!(is_ours(&["a".to_owned(), mark.to_uppercase()], None));
        assert!(is_ours(&[], Some(&format!("{mark}.mp4"))));
        let others = ["cce-", "cce-notes", "ccé-ü"].map(str::to_owned);
        assert!(!is_ours(&others, Some("cce.mp4")));
    }
}
