//! Charging calls to the quota.

use super::{errors, ledger::Bucket, principal::Principal};
use crate::{failure::Failure, lock::lock, world::World};

/// What an operation costs, and of which bucket. Uploads are charged when a session is opened.
fn cost(operation: &str) -> Option<(Bucket, u64)> {
    Some(match operation {
        "videos.update" | "videos.delete" | "thumbnails.set" => (Bucket::Units, 50),
        "videos.batchGetStats" => (Bucket::BatchStats, 1),
        "search.list" => (Bucket::Search, 1),
        list if list.ends_with(".list") => (Bucket::Units, 1),
        _ => return None,
    })
}

/// Charges an operation of the Data API, also one that fails later.
pub(super) fn charge_operation(
    world: &World,
    principal: &Principal,
    operation: &str,
) -> Result<(), Failure> {
    match cost(operation) {
        Some((bucket, cost)) => charge(world, principal, bucket, cost),
        None => Ok(()),
    }
}

/// Takes `cost` from a bucket, or refuses.
pub(super) fn charge(
    world: &World,
    principal: &Principal,
    bucket: Bucket,
    cost: u64,
) -> Result<(), Failure> {
    let now = world.clock.now();
    let settings = &principal.settings;
    let mut youtube = lock(&world.youtube);
    if let Some(limit) = settings.queries_per_minute
        && youtube.quota.count_call(&principal.account, now) > limit
    {
        return Err(errors::per_minute());
    }
    let limit = match bucket {
        Bucket::Units => settings.quota_units,
        Bucket::Uploads => settings.quota_uploads,
        Bucket::BatchStats => settings.quota_batch_stats,
        Bucket::Search => settings.quota_search,
    };
    let used = youtube.quota.used(&principal.project, bucket, now);
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
pub(super) fn refund(world: &World, principal: &Principal, bucket: Bucket, cost: u64) {
    let mut youtube = lock(&world.youtube);
    let used = youtube
        .quota
        .used(&principal.project, bucket, world.clock.now());
    *used = used.saturating_sub(cost);
}
