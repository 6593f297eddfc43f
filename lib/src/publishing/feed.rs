//! The calendar feed: its secret address, and what stands on it.

use http::Response;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use vercel_runtime::ResponseBody;

use super::icalendar::{self, Event};
use platform::endpoint::{Problem, Raw, Reply};
use platform::{clock, db::Db, ids::UserId, random};

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
    let arguments = json!({ "p_user": user, "p_secret_hash": hash });
    let () = engine.call("set_calendar_feed", &arguments).await?;
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
    let arguments = json!({ "p_user": user });
    Ok(engine.call("revoke_calendar_feed", &arguments).await?)
}

/// The calendar that a secret opens.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound) for a secret that is unknown or was replaced.
pub async fn read(engine: &Db, query: &FeedQuery) -> Result<Reply<Raw>, Problem> {
    if query.secret.len() > 128 {
        return Err(Problem::not_found());
    }
    let hash = random::sha256_text(&query.secret);
    let arguments = json!({ "p_secret_hash": hash });
    let events: Vec<Event> = engine.call("read_calendar_feed", &arguments).await?;
    let text = icalendar::write("Videos to be published", &events, clock::now());
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/calendar; charset=utf-8")
        .header(CONTENT_DISPOSITION, "inline; filename=\"videos.ics\"")
        .body(ResponseBody::from(text));
    Ok(Reply::raw(response.map_err(Problem::internal)?))
}
