//! A channel's next free slots: by its own week, away from its other videos, on days that have uploads left.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::slots::{self, SlotTime, Taken, WeeklySlot, Zone};
use clients::quota_day::QuotaDay;
use platform::db::{Db, DbError, Fetch as _};
use platform::endpoint::{Page, PageSize, Problem, decode_cursor};
use platform::{clock, ids::ChannelId};

/// Whose free slots.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SlotsQuery {
    /// The channel.
    #[param(inline)]
    pub channel_id: ChannelId,
    /// Only slots at or after this instant; after now when not given.
    pub from: Option<Timestamp>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[serde(default)]
    #[param(inline)]
    pub limit: PageSize,
}

/// A free slot of a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FreeSlot {
    /// When it is, in the channel's own time zone.
    #[serde(flatten)]
    pub time: SlotTime,
    /// Where the week's slots come from.
    pub basis: SlotBasis,
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

/// The longest gap between two videos that a channel can ask for: 10080 minutes.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(24 * 7);

#[derive(Deserialize)]
struct Channel {
    time_zone: String,
    posting_slots: Vec<WeeklySlot>,
    minimum_gap_minutes: i64,
}

/// Finds the slots of the next months, earliest first.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound) for a channel the caller is not on, or the database.
pub async fn free_slots(
    db: &Db,
    engine: &Db,
    query: SlotsQuery,
) -> Result<Page<FreeSlot>, Problem> {
    let Span { after, until } = Span::of(&query)?;
    let none = json!({});
    let (channel, instants, full_days) = tokio::join!(
        db.from("channels")
            .select("time_zone,posting_slots,minimum_gap_minutes")
            .eq("id", query.channel_id)
            .one::<Channel>(),
        booked(db, query.channel_id, after - LONGEST_GAP),
        engine.call::<_, Vec<Date>>("full_upload_days", &none),
    );
    let channel = channel?;
    let taken = Taken {
        instants: instants?,
        gap: SignedDuration::from_mins(channel.minimum_gap_minutes),
        full_days: full_days?.into_iter().map(QuotaDay::on).collect(),
    };
    let (basis, week) = if channel.posting_slots.is_empty() {
        (SlotBasis::Default, slots::default_week())
    } else {
        (SlotBasis::Channel, channel.posting_slots)
    };
    let zone = Zone::stored(&channel.time_zone);
    let limit = query.limit.0;
    let free = slots::next_free(&week, &zone, after, &taken, limit + 1);
    let free = free.into_iter().filter(|time| time.publish_at <= until);
    let free = free.map(|time| FreeSlot { time, basis }).collect();
    Ok(Page::cut(free, limit, |slot| (slot.time.publish_at, until)))
}

/// Where slots are looked for: strictly after the one instant, and at the other at the latest.
struct Span {
    after: Timestamp,
    until: Timestamp,
}

impl Span {
    fn of(query: &SlotsQuery) -> Result<Self, Problem> {
        if let Some(cursor) = &query.cursor {
            let (after, until) = decode_cursor(cursor)?;
            return Ok(Self { after, until });
        }
        let now = clock::now();
        let from = query.from.map(|from| from - SignedDuration::from_nanos(1));
        let after = from.map_or(now, |from| from.max(now));
        let until = after + SignedDuration::from_hours(24 * slots::HORIZON_DAYS);
        Ok(Self { after, until })
    }
}

/// When videos of the channel go out, from an instant on.
async fn booked(db: &Db, channel: ChannelId, from: Timestamp) -> Result<Vec<Timestamp>, DbError> {
    let booked: Vec<BTreeMap<String, Timestamp>> = db
        .from("scheduled_uploads")
        .select("publish_at")
        .eq("channel_id", channel)
        .gte("publish_at", from)
        .filter("state", "not.in", "(cancelled,failed)")
        .rows()
        .await?;
    Ok(booked.into_iter().flat_map(BTreeMap::into_values).collect())
}
