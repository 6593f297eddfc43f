//! Who calls, and whether the token allows it.

use super::{errors, principal::Principal};
use crate::{
    failure::Failure,
    lock::lock,
    request::{Caller, Head},
    world::World,
};

/// Whose token it is, alive or not.
pub(crate) fn caller(world: &World, head: &Head) -> Caller {
    let google = lock(&world.google);
    let account = head.bearer().and_then(|token| google.owner(token));
    let channel = account.and_then(|name| google.accounts.get(name)?.channel.clone());
    Caller {
        account: account.map(str::to_owned),
        channel,
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

pub(super) fn authorize(world: &World, head: &Head, operation: &str) -> Result<Principal, Failure> {
    let (grant, channel) = {
        let google = lock(&world.google);
        let grant = head
            .bearer()
            .and_then(|token| google.grant(token, world.clock.now()));
        let grant = grant.ok_or_else(errors::unauthenticated)?.clone();
        let account = google.accounts.get(&grant.account);
        let account = account.ok_or_else(errors::unauthenticated)?;
        (grant, account.channel.clone())
    };
    let granted = |scope: &str| {
        grant.scopes.iter().any(|one| {
            one.rsplit_once("/auth/")
                .map_or(one.as_str(), |(_, one)| one)
                == scope
        })
    };
    if !scopes(operation)
        .iter()
        .all(|group| group.iter().any(|scope| granted(scope)))
    {
        return Err(if operation.starts_with("report") {
            errors::forbidden()
        } else {
            errors::insufficient_permissions()
        });
    }
    let settings = lock(&world.youtube).settings(&grant.account);
    let project = if settings.own_quota {
        format!("{} of {}", grant.client_id, grant.account)
    } else {
        grant.client_id
    };
    Ok(Principal {
        account: grant.account,
        channel,
        project,
        settings,
    })
}
