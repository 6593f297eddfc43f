//! Uploads whose schedule was lost: videos on a channel that carry our mark and belong to no upload.
//!
//! They were scheduled after the backup, so the database has never heard of them. YouTube publishes them all the same.
//! They are written down, so that the same video is not uploaded once more, and reported, so that somebody can decide.

use std::collections::BTreeMap;

use catalyst::publishing::title_key;
use clients::youtube::manage::OwnVideo;
use jiff::{SignedDuration, Timestamp};
use platform::config::Config;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::channel_search::search;
use crate::error::{Error, Result};

/// YouTube's clock and ours may differ by this much.
const SLACK: SignedDuration = SignedDuration::from_mins(10);

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
        let videos = match search(config, channel, &playlist, since - SLACK).await {
            Ok(videos) => videos,
            Err(why) => {
                unseen.push(json!({"channel_id": channel, "title": title, "why": why}));
                continue;
            }
        };
        for video in videos {
            if is_claimed(connection, &video).await.map_err(failed())? {
                continue;
            }
            record(connection, channel, &video)
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

/// Whether an upload in the database made the video.
async fn is_claimed(connection: &mut PgConnection, video: &OwnVideo) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from public.scheduled_uploads
           where youtube_video_id = $1 or 'cce-' || replace(id::text, '-', '') = any ($2))",
    )
    .bind(&video.id)
    .bind(&video.tags)
    .fetch_one(connection)
    .await
}

async fn record(
    connection: &mut PgConnection,
    channel: Uuid,
    video: &OwnVideo,
) -> sqlx::Result<()> {
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
    .execute(connection)
    .await
    .map(drop)
}
