//! A round: uploads of every stage are withdrawn in every way while one thing is wrong, and then their time passes.

use std::time::Duration;

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::{Addresses, Stack, controls};

use super::case::{Case, Stage, Way};
use crate::database::{RIG, rows, run, run_all, value};
use crate::drill::backup::Backup;
use crate::environment::Environment;
use crate::patience::until;
use crate::stand_ins::{connect, lift_quota, list, turn};

/// Things that are done side by side.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(120);
const POLL_EVERY: Duration = Duration::from_millis(150);
/// From the beginning of a round to the time at which its uploads are to be public.
const SLOT: SignedDuration = SignedDuration::from_hours(2);
/// A round takes no longer than this, and must not reach into the next day of YouTube's quota.
const ROUND_SECONDS: i64 = 4 * 3_600;
/// The minutes by which time passes while the pipeline does what it can: from the withdrawal on, and when the slots are near.
pub(super) const STEPS: &[i64] = &[50, 50, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5];
/// The same in fewer steps: until the users are told, past the slots, and on.
pub(super) const LONG_STEPS: &[i64] = &[50, 50, 12, 10, 20];
/// Units of YouTube that are left when another tenant has used up what our own count allows.
const HEAD_ROOM: u64 = 2_000;

/// What is wrong while uploads are withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    Calm,
    /// Another tenant has spent the day's quota, as far as our own count allows.
    SpentByAnother,
    /// Our own count says that YouTube's quota is exhausted; YouTube does not.
    OwnCountWrong,
    /// The Analytics API refuses for its own quota.
    AnalyticsRefuses,
    /// YouTube refuses every change of a video.
    YoutubeRefuses,
    /// YouTube fails at every change of a video.
    YoutubeFails,
}

impl Condition {
    pub(super) const ALL: [Self; 6] = [
        Self::Calm,
        Self::SpentByAnother,
        Self::OwnCountWrong,
        Self::AnalyticsRefuses,
        Self::YoutubeRefuses,
        Self::YoutubeFails,
    ];

    pub(super) fn name(self) -> String {
        json!(self).as_str().unwrap_or_default().to_owned()
    }
}

/// What rounds work with.
pub(super) struct Rounds<'a> {
    pub(super) addresses: &'a Addresses,
    pub(super) database: PgPool,
    pub(super) stages: &'a [Stage],
    /// The minutes by which time passes.
    pub(super) steps: &'a [i64],
    pub(super) http: reqwest::Client,
}

impl Rounds<'_> {
    /// Runs a round; a line for each case.
    pub(super) async fn run(&self, number: usize, condition: Condition) -> Result<Vec<Value>> {
        let slot = self.slot().await?;
        let cases = self.prepare(number, slot).await?;
        self.begin(condition, &cases, slot).await?;
        self.withdraw(cases, &condition.name()).await
    }

    /// A round in which the database is lost after its uploads have got on, and is restored from a backup that does not know
    /// of it; a line for each case.
    pub(super) async fn run_restored(
        &mut self,
        number: usize,
        project: &Project,
        stack: &mut Stack,
        rig: &Environment,
    ) -> Result<Vec<Value>> {
        let slot = self.slot().await?;
        let cases = self.prepare(number, slot).await?;
        let backups = rig.reports.path("backups");
        drop(std::fs::remove_dir_all(&backups));
        let backup = Backup::take(stack, &backups).await?;
        backup.verify(project).await?;
        controls::clear(&self.addresses.youtube, "faults").await?;
        self.pass(SignedDuration::from_mins(10)).await?;
        self.settle().await?;
        let lost_at = Timestamp::now();
        self.database.close().await;
        stack.destroy_database(&rig.options).await?;
        stack.new_database(&rig.options).await?;
        backup
            .recover(project, stack, &rig.options, lost_at)
            .await?;
        self.database = stack.database().await?;
        run_all(&self.database, RIG).await?;
        self.withdraw(cases, "restored").await
    }

    /// When a round's uploads are to be public. Passes over the end of a day of YouTube's quota that would come before.
    async fn slot(&self) -> Result<Timestamp> {
        let left = "select extract(epoch from private.quota_day_start(private.quota_day(private.now()) + 1) - private.now())::bigint";
        let left: i64 = value(&self.database, left, ()).await?;
        if left < ROUND_SECONDS {
            self.pass(SignedDuration::from_secs(left + 60)).await?;
            self.settle().await?;
        }
        Ok(self.now().await? + SLOT)
    }

    /// Withdraws them all and lets their time pass; a line for each.
    async fn withdraw(&self, mut cases: Vec<Case>, condition: &str) -> Result<Vec<Value>> {
        let withdraw = cases
            .iter_mut()
            .map(|case| case.withdraw(self.addresses, &self.http));
        side_by_side(withdraw).await?;
        for minutes in self.steps {
            self.settle().await?;
            self.look(&mut cases).await?;
            self.pass(SignedDuration::from_mins(*minutes)).await?;
        }
        self.settle().await?;
        self.look(&mut cases).await?;
        self.end().await?;
        Ok(cases.iter().map(|case| case.line(condition)).collect())
    }

    /// Brings an upload of each stage and way to its stage.
    async fn prepare(&self, number: usize, slot: Timestamp) -> Result<Vec<Case>> {
        lift_quota(&self.addresses.youtube, 0).await?;
        turn(
            &self.addresses.revid,
            json!({"file_bytes": 600_000, "ready_after_real_ms": 1}),
        )
        .await?;
        let wanted = self
            .stages
            .iter()
            .flat_map(|stage| Way::ALL.map(|way| (*stage, way)));
        let wanted = wanted
            .enumerate()
            .map(|(n, (stage, way))| (format!("withdrawal-{number}-{n}-"), stage, way));
        let begun = wanted.map(|wanted| Case::begin(self.addresses, &self.database, wanted, slot));
        let cases: Vec<Case> = stream::iter(begun).buffered(AT_ONCE).try_collect().await?;
        until(
            "every upload has come to its stage",
            PATIENCE,
            POLL_EVERY,
            async || {
                for case in &cases {
                    if !case.has_come(&self.database).await? {
                        return Ok(false);
                    }
                }
                Ok(true)
            },
        )
        .await?;
        Ok(cases)
    }

    /// From now on this is wrong; what must come last before the withdrawal is done then.
    async fn begin(&self, condition: Condition, cases: &[Case], slot: Timestamp) -> Result {
        let youtube = &self.addresses.youtube;
        match condition {
            Condition::Calm => {}
            Condition::SpentByAnother => {
                self.count_everything_spent(false).await?;
                let state = controls::state(youtube).await?;
                let units = list(&state, "quota")
                    .iter()
                    .filter(|bucket| bucket["bucket"] == "units");
                let used = units
                    .filter_map(|bucket| bucket["used"].as_u64())
                    .max()
                    .unwrap_or(0);
                turn(youtube, json!({"quota_units": used + HEAD_ROOM})).await?;
            }
            Condition::OwnCountWrong => self.count_everything_spent(true).await?,
            Condition::AnalyticsRefuses => self.have_analytics_refuse().await?,
            Condition::YoutubeRefuses => {
                let fault =
                    json!({"operation": "videos.update", "error": "quotaExceeded", "times": 0});
                controls::set(youtube, "faults", fault).await?;
            }
            Condition::YoutubeFails => {
                let fault = json!({"operation": "videos.update", "status": 503, "times": 0});
                controls::set(youtube, "faults", fault).await?;
            }
        }
        side_by_side(cases.iter().map(|case| case.arrive(&self.database, slot))).await
    }

    async fn count_everything_spent(&self, exhausted: bool) -> Result {
        let spend = "insert into private.quota_ledger (bucket, quota_day, spent, exhausted_at)
             select b, private.quota_day(private.now()), private.quota_capacity(b), case when $1 then private.now() end from unnest(array['units']) b
             on conflict on constraint quota_ledger_pkey do update
             set spent = excluded.spent, exhausted_at = excluded.exhausted_at";
        run(&self.database, spend, (exhausted,)).await
    }

    /// Synchronises a channel of somebody else, whose statistics are refused.
    async fn have_analytics_refuse(&self) -> Result {
        let refuse = json!({"operation": "reports.query", "error": "quotaExceeded", "times": 0});
        controls::set(&self.addresses.youtube, "faults", refuse).await?;
        let somebody = stack::api_client::Client::sign_up(self.addresses).await?;
        let account = format!("analytics-{}", somebody.id().simple());
        let channel = json!({"generated": {"videos": 12, "seed": 7}});
        connect(self.addresses, &somebody, &account, channel).await?;
        self.settle().await
    }

    /// Nothing is wrong any more.
    async fn end(&self) -> Result {
        controls::clear(&self.addresses.youtube, "faults").await?;
        controls::clear(&self.addresses.youtube, "knobs").await?;
        controls::clear(&self.addresses.youtube, "quota").await?;
        run(&self.database, "delete from private.quota_ledger", ()).await?;
        controls::clear(&self.addresses.revid, "knobs").await
    }

    /// Lets time pass once the pipeline rests: a step that runs meanwhile sleeps by the clock it saw.
    async fn pass(&self, time: SignedDuration) -> Result {
        self.settle().await?;
        let advance = json!({"advance_seconds": time.as_secs()});
        controls::set(&self.addresses.supabase, "clock", advance).await
    }

    async fn now(&self) -> Result<Timestamp> {
        let now: i64 = value(
            &self.database,
            "select extract(epoch from private.now())::bigint",
            (),
        )
        .await?;
        Ok(Timestamp::from_second(now).unwrap_or_default())
    }

    /// Waits until the pipeline has done what it can do now.
    async fn settle(&self) -> Result {
        let idle = "select rig.is_idle('100 milliseconds')";
        let is_idle = async || value(&self.database, idle, ()).await;
        let settled = until("nothing is due", PATIENCE, POLL_EVERY, is_idle).await;
        if settled.is_err() {
            let busy: Vec<(String,)> =
                rows(&self.database, "select what from rig.busy", ()).await?;
            for (what,) in busy {
                println!("  busy        {what}");
            }
        }
        settled
    }

    async fn look(&self, cases: &mut [Case]) -> Result {
        let youtube = controls::state(&self.addresses.youtube).await?;
        let api = &self.addresses.api;
        let look = cases
            .iter_mut()
            .map(|case| case.look(&youtube, &self.database, &self.http, api));
        side_by_side(look).await
    }
}

async fn side_by_side(work: impl Iterator<Item = impl Future<Output = Result>>) -> Result {
    let work = stream::iter(work).buffer_unordered(AT_ONCE);
    work.try_collect().await
}
