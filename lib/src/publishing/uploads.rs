//! Uploads as users see them: schedule, look, move, cancel, and the next free slots.

use jiff::{SignedDuration, Timestamp, Unit, civil::DateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::conflicts;
use super::metadata::{VideoText, Violation};
use super::slots::{self, SlotTime, Taken, WeeklySlot, Zone};
use super::state::{Reason, UploadState};
use clients::quota_day::QuotaDay;
use platform::clock;
use platform::db::{Db, DbError, Fetch as _};
use platform::endpoint::schema_shapes::Tag;
use platform::endpoint::{Idempotency, Kind, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, RenderId, UploadId, UserId};

/// YouTube's category "People & Blogs".
const DEFAULT_CATEGORY: &str = "22";
/// Columns of [`Row`].
const COLUMNS: &str = "id,channel_id,render_id,state,reason,intent,title,description,tags,category_id,language,\
    made_for_kids,altered_content,notify_subscribers,publish_at,time_zone,local_time,youtube_video_id,bytes_total,\
    bytes_sent,next_attempt_at,last_error,thumbnail,thumbnail_error,published_at,state_changed_at,version,created_at,updated_at";

/// A row of `scheduled_uploads`.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Id.
    pub id: UploadId,
    /// The channel it goes to.
    pub channel_id: ChannelId,
    /// The render it publishes.
    pub render_id: RenderId,
    /// State.
    pub state: UploadState,
    /// Why it is in this state.
    pub reason: Option<String>,
    /// `publish`, or `keep_private` after a cancellation.
    pub intent: Intent,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// YouTube's category.
    pub category_id: String,
    /// Language.
    pub language: Option<String>,
    /// Whether it is made for kids.
    pub made_for_kids: Option<bool>,
    /// Whether it shows realistic altered or synthetic content.
    pub altered_content: Option<bool>,
    /// Whether subscribers are told.
    pub notify_subscribers: bool,
    /// When it is published.
    pub publish_at: Option<Timestamp>,
    /// The zone in which the time was chosen.
    pub time_zone: Option<String>,
    /// The time on that zone's clocks.
    pub local_time: Option<DateTime>,
    /// The publish time that YouTube was last told.
    #[serde(default)]
    pub youtube_publish_at: Option<Timestamp>,
    /// The video it has become.
    pub youtube_video_id: Option<String>,
    /// Size of the file.
    pub bytes_total: Option<u64>,
    /// How much of it YouTube has.
    pub bytes_sent: u64,
    /// When it goes on by itself.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<Value>,
    /// What has become of the picture.
    pub thumbnail: Thumbnail,
    /// Why it was not set.
    pub thumbnail_error: Option<Value>,
    /// When it was seen to be public.
    pub published_at: Option<Timestamp>,
    /// When its state last changed.
    pub state_changed_at: Timestamp,
    /// Counts changes.
    pub version: i64,
    /// When it was scheduled.
    pub created_at: Timestamp,
    /// When it was last touched.
    pub updated_at: Timestamp,
}

/// Whether the render's picture becomes the video's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thumbnail {
    /// YouTube chooses.
    None,
    /// It will be set once the video is on YouTube.
    Wanted,
    /// It is set.
    Set,
    /// It could not be set.
    Failed,
}

/// What shall become of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// It is published.
    Publish,
    /// It was cancelled after bytes were sent: whatever is on YouTube stays private.
    KeepPrivate,
}

/// The publication of one render on one channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Upload {
    /// Id.
    pub id: UploadId,
    /// The channel it goes to.
    pub channel_id: ChannelId,
    /// The render it publishes.
    pub render_id: RenderId,
    /// How far it has come.
    pub state: UploadState,
    /// Why it is in this state, as a stable slug; null when the state says it all.
    pub reason: Option<String>,
    /// The reason as a sentence.
    pub explanation: Option<&'static str>,
    /// What you can do about it; null when nothing needs to be done.
    pub next_action: Option<&'static str>,
    /// It was cancelled after bytes were sent, and the video is being kept from publication.
    pub cancelling: bool,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Tags. One more, which marks the video as this upload, is added on YouTube.
    pub tags: Vec<String>,
    /// YouTube's category.
    pub category_id: String,
    /// Language of title and description.
    pub language: Option<String>,
    /// Whether it is made for kids.
    pub made_for_kids: Option<bool>,
    /// Whether it shows realistic altered or synthetic content.
    pub altered_content: Option<bool>,
    /// Whether subscribers are told when it is published.
    pub notify_subscribers: bool,
    /// When YouTube publishes it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub publish_at: Option<Timestamp>,
    /// The same on the clocks of `time_zone`.
    #[schema(value_type = Option<String>, example = "2026-11-24T18:00:00")]
    pub local_time: Option<DateTime>,
    /// The IANA time zone in which the time was chosen.
    pub time_zone: Option<String>,
    /// YouTube's id of the video, once it has one.
    pub youtube_video_id: Option<String>,
    /// Where the video is, once it has an id.
    pub youtube_url: Option<String>,
    /// Size of the file, once it is known.
    pub bytes_total: Option<u64>,
    /// How much of it YouTube has.
    pub bytes_sent: u64,
    /// When it goes on by itself, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong last: `code` and `message`.
    #[schema(value_type = Option<Object>)]
    pub last_error: Option<Value>,
    /// What has become of the picture; its failure never touches the upload.
    pub thumbnail: Thumbnail,
    /// Why the picture was not set: `code` and `message`.
    #[schema(value_type = Option<Object>)]
    pub thumbnail_error: Option<Value>,
    /// When it was seen to be public.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Timestamp>,
    /// When its state last changed.
    #[schema(value_type = String, format = DateTime)]
    pub state_changed_at: Timestamp,
    /// Counts changes; also the ETag.
    pub version: i64,
    /// When it was scheduled.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last touched.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<Row> for Upload {
    fn from(row: Row) -> Self {
        let reason = row.reason.as_deref().and_then(Reason::from_slug);
        Self {
            id: row.id,
            channel_id: row.channel_id,
            render_id: row.render_id,
            state: row.state,
            explanation: reason.map(Reason::explanation),
            next_action: reason.and_then(Reason::next_action),
            cancelling: row.intent == Intent::KeepPrivate && !row.state.is_final(),
            reason: row.reason,
            title: row.title,
            description: row.description,
            tags: row.tags,
            category_id: row.category_id,
            language: row.language,
            made_for_kids: row.made_for_kids,
            altered_content: row.altered_content,
            notify_subscribers: row.notify_subscribers,
            publish_at: row.publish_at,
            local_time: row.local_time,
            time_zone: row.time_zone,
            youtube_url: row
                .youtube_video_id
                .as_ref()
                .map(|id| format!("https://www.youtube.com/watch?v={id}")),
            youtube_video_id: row.youtube_video_id,
            bytes_total: row.bytes_total,
            bytes_sent: row.bytes_sent,
            next_attempt_at: row.next_attempt_at,
            last_error: row.last_error.filter(|error| !error.is_null()),
            thumbnail: row.thumbnail,
            thumbnail_error: row.thumbnail_error.filter(|error| !error.is_null()),
            published_at: row.published_at,
            state_changed_at: row.state_changed_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

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
    #[schema(pattern = "^[A-Za-z0-9-]{2,35}$")]
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
    #[schema(pattern = "^[A-Za-z0-9-]{2,35}$")]
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

/// Which uploads to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only this channel's.
    #[param(value_type = Option<String>, format = Uuid)]
    pub channel_id: Option<ChannelId>,
    /// Only those in this state.
    #[param(inline)]
    pub state: Option<UploadState>,
    /// Only those published at or after this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Only those published before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows on a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 25)]
    pub limit: PageSize,
}

/// Whose free slots, and how many.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SlotsQuery {
    /// The channel.
    #[param(value_type = String, format = Uuid)]
    pub channel_id: ChannelId,
    /// How many, 1 to 50.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 50, default = 5)]
    pub count: SlotCount,
    /// Only slots after this instant; now when not given.
    #[param(value_type = Option<String>, format = DateTime)]
    pub after: Option<Timestamp>,
}

/// How many slots are asked for.
#[derive(Clone, Copy, Debug)]
pub struct SlotCount(usize);

impl Default for SlotCount {
    fn default() -> Self {
        Self(5)
    }
}

impl<'de> Deserialize<'de> for SlotCount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match usize::try_from(u64::deserialize(deserializer)?) {
            Ok(count @ 1..=50) => Ok(Self(count)),
            _ => Err(serde::de::Error::custom("count must lie between 1 and 50")),
        }
    }
}

/// A channel's next free slots.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FreeSlots {
    /// Where the week's slots come from: `channel` (its own settings) or `default` (every day at 18:00).
    pub basis: SlotBasis,
    /// The channel's time zone.
    pub time_zone: String,
    /// The slots, earliest first. Fewer than asked for when the next months hold no more.
    pub slots: Vec<SlotTime>,
}

/// Where the slots of a week come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotBasis {
    /// The channel's own settings.
    Channel,
    /// Nothing was set: every day at 18:00.
    Default,
}

/// Lists what row level security lets the caller see, by publish time.
///
/// # Errors
///
/// A cursor that is none, or the database.
pub async fn list(db: &Db, query: ListQuery) -> Result<Page<Upload>, Problem> {
    let mut rows = db.from("scheduled_uploads").select(COLUMNS);
    if let Some(channel) = query.channel_id {
        rows = rows.eq("channel_id", channel);
    }
    if let Some(state) = query.state {
        rows = rows.eq("state", state);
    }
    if let Some(from) = query.from {
        rows = rows.gte("publish_at", from);
    }
    if let Some(to) = query.to {
        rows = rows.lt("publish_at", to);
    }
    if let Some(cursor) = &query.cursor {
        let (at, id): (Timestamp, UploadId) = decode_cursor(cursor)?;
        rows = rows.or(&format!(
            "publish_at.gt.\"{at}\",and(publish_at.eq.\"{at}\",id.gt.{id})"
        ));
    }
    let rows: Vec<Row> = rows
        .filter("publish_at", "not.is", "null")
        .order("publish_at.asc,id.asc")
        .limit(query.limit.0 + 1)
        .rows()
        .await?;
    let uploads = rows.into_iter().map(Upload::from).collect();
    Ok(Page::cut(uploads, query.limit.0, |upload| {
        (upload.publish_at, upload.id)
    }))
}

/// One upload, if the caller may see it.
///
/// # Errors
///
/// [`Kind::NotFound`], or the database.
pub async fn get(db: &Db, id: UploadId) -> Result<Upload, Problem> {
    Ok(row(db, id).await?.into())
}

async fn row(db: &Db, id: UploadId) -> Result<Row, DbError> {
    db.from("scheduled_uploads")
        .select(COLUMNS)
        .eq("id", id)
        .one()
        .await
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
    refuse_missing_answers(&body)?;
    let category_id = body.category_id.as_deref().unwrap_or(DEFAULT_CATEGORY);
    refuse_violations(
        VideoText {
            title: &body.title,
            description: &body.description,
            tags: &body.tags,
            category_id,
            language: body.language.as_deref(),
        }
        .violations(),
    )?;
    let time = Time::read(body.publish_at, body.local_time.as_deref(), body.time_zone.as_deref())?.ok_or_else(|| {
        Problem::new(Kind::InvalidBody)
            .detail("Say when to publish: publish_at as an instant, or local_time on the clocks of a zone.")
            .pointer("/publish_at", "give publish_at or local_time")
    })?;
    let mut upload = json!({
        "render_id": body.render_id,
        "title": body.title,
        "title_key": conflicts::title_key(&body.title),
        "description": body.description,
        "tags": body.tags,
        "category_id": category_id,
        "language": body.language,
        "made_for_kids": body.made_for_kids,
        "altered_content": body.altered_content,
        "notify_subscribers": body.notify_subscribers,
        "thumbnail": body.thumbnail,
    });
    let place = |zone: Option<String>| zone.as_deref().and_then(Zone::named).unwrap_or(Zone::UTC);
    time.write(&mut upload, || async {
        let render: RenderZone = db
            .from("renders")
            .select("channels(time_zone)")
            .eq("id", body.render_id)
            .one()
            .await?;
        Ok(place(Some(render.channels.time_zone)))
    })
    .await?;
    let row: Row = engine
        .call(
            "schedule_upload",
            &json!({ "p_user": user, "p_idempotency": idempotency, "p_upload": upload }),
        )
        .await?;
    Ok(row.into())
}

#[derive(Deserialize)]
struct RenderZone {
    channels: ChannelZone,
}

#[derive(Deserialize)]
struct ChannelZone {
    time_zone: String,
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
    refuse_violations(
        VideoText {
            title: body.title.as_deref().unwrap_or("unchanged"),
            description: body.description.as_deref().unwrap_or_default(),
            tags: body.tags.as_deref().unwrap_or_default(),
            category_id: body.category_id.as_deref().unwrap_or(DEFAULT_CATEGORY),
            language: body.language.as_deref(),
        }
        .violations(),
    )?;
    let time = Time::read(
        body.publish_at,
        body.local_time.as_deref(),
        body.time_zone.as_deref(),
    )?;
    if time.is_none() && body.time_zone.is_some() {
        return Err(Problem::new(Kind::InvalidBody)
            .detail("A time zone alone does not say when. Give local_time or publish_at with it.")
            .pointer("/time_zone", "needs local_time or publish_at beside it"));
    }
    let mut change = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            change.insert(name.to_owned(), value);
        }
    };
    put(
        "title_key",
        body.title
            .as_deref()
            .map(|title| conflicts::title_key(title).into()),
    );
    put("title", body.title.map(Value::from));
    put("description", body.description.map(Value::from));
    put("tags", body.tags.map(Value::from));
    put("category_id", body.category_id.map(Value::from));
    put("language", body.language.map(Value::from));
    put("made_for_kids", body.made_for_kids.map(Value::from));
    put("altered_content", body.altered_content.map(Value::from));
    put(
        "notify_subscribers",
        body.notify_subscribers.map(Value::from),
    );
    put("resume", body.resume.then_some(Value::Bool(true)));
    let mut change = Value::Object(change);
    if let Some(time) = time {
        time.write(&mut change, || async {
            let row = row(db, id).await?;
            Ok(row
                .time_zone
                .as_deref()
                .and_then(Zone::named)
                .unwrap_or(Zone::UTC))
        })
        .await?;
    }
    let arguments =
        json!({ "p_user": user, "p_upload": id, "p_version": version, "p_change": change });
    let row: Row = engine.call("edit_upload", &arguments).await?;
    Ok(row.into())
}

/// Cancels an upload: at once while nothing was sent, otherwise by keeping the video private.
///
/// # Errors
///
/// [`Kind::InvalidState`] when it is public or has failed.
pub async fn cancel(
    engine: &Db,
    user: UserId,
    id: UploadId,
    version: Option<i64>,
) -> Result<Upload, Problem> {
    let arguments = json!({ "p_user": user, "p_upload": id, "p_version": version });
    let row: Row = engine.call("cancel_upload", &arguments).await?;
    Ok(row.into())
}

/// A channel's next free slots: by its own week, away from its other videos, on days that have uploads left.
///
/// # Errors
///
/// [`Kind::NotFound`] for a channel the caller is not on, or the database.
pub async fn free_slots(db: &Db, engine: &Db, query: SlotsQuery) -> Result<FreeSlots, Problem> {
    #[derive(Deserialize)]
    struct Channel {
        time_zone: String,
        posting_slots: Vec<WeeklySlot>,
        minimum_gap_minutes: i64,
    }
    #[derive(Deserialize)]
    struct Booked {
        publish_at: Option<Timestamp>,
    }
    let now = clock::now();
    let after = query.after.map_or(now, |after| after.max(now));
    let gap_back = after - SignedDuration::from_hours(24 * 7);
    let none = json!({});
    let (channel, booked, full) = tokio::join!(
        db.from("channels")
            .select("time_zone,posting_slots,minimum_gap_minutes")
            .eq("id", query.channel_id)
            .one::<Channel>(),
        db.from("scheduled_uploads")
            .select("publish_at")
            .eq("channel_id", query.channel_id)
            .gte("publish_at", gap_back)
            .filter("state", "not.in", "(cancelled,failed)")
            .rows::<Booked>(),
        engine.call::<_, Vec<jiff::civil::Date>>("full_upload_days", &none),
    );
    let channel = channel?;
    let zone = Zone::named(&channel.time_zone).unwrap_or(Zone::UTC);
    let (basis, week) = if channel.posting_slots.is_empty() {
        (SlotBasis::Default, slots::default_week())
    } else {
        (SlotBasis::Channel, channel.posting_slots)
    };
    let taken = Taken {
        instants: booked?
            .into_iter()
            .filter_map(|booked| booked.publish_at)
            .collect(),
        gap: SignedDuration::from_mins(channel.minimum_gap_minutes),
        full_days: full?.into_iter().map(QuotaDay::on).collect(),
    };
    Ok(FreeSlots {
        basis,
        time_zone: channel.time_zone,
        slots: slots::next_free(&week, &zone, after, &taken, query.count.0),
    })
}

fn refuse_missing_answers(body: &ScheduleBody) -> Result<(), Problem> {
    let missing = [
        (
            body.made_for_kids,
            "/made_for_kids",
            "answer true or false: is the video made for kids?",
        ),
        (
            body.altered_content,
            "/altered_content",
            "answer true or false: does it show realistic altered or synthetic content?",
        ),
    ];
    let problem = Problem::new(Kind::AnswersMissing).detail(
        "YouTube wants two answers before a video is published: whether it is made for kids, and whether it shows \
         realistic altered or synthetic content.",
    );
    let problem = missing
        .iter()
        .filter(|(answer, ..)| answer.is_none())
        .fold(problem, |problem, (_, pointer, message)| {
            problem.pointer(*pointer, *message)
        });
    if missing.iter().any(|(answer, ..)| answer.is_none()) {
        Err(problem)
    } else {
        Ok(())
    }
}

fn refuse_violations(violations: Vec<Violation>) -> Result<(), Problem> {
    if violations.is_empty() {
        return Ok(());
    }
    let problem = Problem::new(Kind::InvalidBody).detail(
        "YouTube would refuse this. Nothing is cut on your behalf; change the fields named here.",
    );
    Err(violations.into_iter().fold(problem, |problem, violation| {
        problem.pointer(violation.pointer, violation.message)
    }))
}

/// A publish time as it was given.
enum Time {
    Instant(Timestamp, Option<Zone>),
    Local(DateTime, Option<Zone>),
}

impl Time {
    fn read(
        at: Option<Timestamp>,
        local: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Option<Self>, Problem> {
        let wrong = |pointer: &str, message: &str| {
            Problem::new(Kind::InvalidBody)
                .detail("The publish time is not acceptable.")
                .pointer(pointer, message)
        };
        let zone = match zone {
            Some(name) => Some(Zone::named(name).ok_or_else(|| {
                wrong(
                    "/time_zone",
                    "must be the name of an IANA time zone, for example \"Europe/Berlin\"",
                )
            })?),
            None => None,
        };
        match (at, local) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(wrong(
                "/local_time",
                "give either publish_at or local_time, not both",
            )),
            // YouTube takes whole seconds.
            (Some(at), None) => Ok(Some(Self::Instant(
                at.round(Unit::Second).unwrap_or(at),
                zone,
            ))),
            (None, Some(text)) => {
                let plain = text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T'))
                    && (16..=19).contains(&text.len());
                let local = text.parse::<DateTime>().ok().filter(|_| plain).ok_or_else(|| {
                    wrong("/local_time", "must be a date and a time without an offset, for example \"2026-11-24T18:00\"")
                })?;
                Ok(Some(Self::Local(local, zone)))
            }
        }
    }

    /// Puts the time into the arguments of a function; `home` finds the zone when none was given and one is needed.
    async fn write<F>(
        self,
        arguments: &mut Value,
        home: impl FnOnce() -> F + Send,
    ) -> Result<(), Problem>
    where
        F: Future<Output = Result<Zone, DbError>> + Send,
    {
        let time = match self {
            // The database tells the local time in the channel's own zone.
            Self::Instant(at, None) => {
                arguments["publish_at"] = json!(at);
                return Ok(());
            }
            Self::Instant(at, Some(zone)) => SlotTime::of_instant(at, &zone),
            Self::Local(local, zone) => {
                let zone = match zone {
                    Some(zone) => zone,
                    None => home().await?,
                };
                SlotTime::of_local(local, &zone).map_err(|error| {
                    Problem::new(Kind::InvalidBody)
                        .detail("The publish time is out of range.")
                        .pointer("/local_time", "must be a date that lies nearer")
                        .source(error)
                })?
            }
        };
        arguments["publish_at"] = json!(time.publish_at);
        arguments["time_zone"] = json!(time.time_zone);
        arguments["local_time"] = json!(time.local_time);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_a_local_time_and_nothing_else() {
        let at = "2026-11-24T17:00:00Z".parse().ok();
        assert!(matches!(
            Time::read(at, None, None),
            Ok(Some(Time::Instant(_, None)))
        ));
        assert!(matches!(
            Time::read(None, Some("2026-11-24T18:00"), Some("Europe/Berlin")),
            Ok(Some(Time::Local(..)))
        ));
        assert!(matches!(Time::read(None, None, None), Ok(None)));
        assert!(Time::read(at, Some("2026-11-24T18:00"), None).is_err());
        assert!(Time::read(at, None, Some("Mars/Olympus")).is_err());
        for wrong in [
            "2026-11-24",
            "18:00",
            "2026-11-24T18:00Z",
            "2026-11-24T18:00+01:00",
            "2026-13-24T18:00",
            "tomorrow",
        ] {
            assert!(Time::read(None, Some(wrong), None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn both_missing_answers_are_named_at_once() {
        let body: ScheduleBody =
            serde_json::from_value(json!({"render_id": uuid::Uuid::nil(), "title": "T"})).unwrap();
        let problem = refuse_missing_answers(&body).unwrap_err();
        assert_eq!(problem.kind(), Kind::AnswersMissing);
        let body = serde_json::to_value(problem.into_body("r")).unwrap();
        let pointers: Vec<_> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["pointer"].clone())
            .collect();
        assert_eq!(pointers, ["/made_for_kids", "/altered_content"]);
    }
}
