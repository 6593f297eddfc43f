//! Channels that are connected, synchronised, scored, synchronised and scored once more, and erased.

use std::collections::BTreeMap;

use catalyst_cli::error::{Error, Result};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sqlx::{PgPool, Row};
use stack::Stack;
use stack::demo::DemoError;
use stack::demo::client::{Addresses, Client, control};
use uuid::Uuid;

use super::plan::{Plan, Recording};
use super::proxy::FaultProxy;
use crate::crash::jobs::connect;

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
    facts: Vec<BTreeMap<String, i64>>,
    accounts: Vec<String>,
    rows_left: i64,
}

/// A channel that has just been connected.
pub(super) struct Connected {
    pub(super) id: Uuid,
    account: String,
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

fn failed(error: &DemoError) -> Error {
    Error::setup(error.to_string(), "see the logs under crash/points-logs")
}

impl Channels {
    pub(super) async fn new(addresses: &Addresses) -> Result<Self> {
        let email = format!("{}@example.org", Uuid::new_v4().simple());
        Ok(Self {
            addresses: addresses.clone(),
            user: Client::sign_up(addresses, &email)
                .await
                .map_err(|error| failed(&error))?,
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
            .map(|number| async move {
                let account = format!("{sort}-{number}");
                let content = match channel {
                    Value::Object(_) => channel.clone(),
                    rows => json!({ "title": account, "rows": rows }),
                };
                control(
                    format!("{}/_control/accounts", this.addresses.google),
                    json!({"account": account, "channel": content}),
                )
                .await?;
                if sort == super::FORGETFUL {
                    control(
                        format!("{}/_control/knobs", this.addresses.youtube),
                        json!({"account": account, "forget_completed_sessions": true}),
                    )
                    .await?;
                }
                let answer = connect(&this.user, &account).await?;
                let id = answer["id"].as_str().and_then(|id| id.parse().ok());
                let id = id.ok_or_else(|| {
                    DemoError::new("the callback names no channel", answer.to_string())
                })?;
                Ok(Connected { id, account })
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await
            .map_err(|error| failed(&error))
    }

    /// Makes a channel's job for each plan; their numbers.
    pub(super) async fn make(&mut self, plans: Vec<Plan>, proxy: &FaultProxy) -> Result<Vec<u32>> {
        let generated = json!({"generated": {"videos": VIDEOS, "seed": 7}});
        let connected = self.connect(plans.len(), "channel", generated).await?;
        let first = FIRST + self.accounts.len() as u32;
        let mut registry = proxy.registry();
        let mut numbers = Vec::new();
        for ((number, plan), channel) in (first..).zip(plans).zip(connected) {
            registry.know(channel.id, number);
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
    pub(super) async fn go_on(&mut self, database: &PgPool) -> Result<bool> {
        let doing = || Error::database("cannot look at the channels");
        for watched in &mut self.under_way {
            let id = watched.channel.id;
            match watched.stage {
                Stage::Gone => {}
                Stage::Erasing => {
                    let exists: bool = sqlx::query_scalar(
                        "select exists (select from public.channels where id = $1)",
                    )
                    .bind(id)
                    .fetch_one(database)
                    .await
                    .map_err(doing())?;
                    // Only when it is gone: what was counted before may be erased in the meantime.
                    if !exists {
                        let left: i64 = sqlx::query_scalar("select crash_rig.rows_of($1)")
                            .bind(id)
                            .fetch_one(database)
                            .await
                            .map_err(doing())?;
                        self.rows_left += left;
                        watched.stage = Stage::Gone;
                    }
                }
                Stage::Synchronising | Stage::Repeating => {
                    let settled: bool = sqlx::query_scalar("select crash_rig.is_settled($1)")
                        .bind(id)
                        .fetch_one(database)
                        .await
                        .map_err(doing())?;
                    if !settled {
                        continue;
                    }
                    let row = sqlx::query("select * from crash_rig.facts($1)")
                        .bind(id)
                        .fetch_one(database)
                        .await
                        .map_err(doing())?;
                    let mut facts = BTreeMap::new();
                    for name in ["videos", "scores", "doubled_snapshots"] {
                        facts.insert(name.to_owned(), row.try_get(name).map_err(doing())?);
                    }
                    self.facts.push(facts);
                    let (next, stage) = match watched.stage {
                        Stage::Synchronising => ("select crash_rig.repeat($1)", Stage::Repeating),
                        _ => ("select crash_rig.erase($1)", Stage::Erasing),
                    };
                    sqlx::query(next)
                        .bind(id)
                        .execute(database)
                        .await
                        .map_err(doing())?;
                    watched.stage = stage;
                }
            }
        }
        Ok(self
            .under_way
            .iter()
            .all(|watched| watched.stage == Stage::Gone))
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
    pub(super) async fn grants_left(&self, stack: &Stack) -> Result<u64> {
        let google = crate::crash::count::state(stack, "FAKE_GOOGLE_URL").await?;
        Ok(self
            .accounts
            .iter()
            .map(|account| {
                google["accounts"][account]["refresh_tokens_live"]
                    .as_u64()
                    .unwrap_or(1)
            })
            .sum())
    }
}
