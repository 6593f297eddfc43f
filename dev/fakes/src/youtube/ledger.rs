//! What each project has used of each quota bucket on each Pacific day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::pacific_day;

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
pub(crate) struct Ledger {
    used: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
    /// The latest minute with a call of an account, and how many calls it had.
    #[serde(skip)]
    minutes: BTreeMap<String, (i64, u64)>,
}

impl Ledger {
    /// How much a project has used of a bucket on the day of `now`.
    pub(super) fn used(&mut self, project: &str, bucket: Bucket, now: Timestamp) -> &mut u64 {
        let days = self.used.entry(project.to_owned()).or_default();
        let buckets = days.entry(pacific_day(now).to_string()).or_default();
        buckets.entry(bucket.name().to_owned()).or_default()
    }

    /// Counts a call and returns how many the account has made in this minute.
    pub(super) fn count_call(&mut self, account: &str, now: Timestamp) -> u64 {
        let minute = now.as_second().div_euclid(60);
        let entry = self.minutes.entry(account.to_owned()).or_default();
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 += 1;
        entry.1
    }

    pub(super) fn list(&self) -> Value {
        let days = self.used.iter().flat_map(|(project, days)| {
            days.iter()
                .map(move |(day, buckets)| (project, day, buckets))
        });
        days.flat_map(|(project, day, buckets)| {
            buckets.iter().map(move |(bucket, used)| {
                json!({"project": project, "day": day, "bucket": bucket, "used": used})
            })
        })
        .collect()
    }
}
