//! Channels that are connected, synchronised, scored, synchronised and scored once more, and erased.

use catalyst_cli::error::{Error, Result};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sqlx::{FromRow, PgPool};
use stack::api_client::Client;
use stack::{Addresses, controls};
use uuid::Uuid;

use super::plan::Plan;
use super::proxy::FaultProxy;
use super::recording::Recording;

/// Accounts of this sort forget an upload's session as soon as it is complete.
pub(super) const FORGETFUL: &str = "forgetful";
/// Their jobs are numbered from here, well apart from those of videos.
const FIRST: u32 = 1_000_000;
/// Channels that are connected side by side.
const AT_ONCE: usize = 3;
/// Videos that a channel has: enough to be scored.
const VIDEOS: usize = 12;

/// Every channel of a run.
pub(super) struct Channels {
    addresses: Addresses,
    user: Client,
    made: usize,
    under_way: Vec<Watched>,
    facts: Vec<Facts>,
    accounts: Vec<String>,
    rows_left: i64,
}

/// A channel that has just been connected.
pub(super) struct Connected {
    pub(super) id: Uuid,
    account: String,
}

/// What a channel's synchronisations left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
struct Facts {
    videos: i64,
    scores: i64,
    doubled_snapshots: i64,
}

struct Watched {
    channel: Connected,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Synchronising,
    Repeating,
    Erasing,
    Gone,
}

impl Channels {
    pub(super) async fn new(addresses: &Addresses) -> Result<Self> {
        Ok(Self {
            addresses: addresses.clone(),
            user: Client::sign_up(addresses).await?,
            made: 0,
            under_way: Vec::new(),
            facts: Vec::new(),
            accounts: Vec::new(),
            rows_left: 0,
        })
    }

    /// Connects so many channels as a user does.
    pub(super) async fn connect(
        &mut self,
        count: usize,
        sort: &str,
        channel: Value,
    ) -> Result<Vec<Connected>> {
        let first = self.made;
        self.made += count;
        let this = &*self;
        let channel = &channel;
        stream::iter(first..first + count)
            .map(|number| this.connect_one(format!("{sort}-{number}"), sort, channel))
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn connect_one(&self, account: String, sort: &str, channel: &Value) -> Result<Connected> {
        let content = match channel {
            Value::Object(_) => channel.clone(),
            rows => json!({ "title": account, "rows": rows }),
        };
        controls::create_account(&self.addresses.google, &account, content).await?;
        if sort == FORGETFUL {
            let forget = json!({"account": account, "forget_completed_sessions": true});
            controls::set(&self.addresses.youtube, "knobs", forget).await?;
        }
        let id = self.user.connect(&account).await?;
        Ok(Connected { id, account })
    }

    /// Makes a channel's job for each plan; their numbers.
    pub(super) async fn make(&mut self, plans: Vec<Plan>, proxy: &FaultProxy) -> Result<Vec<u32>> {
        let generated = json!({"generated": {"videos": VIDEOS, "seed": 7}});
        let connected = self.connect(plans.len(), "channel", generated).await?;
        let first = FIRST + self.accounts.len() as u32;
        let mut registry = proxy.registry();
        let mut numbers = Vec::new();
        for ((number, plan), channel) in (first..).zip(plans).zip(connected) {
            registry.assign(channel.id, number);
            registry.recordings.insert(number, Recording::new(plan));
            self.accounts.push(channel.account.clone());
            self.under_way.push(Watched {
                channel,
                stage: Stage::Synchronising,
            });
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// Does with each channel what is next, and tells whether all are gone.
    pub(super) async fn advance(&mut self, database: &PgPool) -> Result<bool> {
        for watched in &mut self.under_way {
            let id = watched.channel.id;
            match watched.stage {
                Stage::Gone => {}
                Stage::Erasing => {
                    if let Some(left) = rows_left(database, id).await? {
                        self.rows_left += left;
                        watched.stage = Stage::Gone;
                    }
                }
                Stage::Synchronising => {
                    if let Some(facts) = facts_when_settled(database, id).await? {
                        self.facts.push(facts);
                        begin(database, "select crash_rig.repeat($1)", id).await?;
                        watched.stage = Stage::Repeating;
                    }
                }
                Stage::Repeating => {
                    if let Some(facts) = facts_when_settled(database, id).await? {
                        self.facts.push(facts);
                        begin(database, "select crash_rig.erase($1)", id).await?;
                        watched.stage = Stage::Erasing;
                    }
                }
            }
        }
        let is_gone = |watched: &Watched| watched.stage == Stage::Gone;
        Ok(self.under_way.iter().all(is_gone))
    }

    /// What they all had in common, and whether one differed.
    pub(super) fn report(&self) -> Value {
        let first = self.facts.first();
        json!({
            "channels": self.accounts.len(),
            "each": first,
            "differing": self.facts.iter().filter(|facts| Some(*facts) != first).count(),
            "rows_left": self.rows_left,
        })
    }

    /// Grants of erased channels that Google still honours.
    pub(super) async fn grants_left(&self) -> Result<u64> {
        let google = controls::state(&self.addresses.google).await?;
        let grants = |account: &String| {
            let live = &google["accounts"][account]["refresh_tokens_live"];
            live.as_u64().unwrap_or(1)
        };
        Ok(self.accounts.iter().map(grants).sum())
    }
}

/// What a channel holds, once it has been scored and nothing of it is due soon.
async fn facts_when_settled(database: &PgPool, channel: Uuid) -> Result<Option<Facts>> {
    sqlx::query_as("select facts.* from crash_rig.facts($1) facts where crash_rig.is_settled($1)")
        .bind(channel)
        .fetch_optional(database)
        .await
        .map_err(Error::database("cannot read the channels"))
}

/// Rows that are left of a channel that is gone; nothing as long as it is there.
async fn rows_left(database: &PgPool, channel: Uuid) -> Result<Option<i64>> {
    let doing = || Error::database("cannot read the channels");
    let exists: bool =
        sqlx::query_scalar("select exists (select from public.channels where id = $1)")
            .bind(channel)
            .fetch_one(database)
            .await
            .map_err(doing())?;
    if exists {
        return Ok(None);
    }
    // Only now: what was counted before may be erased in the meantime.
    sqlx::query_scalar("select crash_rig.rows_of($1)")
        .bind(channel)
        .fetch_one(database)
        .await
        .map(Some)
        .map_err(doing())
}

async fn begin(database: &PgPool, what: &'static str, channel: Uuid) -> Result {
    sqlx::query(what)
        .bind(channel)
        .execute(database)
        .await
        .map(drop)
        .map_err(Error::database("cannot begin a channel's next stage"))
}
