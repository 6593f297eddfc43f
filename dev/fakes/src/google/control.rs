//! What tests see and change at Google.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::store::{Account, Client, Google, Settings};
use crate::youtube::create::create_account;
use crate::{Head, World, lock, read_json};

pub(crate) fn state(world: &World) -> Value {
    let google = lock(&world.google);
    let show = |(name, account): (&String, &Account)| {
        let tokens = google
            .refresh
            .values()
            .filter(|token| &token.grant.account == name);
        let live = tokens.clone().filter(|token| !token.dead).count();
        let scopes: BTreeSet<&String> = account.grants.values().flatten().collect();
        let facts = json!({
            "channel": account.channel, "granted_scopes": scopes, "refresh_tokens_live": live, "refresh_tokens_issued": tokens.count(),
            "refreshes": account.refreshes, "code_exchanges": account.code_exchanges,
        });
        (name.clone(), facts)
    };
    let accounts: Map<String, Value> = google.accounts.iter().map(show).collect();
    json!({
        "now": world.clock.now().to_string(), "accounts": accounts, "code_exchanges": google.code_exchanges,
        "refreshes": google.refreshes, "refused_refreshes": google.refused_refreshes, "revocations": google.revocations,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeAccount {
    refuses: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    scopes_granted: Option<Option<Vec<String>>>,
    #[serde(default)]
    revoke: bool,
    #[serde(default)]
    expire_access_tokens: bool,
    /// Move the account to another channel (an account may have several).
    channel: Option<String>,
}

/// Tells `null` from absent.
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

pub(crate) fn control(world: &World, head: &Head, body: &[u8]) -> Option<Result<Value, String>> {
    let (method, rest) = head.control_route()?;
    if rest == "knobs" {
        return lock(&world.google)
            .knobs
            .control::<Settings>("account", head, body);
    }
    match (method, rest) {
        ("POST", "accounts") => Some(read_json(body).and_then(|new| create_account(world, new))),
        ("POST", "clients") => Some(read_json(body).map(|new| add_client(world, new))),
        (method, _) => control_account(world, method, rest.strip_prefix("accounts/")?, body),
    }
}

fn add_client(world: &World, new: Client) -> Value {
    lock(&world.google)
        .clients
        .insert(new.client_id.clone(), new);
    json!({})
}

fn control_account(
    world: &World,
    method: &str,
    name: &str,
    body: &[u8],
) -> Option<Result<Value, String>> {
    let mut google = lock(&world.google);
    if !google.accounts.contains_key(name) {
        return Some(Err("no such account".to_owned()));
    }
    match method {
        "DELETE" => {
            google.revoke_account(name);
            let channel = google
                .accounts
                .remove(name)
                .and_then(|account| account.channel);
            drop(google);
            lock(&world.youtube).remove_channel(&channel.unwrap_or_default());
            Some(Ok(json!({})))
        }
        "POST" | "PATCH" => Some(read_json(body).map(|change| {
            change_account(world, &mut google, name, change);
            json!({})
        })),
        _ => None,
    }
}

fn change_account(world: &World, google: &mut Google, name: &str, change: ChangeAccount) {
    if change.revoke {
        google.revoke_account(name);
    }
    if change.expire_access_tokens {
        let tokens = google
            .access
            .values_mut()
            .filter(|access| access.grant.account == name);
        tokens.for_each(|access| access.expires_at = world.clock.now());
    }
    let account = google.accounts.entry(name.to_owned()).or_default();
    account.refuses = change.refuses.unwrap_or(account.refuses);
    if let Some(scopes) = change.scopes_granted {
        account.scopes_granted = scopes;
    }
    if change.channel.is_some() {
        account.channel = change.channel;
    }
}
