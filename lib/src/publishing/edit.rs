//! Moving, changing, resuming and cancelling an upload.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::list;
use super::metadata::{DEFAULT_CATEGORY, VideoText};
use super::publish_time::PublishTime;
use super::title_key::title_key;
use super::upload::Upload;
use crate::slots::Zone;
use platform::db::Db;
use platform::endpoint::Problem;
use platform::endpoint::schema_shapes::Tag;
use platform::field_errors::invalid;
use platform::ids::{UploadId, UserId};

/// What to change about an upload; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditBody {
    /// A new time, as an instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub publish_at: Option<Timestamp>,
    /// A new time, on the clocks of `time_zone`.
    #[schema(
        pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
    )]
    pub local_time: Option<String>,
    /// IANA time zone of the new time; the upload's when not given.
    #[schema(format = "iana-time-zone", max_length = 64)]
    pub time_zone: Option<String>,
    /// Title. Like everything below only while nothing was sent.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^<>\x00-\x1f\x7f-\x9f]*[^<>\s\x00-\x1f\x7f-\x9f][^<>\x00-\x1f\x7f-\x9f]*$"
    )]
    pub title: Option<String>,
    /// Description.
    #[schema(max_length = 5000, pattern = "^[^<>]*$")]
    pub description: Option<String>,
    /// Tags.
    #[schema(value_type = Option<Vec<Tag>>)]
    pub tags: Option<Vec<String>>,
    /// YouTube's category.
    #[schema(pattern = "^[0-9]{1,3}$")]
    pub category_id: Option<String>,
    /// Language of title and description.
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
    pub language: Option<String>,
    /// Is it made for kids?
    pub made_for_kids: Option<bool>,
    /// Does it show realistic altered or synthetic content?
    pub altered_content: Option<bool>,
    /// Whether subscribers are told.
    pub notify_subscribers: Option<bool>,
    /// Goes on with an upload that needs attention. A new time does so too.
    #[serde(default)]
    pub resume: bool,
}

/// Moves an upload, changes its text, or resumes it.
///
/// # Errors
///
/// What stands in the way, with the field.
pub async fn edit(
    db: &Db,
    engine: &Db,
    user: UserId,
    id: UploadId,
    version: Option<i64>,
    body: EditBody,
) -> Result<Upload, Problem> {
    VideoText {
        title: body.title.as_deref().unwrap_or("unchanged"),
        description: body.description.as_deref().unwrap_or_default(),
        tags: body.tags.as_deref().unwrap_or_default(),
        category_id: body.category_id.as_deref().unwrap_or(DEFAULT_CATEGORY),
        language: body.language.as_deref(),
    }
    .check()?;
    let time = match publish_time(&body)? {
        Some(time) => Some(
            time.resolve(async { Ok(Zone::stored(&list::get(db, id).await?.time_zone)) })
                .await?,
        ),
        None => None,
    };
    let mut change = json!({
        "title": body.title,
        "title_key": body.title.as_deref().map(title_key),
        "description": body.description,
        "tags": body.tags,
        "category_id": body.category_id,
        "language": body.language,
        "made_for_kids": body.made_for_kids,
        "altered_content": body.altered_content,
        "notify_subscribers": body.notify_subscribers,
        "resume": body.resume.then_some(true),
        "publish_at": time.as_ref().map(|time| time.publish_at),
        "time_zone": time.as_ref().and_then(|time| time.time_zone.as_ref()),
        "local_time": time.as_ref().and_then(|time| time.local_time),
    });
    // What is named is changed, so nothing may be named that was left out.
    if let Some(fields) = change.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    let arguments =
        json!({ "p_user": user, "p_upload": id, "p_version": version, "p_change": change });
    Ok(engine.call("edit_upload", &arguments).await?)
}

fn publish_time(body: &EditBody) -> Result<Option<PublishTime>, Problem> {
    let (local, zone) = (body.local_time.as_deref(), body.time_zone.as_deref());
    let time = PublishTime::parse(body.publish_at, local, zone)?;
    if time.is_none() && zone.is_some() {
        return Err(invalid(
            "/time_zone",
            "needs local_time or publish_at beside it",
        ));
    }
    Ok(time)
}

/// Cancels an upload: at once while nothing was sent, otherwise by keeping the video private.
///
/// # Errors
///
/// [`Kind::InvalidState`](platform::endpoint::Kind::InvalidState) when it is public or has failed.
pub async fn cancel(
    engine: &Db,
    user: UserId,
    id: UploadId,
    version: Option<i64>,
) -> Result<Upload, Problem> {
    let arguments = json!({ "p_user": user, "p_upload": id, "p_version": version });
    Ok(engine.call("cancel_upload", &arguments).await?)
}
