//! Who calls, whether the token allows it, and what the call takes from the quota.

use super::errors::{about, refused, units_exhausted};
use super::settings::Settings;
use super::store::Bucket;
use crate::{Caller, Failure, Head, World, lock};

/// A caller who has shown a good token.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) account: String,
    pub(crate) channel: Option<String>,
    /// The Google project whose quota the calls use.
    pub(crate) project: String,
    pub(crate) settings: Settings,
}

impl Principal {
    pub(crate) fn channel(&self) -> Result<&str, Failure> {
        self.channel
            .as_deref()
            .ok_or_else(|| refused("youtubeSignupRequired"))
    }

    pub(crate) fn owns(&self, channel: &str) -> bool {
        self.channel.as_deref() == Some(channel)
    }
}

/// Whose token it is, alive or not.
pub(crate) fn caller(world: &World, head: &Head) -> Caller {
    let google = lock(&world.google);
    let account = head
        .bearer()
        .and_then(|token| google.owner(token))
        .map(str::to_owned);
    let known = account.as_ref().and_then(|name| google.accounts.get(name));
    Caller {
        channel: known.and_then(|account| account.channel.clone()),
        account,
    }
}

const READ: &[&str] = &[
    "youtube.readonly",
    "youtube",
    "youtube.force-ssl",
    "youtubepartner",
];
const UPLOAD: &[&str] = &[
    "youtube.upload",
    "youtube",
    "youtube.force-ssl",
    "youtubepartner",
];
const WRITE: &[&str] = &["youtube", "youtube.force-ssl", "youtubepartner"];
const ANALYTICS: &[&str] = &["yt-analytics.readonly", "yt-analytics-monetary.readonly"];

/// What an operation asks of a token: one scope of each group.
fn scopes(operation: &str) -> &'static [&'static [&'static str]] {
    match operation {
        "upload.start" | "upload.chunk" | "upload.status" | "thumbnails.set" => &[UPLOAD],
        "videos.update" | "videos.delete" => &[WRITE],
        "reports.query" => &[ANALYTICS, READ],
        "reporting" => &[ANALYTICS],
        _ => &[READ],
    }
}

pub(crate) fn authorize(world: &World, head: &Head, operation: &str) -> Result<Principal, Failure> {
    let (grant, channel) = {
        let google = lock(&world.google);
        let grant = head
            .bearer()
            .and_then(|token| google.grant(token, world.clock.now()));
        let known = grant.and_then(|grant| Some((grant, google.accounts.get(&grant.account)?)));
        let (grant, account) = known.ok_or_else(|| refused("authError"))?;
        (grant.clone(), account.channel.clone())
    };
    let name = |scope: &str| {
        scope
            .rsplit_once("/auth/")
            .map_or(scope, |(_, name)| name)
            .to_owned()
    };
    let granted: Vec<String> = grant.scopes.iter().map(|scope| name(scope)).collect();
    let is_granted = |scope: &&str| granted.iter().any(|granted| granted == scope);
    if !scopes(operation)
        .iter()
        .all(|group| group.iter().any(is_granted))
    {
        let is_report = operation.starts_with("report");
        return Err(refused(if is_report {
            "forbidden"
        } else {
            "insufficientPermissions"
        }));
    }
    let settings = lock(&world.youtube).settings(&grant.account);
    let project = match settings.own_quota {
        true => format!("{} of {}", grant.client_id, grant.account),
        false => grant.client_id,
    };
    Ok(Principal {
        account: grant.account,
        channel,
        project,
        settings,
    })
}

/// Charges an operation of the Data API, also one that fails later. Uploads are charged when a session is opened.
pub(crate) fn charge_operation(
    world: &World,
    principal: &Principal,
    operation: &str,
) -> Result<(), Failure> {
    match operation {
        "videos.update" | "videos.delete" | "thumbnails.set" => {
            charge(world, principal, Bucket::Units, 50)
        }
        "videos.batchGetStats" => charge(world, principal, Bucket::BatchStats, 1),
        "search.list" => charge(world, principal, Bucket::Search, 1),
        list if list.ends_with(".list") => charge(world, principal, Bucket::Units, 1),
        _ => Ok(()),
    }
}

/// Takes `cost` from a bucket, or refuses.
pub(crate) fn charge(
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
        return Err(refused("perMinute"));
    }
    let (limit, metric) = match bucket {
        Bucket::Units => (settings.quota_units, ""),
        Bucket::Uploads => (settings.quota_uploads, "Video Uploads"),
        Bucket::BatchStats => (settings.quota_batch_stats, "Batch Get Stats Queries"),
        Bucket::Search => (settings.quota_search, "Search Queries"),
    };
    let used = youtube.quota.used(&principal.project, bucket, now);
    if *used + cost <= limit {
        *used += cost;
        return Ok(());
    }
    Err(match bucket {
        Bucket::Units => units_exhausted(settings.exhausted_units_status),
        _ => about("perDay", metric),
    })
}

/// Gives back what a failed session start took, where that is not charged.
pub(crate) fn refund(world: &World, principal: &Principal, bucket: Bucket, cost: u64) {
    let mut youtube = lock(&world.youtube);
    let used = youtube
        .quota
        .used(&principal.project, bucket, world.clock.now());
    *used = used.saturating_sub(cost);
}
