//! Channels that are connected, synchronised, scored, synchronised and scored once more, and erased.

use catalyst_cli::error::Result;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sqlx::{FromRow, PgPool};
use stack::{Addresses, api_client::Client, controls};
use uuid::Uuid;

use super::job::Job;
use super::{proxy::FaultProxy, recording::Recording};
use crate::database::{rows, run, value};
use crate::stand_ins::turn;

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
    under_way: Vec<(Uuid, Stage)>,
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
            turn(&self.addresses.youtube, forget).await?;
        }
        let id = self.user.connect(&account).await?;
        Ok(Connected { id, account })
    }

    /// Makes a channel for each of these jobs; their numbers.
    pub(super) async fn make(&mut self, jobs: Vec<Job>, proxy: &FaultProxy) -> Result<Vec<u32>> {
        let generated = json!({"generated": {"videos": VIDEOS, "seed": 7}});
        let connected = self.connect(jobs.len(), "channel", generated).await?;
        let first = FIRST + self.accounts.len() as u32;
        let mut registry = proxy.registry();
        let mut numbers = Vec::new();
        for ((number, job), channel) in (first..).zip(jobs).zip(connected) {
            registry.subjects.insert(channel.id, number);
            registry.recordings.insert(number, Recording::new(job));
            self.accounts.push(channel.account);
            self.under_way.push((channel.id, Stage::Synchronising));
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// Does with each channel what is next, and tells whether all are gone.
    pub(super) async fn advance(&mut self, database: &PgPool) -> Result<bool> {
        for (channel, stage) in &mut self.under_way {
            let id = *channel;
            if *stage == Stage::Erasing {
                if !value::<bool>(
                    database,
                    "select exists (select from public.channels where id = $1)",
                    (id,),
                )
                .await?
                {
                    // Only now: what was counted before may be erased in the meantime.
                    self.rows_left +=
                        value::<i64>(database, "select crash_rig.rows_of($1)", (id,)).await?;
                    *stage = Stage::Gone;
                }
            } else if *stage != Stage::Gone
                && let Some(facts) = facts_when_settled(database, id).await?
            {
                self.facts.push(facts);
                let (next, then) = match stage {
                    Stage::Synchronising => ("select crash_rig.repeat($1)", Stage::Repeating),
                    _ => ("select crash_rig.erase($1)", Stage::Erasing),
                };
                run(database, next, (id,)).await?;
                *stage = then;
            }
        }
        Ok(self
            .under_way
            .iter()
            .all(|(_, stage)| *stage == Stage::Gone))
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
        let live = |account: &String| google["accounts"][account]["refresh_tokens_live"].as_u64();
        Ok(self
            .accounts
            .iter()
            .map(|account| live(account).unwrap_or(1))
            .sum())
    }
}

/// What a channel holds, once it has been scored and nothing of it is due soon.
async fn facts_when_settled(database: &PgPool, channel: Uuid) -> Result<Option<Facts>> {
    let facts = "select facts.* from crash_rig.facts($1) facts where crash_rig.is_settled($1)";
    Ok(rows(database, facts, (channel,)).await?.pop())
}
