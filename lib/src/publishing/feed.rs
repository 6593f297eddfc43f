//! The calendar feed: its secret address, and what stands on it.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::json;
use url::Url;
use utoipa::ToSchema;
use vercel_runtime::ResponseBody;

use super::icalendar::{self, Event};
use platform::endpoint::{Idempotency, Problem, Raw, Reply};
use platform::{clock, db::Db, ids::UserId, random};

/// Bytes of randomness in a feed's secret.
const SECRET_BYTES: usize = 32;

/// A new calendar address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Calendar {
    /// Subscribe to this in any calendar program. Who has it can read the calendar. Shown now and never again: null when the
    /// same request is repeated.
    pub url: Option<String>,
}

/// Makes the user's calendar address, or replaces it: the old one then leads nowhere.
///
/// # Errors
///
/// The database, or a system without randomness.
pub async fn create(
    engine: &Db,
    user: UserId,
    idempotency: Option<&Idempotency>,
    app_url: &Url,
) -> Result<Calendar, Problem> {
    let secret = random::random_text(SECRET_BYTES).map_err(Problem::internal)?;
    let hash = random::sha256_text(secret.expose_secret());
    let arguments = json!({ "p_user": user, "p_idempotency": idempotency, "p_secret_hash": hash });
    let kept: String = engine.call("set_calendar_feed", &arguments).await?;
    let mut url = app_url.clone();
    let secret = secret.expose_secret();
    url.set_path(&format!("/api/schedule/calendar/{secret}.ics"));
    let url = (kept == hash).then(|| url.into());
    Ok(Calendar { url })
}

/// Ends the user's calendar address. There may be none.
///
/// # Errors
///
/// The database.
pub async fn delete(engine: &Db, user: UserId) -> Result<(), Problem> {
    let arguments = json!({ "p_user": user });
    Ok(engine.call("revoke_calendar_feed", &arguments).await?)
}

/// The calendar that a secret opens; 304 for a reader that has it already.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound) for a secret that is unknown or was replaced.
pub async fn read(engine: &Db, secret: &str, headers: &HeaderMap) -> Result<Reply<Raw>, Problem> {
    if secret.len() > 128 {
        return Err(Problem::not_found());
    }
    let hash = random::sha256_text(secret);
    let arguments = json!({ "p_secret_hash": hash });
    let events: Vec<Event> = engine.call("read_calendar_feed", &arguments).await?;
    let write = |at| icalendar::write("Videos to be published", &events, at);
    // Two readings differ in their stamps at least, which say nothing.
    let tag = format!(
        "W/\"{}\"",
        random::sha256_text(&write(Timestamp::UNIX_EPOCH))
    );
    let changed_at = events.iter().map(Event::changed_at).max();
    let mut response = Response::builder()
        .header(ETAG, &tag)
        // Programs keep what they read, and ask whether it still holds.
        .header(CACHE_CONTROL, "private, no-cache");
    if let Some(changed_at) = changed_at {
        response = response.header(LAST_MODIFIED, httpdate::fmt_http_date(changed_at.into()));
    }
    let response = match is_known(headers, &tag, changed_at) {
        true => response
            .status(StatusCode::NOT_MODIFIED)
            .body(ResponseBody::from(())),
        false => response
            .header(CONTENT_TYPE, "text/calendar; charset=utf-8")
            .header(CONTENT_DISPOSITION, "inline; filename=\"videos.ics\"")
            .body(ResponseBody::from(write(clock::now()))),
    };
    Ok(Reply::raw(response.map_err(Problem::internal)?))
}

/// Whether a reader has it: by its tag, or where it sends none by the second of the last change (RFC 9110, 13.2.2).
fn is_known(headers: &HeaderMap, tag: &str, changed_at: Option<Timestamp>) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if let Some(known) = text(IF_NONE_MATCH) {
        let bare = tag.trim_start_matches("W/");
        let mut tags = known.split(',').map(str::trim);
        return tags.any(|known| known == "*" || known.trim_start_matches("W/") == bare);
    }
    let since = text(IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
    let since = since.and_then(|since| Timestamp::try_from(since).ok());
    since
        .zip(changed_at)
        .is_some_and(|(since, changed_at)| changed_at.as_second() <= since.as_second())
}
