//! Scheduling a render; moving, changing, resuming and cancelling its upload.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::metadata::{DEFAULT_CATEGORY, VideoText, required_answers, title_key};
use super::{list, publish_time::PublishTime, upload::Upload};
use crate::slots::Zone;
use platform::db::{Db, DbError, Fetch as _};
use platform::endpoint::schema_shapes::{LocalDateTime, Tag, VideoTitle};
use platform::endpoint::{Idempotency, Problem};
use platform::field_errors::invalid;
use platform::ids::{RenderId, UploadId, UserId};
use platform::nullable::{emptied, given, required};

/// A render to be published. Give the time either as an instant (`publish_at`) or on the clocks of a zone
/// (`local_time`, with the channel's zone unless `time_zone` names another).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleBody {
    /// The render, running or completed. Its channel is the one that publishes.
    pub render_id: RenderId,
    /// Title, at most 100 characters, without `<` and `>`.
    #[schema(value_type = VideoTitle)]
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
    #[schema(pattern = "^(1|2|10|15|17|19|20|2[2-9])$")]
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
    #[schema(example = "2026-11-24T17:00:00Z")]
    pub publish_at: Option<Timestamp>,
    /// When to publish it, on the clocks of `time_zone`. A time that the clocks skip moves forward by the gap; of one
    /// that they repeat the first is meant.
    #[schema(value_type = Option<LocalDateTime>, example = "2026-11-24T18:00")]
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
    let plan = plan(db, body).await?;
    plan.schedule(engine, user, idempotency).await
}

/// An upload that could be scheduled, at a time that is an instant by now.
#[derive(Debug)]
pub struct Plan(Value);

/// Checks what can be checked before anything is scheduled.
///
/// # Errors
///
/// The field that is not acceptable.
pub async fn plan(db: &Db, body: ScheduleBody) -> Result<Plan, Problem> {
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
    let (local, zone) = (body.local_time.as_deref(), body.time_zone.as_deref());
    let time = PublishTime::read(body.publish_at, local, zone, home_zone(db, body.render_id))
        .await?
        .ok_or_else(|| invalid("/publish_at", "or local_time must be given"))?;
    let mut upload = json!(body);
    upload["title_key"] = json!(title_key(&body.title));
    upload["category_id"] = json!(category_id);
    time.write_to(&mut upload);
    Ok(Plan(upload))
}

impl Plan {
    /// The upload's fields.
    pub fn fields(&self) -> &Value {
        &self.0
    }

    /// Schedules it.
    ///
    /// # Errors
    ///
    /// What stands in the way, with the field.
    pub async fn schedule(
        self,
        engine: &Db,
        user: UserId,
        idempotency: Option<&Idempotency>,
    ) -> Result<Upload, Problem> {
        let arguments = json!({ "p_user": user, "p_idempotency": idempotency, "p_upload": self.0 });
        Ok(engine.call("schedule_upload", &arguments).await?)
    }
}

/// The zone of the channel that a render is for.
async fn home_zone(db: &Db, render: RenderId) -> Result<Zone, DbError> {
    let rows = db.from("renders").select("channels(time_zone)");
    let render: Value = rows.eq("id", render).one().await?;
    Ok(Zone::stored(
        render["channels"]["time_zone"].as_str().unwrap_or_default(),
    ))
}

/// Changes of an upload. A field that is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UploadChanges {
    /// A new time, as an instant.
    #[schema(value_type = Timestamp, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub publish_at: Option<Timestamp>,
    /// A new time, on the clocks of `time_zone`.
    #[schema(value_type = LocalDateTime, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub local_time: Option<String>,
    /// IANA time zone of the new time; the upload's when not given.
    #[schema(value_type = String, required = false, format = "iana-time-zone", max_length = 64)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub time_zone: Option<String>,
    /// Title. Like everything below only while nothing was sent.
    #[schema(value_type = VideoTitle, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub title: Option<String>,
    /// Description; null for none.
    #[schema(max_length = 5000, pattern = "^[^<>]*$")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "emptied")]
    pub description: Option<String>,
    /// Tags; null for none.
    #[schema(value_type = Option<Vec<Tag>>)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "emptied")]
    pub tags: Option<Vec<String>>,
    /// YouTube's category.
    #[schema(value_type = String, required = false, pattern = "^(1|2|10|15|17|19|20|2[2-9])$")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub category_id: Option<String>,
    /// Language of title and description; null for none.
    #[schema(value_type = Option<String>, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub language: Option<Option<String>>,
    /// Is it made for kids?
    #[schema(value_type = bool, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub made_for_kids: Option<bool>,
    /// Does it show realistic altered or synthetic content?
    #[schema(value_type = bool, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub altered_content: Option<bool>,
    /// Whether subscribers are told.
    #[schema(value_type = bool, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub notify_subscribers: Option<bool>,
    /// Goes on with an upload that needs attention. A new time does so too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resume: bool,
}

/// Moves an upload, changes its text, or resumes it.
///
/// # Errors
///
/// What stands in the way, with the field.
pub async fn update(
    db: &Db,
    engine: &Db,
    user: UserId,
    id: UploadId,
    version: Option<i64>,
    changes: UploadChanges,
) -> Result<Upload, Problem> {
    if changes == UploadChanges::default() {
        return Err(invalid("", "must hold at least one change"));
    }
    let language = changes.language.as_ref().and_then(Option::as_deref);
    VideoText {
        title: changes.title.as_deref().unwrap_or("unchanged"),
        description: changes.description.as_deref().unwrap_or_default(),
        tags: changes.tags.as_deref().unwrap_or_default(),
        category_id: changes.category_id.as_deref().unwrap_or(DEFAULT_CATEGORY),
        language,
    }
    .check()?;
    let (local, zone) = (changes.local_time.as_deref(), changes.time_zone.as_deref());
    let home = async { Ok(Zone::stored(&list::get(db, id).await?.time_zone)) };
    let time = PublishTime::read(changes.publish_at, local, zone, home).await?;
    let mut change = json!(changes);
    if let Some(title) = &changes.title {
        change["title_key"] = json!(title_key(title));
    }
    match time {
        Some(time) => time.write_to(&mut change),
        None if zone.is_some() => {
            return Err(invalid(
                "/time_zone",
                "needs local_time or publish_at beside it",
            ));
        }
        None => {}
    }
    let arguments =
        json!({ "p_user": user, "p_upload": id, "p_version": version, "p_change": change });
    Ok(engine.call("edit_upload", &arguments).await?)
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
