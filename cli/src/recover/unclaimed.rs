//! Uploads whose schedule was lost: videos on a channel that carry our mark and belong to no upload.
//!
//! They were scheduled after the backup, so the database has never heard of them. YouTube publishes them all the same.
//! They are written down, so that the same video is not uploaded once more, and reported, so that somebody can decide.

use std::time::{Duration, Instant};

use catalyst::{channels::access, publishing::title_key};
use clients::youtube::manage::OwnVideo;
use clients::youtube::{AccessToken, YouTube};
use jiff::{SignedDuration, Timestamp};
use platform::{config::Config, db::Db, ids::ChannelId};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Error, Result};

/// YouTube's clock and ours may differ by this much.
const SLACK: SignedDuration = SignedDuration::from_mins(10);
/// Our marks: `cce-` and an id.
const MARK: &str = "cce-";
/// Pages of a channel's newest uploads.
const PAGES: usize = 20;
/// How long a call may take.
const CALL: Duration = Duration::from_secs(20);

/// Looks through every connected channel. Answers with the videos, and with the channels that could not be looked at.
pub(super) async fn find(
    connection: &mut PgConnection,
    config: &'static Config,
    since: Timestamp,
) -> Result<Value> {
    let found = look(connection, config, since - SLACK).await;
    found.map_err(Error::database("cannot write down what was lost"))
}

async fn look(
    connection: &mut PgConnection,
    config: &'static Config,
    since: Timestamp,
) -> sqlx::Result<Value> {
    let channels: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select id, title, uploads_playlist_id from public.channels
         where state = 'connected' and uploads_playlist_id is not null order by id",
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut found, mut unseen) = (Vec::new(), Vec::new());
    for (channel, title, playlist) in channels {
        let videos = match search(config, channel, &playlist, since).await {
            Ok(videos) => videos,
            Err(why) => {
                unseen.push(json!({"channel_id": channel, "title": title, "why": why}));
                continue;
            }
        };
        for video in videos {
            if record(connection, channel, &video).await? {
                found.push(json!({
                    "channel_id": channel, "youtube_video_id": video.id, "title": video.title,
                    "privacy": video.privacy, "publish_at": video.publish_at,
                }));
            }
        }
    }
    Ok(json!({"videos": found, "channels_not_looked_at": unseen}))
}

/// Writes a video down unless an upload in the database made it; true when none did.
async fn record(
    connection: &mut PgConnection,
    channel: Uuid,
    video: &OwnVideo,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "with claimed as (
           select exists (select from public.scheduled_uploads
             where youtube_video_id = $2 or 'cce-' || replace(id::text, '-', '') = any ($7)) as yes
         ), noted as (
           insert into private.unclaimed_videos (channel_id, youtube_video_id, title, title_key, file_bytes, publish_at, found_at)
           select $1, $2, $3, $4, $5, to_timestamp($6::bigint), private.now() from claimed where not yes on conflict do nothing
         )
         select not yes from claimed",
    )
    .bind(channel)
    .bind(&video.id)
    .bind(&video.title)
    .bind(title_key(&video.title))
    .bind(video.file_size.and_then(|size| i64::try_from(size).ok()))
    .bind(video.publish_at.map(Timestamp::as_second))
    .bind(&video.tags)
    .fetch_one(connection)
    .await
}

/// A channel's uploads since then that carry a mark of ours.
async fn search(
    config: &'static Config,
    channel: Uuid,
    playlist: &str,
    since: Timestamp,
) -> Result<Vec<OwnVideo>, String> {
    let google = config.google.as_ref();
    let google = google.ok_or("GOOGLE_CLIENT_ID is not set")?;
    let youtube = YouTube::new(platform::outbound::transport().clone(), google);
    let access = access::token(&Db::engine(config), config, ChannelId(channel), None).await;
    let token = access.map_err(|error| error.to_string())?.token;
    let uploads = newest_uploads(&youtube, &token, playlist, since).await?;
    let mut ours = Vec::new();
    for ids in uploads.chunks(50) {
        let videos = youtube.own_videos(&token, ids, Instant::now() + CALL).await;
        ours.extend(videos.map_err(|error| error.to_string())?);
    }
    ours.retain(|video| {
        let marked = is_ours(&video.tags, video.file_name.as_deref());
        marked && video.uploaded_at.is_none_or(|at| at >= since)
    });
    Ok(ours)
}

/// The ids of a channel's uploads since then, and of some before.
async fn newest_uploads(
    youtube: &YouTube,
    token: &AccessToken,
    playlist: &str,
    since: Timestamp,
) -> Result<Vec<String>, String> {
    let mut page = None;
    let mut ids = Vec::new();
    for _ in 0..PAGES {
        let (from, until) = (page.as_deref(), Instant::now() + CALL);
        let listed = youtube.uploads(token, playlist, from, until).await;
        let listed = listed.map_err(|error| error.to_string())?;
        let goes_on = listed.oldest().is_none_or(|oldest| oldest >= since);
        ids.extend(listed.items.into_iter().map(|item| item.video_id));
        page = listed.next.filter(|_| goes_on);
        if page.is_none() {
            break;
        }
    }
    Ok(ids)
}

fn is_ours(tags: &[String], file_name: Option<&str>) -> bool {
    let marked = |text: &str| {
        let id = text
            .strip_prefix(MARK)
            .and_then(|rest| rest.as_bytes().get(..32));
        id.is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit))
    };
    tags.iter().any(|tag| marked(&tag.to_lowercase())) || file_name.is_some_and(marked)
}

#[cfg(test)]
mod tests;
