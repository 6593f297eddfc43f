//! The calendar feed: its secret address, and what stands on it.

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Response};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use vercel_runtime::ResponseBody;

use super::icalendar::{self, Event, Status};
use super::state::UploadState;
use super::upload::{Intent, Upload};
use platform::clock;
use platform::db::Db;
use platform::endpoint::{Problem, Raw, Reply};
use platform::ids::UserId;
use platform::random;

/// Bytes of randomness in a feed's secret.
const SECRET_BYTES: usize = 32;

/// The secret of a feed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FeedQuery {
    /// The secret that is part of the feed's address.
    pub secret: String,
}

/// A new calendar address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Feed {
    /// Subscribe to this in any calendar program. It is shown once; who has it can read the calendar.
    pub url: String,
}

/// Makes the user's calendar address, or replaces it: the old one then leads nowhere.
///
/// # Errors
///
/// The database, or a system without randomness.
pub async fn rotate(engine: &Db, user: UserId, app_url: &Url) -> Result<Feed, Problem> {
    let secret = random::random_text(SECRET_BYTES).map_err(Problem::internal)?;
    let hash = random::sha256_text(secret.expose_secret());
    let () = engine
        .call(
            "set_calendar_feed",
            &json!({ "p_user": user, "p_secret_hash": hash }),
        )
        .await?;
    let mut url = app_url.clone();
    url.set_path("/api/schedule/calendar");
    url.query_pairs_mut()
        .append_pair("secret", secret.expose_secret());
    Ok(Feed { url: url.into() })
}

/// Ends the user's calendar address. There may be none.
///
/// # Errors
///
/// The database.
pub async fn revoke(engine: &Db, user: UserId) -> Result<(), Problem> {
    let () = engine
        .call("revoke_calendar_feed", &json!({ "p_user": user }))
        .await?;
    Ok(())
}

/// The calendar that a secret opens.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound) for a secret that is unknown or was replaced.
pub async fn read(engine: &Db, query: &FeedQuery) -> Result<Reply<Raw>, Problem> {
    #[derive(Deserialize)]
    struct Entry {
        channel_title: String,
        #[serde(flatten)]
        upload: Upload,
    }
    if query.secret.len() > 128 {
        return Err(Problem::not_found());
    }
    let hash = random::sha256_text(&query.secret);
    let entries: Vec<Entry> = engine
        .call("read_calendar_feed", &json!({ "p_secret_hash": hash }))
        .await?;
    let events: Vec<Event> = entries
        .into_iter()
        .map(|entry| event(entry.upload, &entry.channel_title))
        .collect();
    let text = icalendar::write("Videos to be published", &events, clock::now());
    let mut response = Response::new(ResponseBody::from(text));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/calendar; charset=utf-8"),
    );
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("inline; filename=\"videos.ics\""),
    );
    Ok(Reply::raw(response))
}

fn event(upload: Upload, channel: &str) -> Event {
    let status = match upload.state {
        _ if upload.intent == Intent::KeepPrivate => Status::Cancelled,
        UploadState::Cancelled | UploadState::Failed => Status::Cancelled,
        UploadState::OnYoutube | UploadState::Published => Status::Confirmed,
        _ => Status::Tentative,
    };
    let state = format!("{channel}: {}", upload.state.to_string().replace('_', " "));
    let lines = [
        Some(state.as_str()),
        upload.explanation.as_deref(),
        upload.next_action.as_deref(),
    ];
    Event {
        id: upload.id.0,
        sequence: upload.version,
        at: upload.publish_at,
        changed_at: upload.updated_at,
        summary: upload.title,
        description: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        url: upload.youtube_url,
        status,
    }
}
