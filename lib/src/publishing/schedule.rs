//! Scheduling a render.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::metadata::{DEFAULT_CATEGORY, VideoText};
use super::publish_time::PublishTime;
use super::required_answers::required_answers;
use super::title_key::title_key;
use super::upload::Upload;
use crate::slots::Zone;
use platform::db::{Db, DbError, Fetch as _};
use platform::endpoint::schema_shapes::Tag;
use platform::endpoint::{Idempotency, Problem};
use platform::field_errors::invalid;
use platform::ids::{RenderId, UserId};

/// A render to be published. Give the time either as an instant (`publish_at`) or on the clocks of a zone
/// (`local_time`, with the channel's zone unless `time_zone` names another).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleBody {
    /// The render, running or completed. Its channel is the one that publishes.
    pub render_id: RenderId,
    /// Title, at most 100 characters, without `<` and `>`.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^<>\x00-\x1f\x7f-\x9f]*[^<>\s\x00-\x1f\x7f-\x9f][^<>\x00-\x1f\x7f-\x9f]*$"
    )]
    pub title: String,
    /// Description, at most 5000 bytes, without `<` and `>`.
    #[serde(default)]
    #[schema(max_length = 5000, pattern = "^[^<>]*$")]
    pub description: String,
    /// Tags.
    #[serde(default)]
    #[schema(value_type = Vec<Tag>)]
    pub tags: Vec<String>,
    /// YouTube's category; "22" (People & Blogs) when not given.
    #[schema(pattern = "^[0-9]{1,3}$")]
    pub category_id: Option<String>,
    /// Language of title and description, BCP 47.
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
    pub language: Option<String>,
    /// Is it made for kids? Has to be answered.
    pub made_for_kids: Option<bool>,
    /// Does it show realistic altered or synthetic content? Has to be answered.
    pub altered_content: Option<bool>,
    /// Whether subscribers are told when it is published; true when not given.
    pub notify_subscribers: Option<bool>,
    /// Whether the render's own picture becomes the video's thumbnail; YouTube chooses one when not given.
    pub thumbnail: Option<bool>,
    /// When to publish it, as an instant.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-24T17:00:00Z")]
    pub publish_at: Option<Timestamp>,
    /// When to publish it, on the clocks of `time_zone`. A time that the clocks skip moves forward by the gap; of one
    /// that they repeat the first is meant.
    #[schema(
        example = "2026-11-24T18:00",
        pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
    )]
    pub local_time: Option<String>,
    /// IANA time zone; the channel's when not given.
    #[schema(example = "Europe/Berlin", format = "iana-time-zone", max_length = 64)]
    pub time_zone: Option<String>,
}

/// Schedules a render.
///
/// # Errors
///
/// What stands in the way, with the field.
pub async fn schedule(
    db: &Db,
    engine: &Db,
    user: UserId,
    idempotency: Option<&Idempotency>,
    body: ScheduleBody,
) -> Result<Upload, Problem> {
    let (made_for_kids, altered_content) =
        required_answers(body.made_for_kids, body.altered_content)?;
    let category_id = body.category_id.as_deref().unwrap_or(DEFAULT_CATEGORY);
    VideoText {
        title: &body.title,
        description: &body.description,
        tags: &body.tags,
        category_id,
        language: body.language.as_deref(),
    }
    .check()?;
    let time = publish_time(&body)?
        .resolve(home_zone(db, body.render_id))
        .await?;
    let upload = json!({
        "render_id": body.render_id,
        "title": body.title,
        "title_key": title_key(&body.title),
        "description": body.description,
        "tags": body.tags,
        "category_id": category_id,
        "language": body.language,
        "made_for_kids": made_for_kids,
        "altered_content": altered_content,
        "notify_subscribers": body.notify_subscribers,
        "thumbnail": body.thumbnail,
        "publish_at": time.publish_at,
        "time_zone": time.time_zone,
        "local_time": time.local_time,
    });
    let arguments = json!({ "p_user": user, "p_idempotency": idempotency, "p_upload": upload });
    Ok(engine.call("schedule_upload", &arguments).await?)
}

fn publish_time(body: &ScheduleBody) -> Result<PublishTime, Problem> {
    let (local, zone) = (body.local_time.as_deref(), body.time_zone.as_deref());
    PublishTime::parse(body.publish_at, local, zone)?
        .ok_or_else(|| invalid("/publish_at", "or local_time must be given"))
}

/// The zone of the channel that a render is for.
async fn home_zone(db: &Db, render: RenderId) -> Result<Zone, DbError> {
    #[derive(Deserialize)]
    struct Render {
        channels: Channel,
    }
    #[derive(Deserialize)]
    struct Channel {
        time_zone: String,
    }
    let render: Render = db
        .from("renders")
        .select("channels(time_zone)")
        .eq("id", render)
        .one()
        .await?;
    Ok(Zone::stored(&render.channels.time_zone))
}
