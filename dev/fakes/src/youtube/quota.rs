//! What the project has used of each bucket on each Pacific day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Actor, Failure, errors};
use crate::{clock::pacific_day, server::lock, world::World};

/// The buckets of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    Units,
    Uploads,
    BatchStats,
    Search,
}

impl Bucket {
    fn name(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Uploads => "uploads",
            Self::BatchStats => "batch_stats",
            Self::Search => "search",
        }
    }
}

/// Used units by project, day and bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ledger {
    used: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
    #[serde(skip)]
    minutes: BTreeMap<String, (i64, u64)>,
}

impl Ledger {
    pub(super) fn facts(&self) -> Value {
        let mut list = Vec::new();
        for (project, days) in &self.used {
            for (day, buckets) in days {
                for (bucket, used) in buckets {
                    list.push(
                        json!({"project": project, "day": day, "bucket": bucket, "used": used}),
                    );
                }
            }
        }
        Value::Array(list)
    }
}

/// Takes `cost` from a bucket, or refuses. Every call costs, also one that fails later.
pub(super) fn charge(
    world: &World,
    actor: &Actor,
    bucket: Bucket,
    cost: u64,
) -> Result<(), Failure> {
    let now: Timestamp = world.clock.now();
    let settings = &actor.settings;
    let mut youtube = lock(&world.youtube);
    if let Some(limit) = settings.queries_per_minute {
        let minute = now.as_second().div_euclid(60);
        let entry = youtube
            .quota
            .minutes
            .entry(actor.account.clone())
            .or_insert((minute, 0));
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 += 1;
        if entry.1 > limit {
            return Err(errors::per_minute());
        }
    }
    let limit = match bucket {
        Bucket::Units => settings.quota_units,
        Bucket::Uploads => settings.quota_uploads,
        Bucket::BatchStats => settings.quota_batch_stats,
        Bucket::Search => settings.quota_search,
    };
    let day = pacific_day(now).to_string();
    let days = youtube.quota.used.entry(actor.project.clone()).or_default();
    let used = days
        .entry(day)
        .or_default()
        .entry(bucket.name().to_owned())
        .or_default();
    if *used + cost > limit {
        return Err(match bucket {
            Bucket::Units => errors::units_exhausted(settings.exhausted_units_status),
            Bucket::Uploads => errors::per_day("Video Uploads"),
            Bucket::BatchStats => errors::per_day("Batch Get Stats Queries"),
            Bucket::Search => errors::per_day("Search Queries"),
        });
    }
    *used += cost;
    Ok(())
}

/// Gives back what a failed session start took, where that is not charged.
pub(super) fn refund(world: &World, actor: &Actor, bucket: Bucket, cost: u64) {
    let day = pacific_day(world.clock.now()).to_string();
    let mut youtube = lock(&world.youtube);
    let used = youtube
        .quota
        .used
        .get_mut(&actor.project)
        .and_then(|days| days.get_mut(&day)?.get_mut(bucket.name()));
    if let Some(used) = used {
        *used = used.saturating_sub(cost);
    }
}
