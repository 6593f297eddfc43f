//! A channel's next free slots: by its own week, away from its other videos, on days that have uploads left.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::slots::{self, SlotTime, Taken, WeeklySlot, Zone};
use clients::quota_day::QuotaDay;
use platform::db::{Db, DbError, Fetch as _};
use platform::{clock, endpoint::Problem, ids::ChannelId};

/// Whose free slots, and how many.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SlotsQuery {
    /// The channel.
    pub channel_id: ChannelId,
    /// How many, 1 to 50.
    #[serde(default = "usual_count", deserialize_with = "count")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 50, default = 5)]
    pub count: usize,
    /// Only slots after this instant; now when not given.
    pub after: Option<Timestamp>,
}

fn usual_count() -> usize {
    5
}

fn count<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        count @ 1..=50 => Ok(count),
        _ => Err(serde::de::Error::custom("count must lie between 1 and 50")),
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

/// The longest gap between two videos that a channel can ask for: 10080 minutes.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(24 * 7);

#[derive(Deserialize)]
struct Channel {
    time_zone: String,
    posting_slots: Vec<WeeklySlot>,
    minimum_gap_minutes: i64,
}

/// Finds the slots.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound) for a channel the caller is not on, or the database.
pub async fn free_slots(db: &Db, engine: &Db, query: SlotsQuery) -> Result<FreeSlots, Problem> {
    let now = clock::now();
    let after = query.after.map_or(now, |after| after.max(now));
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
    Ok(FreeSlots {
        basis,
        slots: slots::next_free(&week, &zone, after, &taken, query.count),
        time_zone: channel.time_zone,
    })
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
