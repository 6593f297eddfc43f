//! `catalyst-dev crash-points`: every call that a step makes is a point at which its process may die, so at each of them one does.
//!
//! First one job of each sort goes its way undisturbed and every call of its steps is written down: to the outside
//! services, and to the functions that change the database. Then each point gets a job of its own, whose worker is ended
//! by SIGKILL once, just before the call leaves or just after it had its effect. At last every step is run again as a
//! whole, and the scheduler delivers each occurrence twice. What counts is what the stand-ins and the database hold
//! afterwards.

mod channels;
mod plan;
mod proxy;
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use sqlx::{PgPool, Row};
use stack::Stack;
use stack::demo;
use uuid::Uuid;

use self::channels::Channels;
use self::plan::{Moment, Plan, Point, Recording};
use self::proxy::FaultProxy;
use self::workers::Workers;
use super::jobs::Jobs;
use super::{count, database};
use crate::rig::Ground;

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct PointsArgs {
    /// Strike at this many points only, spread evenly over all; 0 strikes at every one.
    #[arg(long, default_value_t = 0)]
    pub points: usize,
    /// Occurrences of the schedule that are delivered twice while every step runs again.
    #[arg(long, default_value_t = 1_000)]
    pub doubled: usize,
    /// Which of the points, when not all are taken.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Dispatcher processes.
    #[arg(long, default_value_t = 6)]
    pub workers: usize,
    /// Seconds that a claim is kept without a heartbeat, 2 to 300.
    #[arg(long, default_value_t = 3)]
    pub lease: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    pub release: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    pub keep: bool,
}

const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Past the publish time of every job, and past the life of every access token.
const DAYS: u32 = 4 * 86_400;
/// The step that kills every process that takes it.
const POISONED: &str = "render.advance";
/// Jobs that nothing happens to.
const QUIET: usize = 2;
/// Seconds that a busy machine may add to a lease. A poisoned step that held others up would do so for eight leases.
const BUSY: f64 = 10.0;
/// Accounts of this sort forget an upload's session as soon as it is complete.
const FORGETFUL: &str = "forgetful";

/// Runs the rig and writes `crash/points.json` into Cargo's target folder. True when every promise was kept.
///
/// # Errors
///
/// When the stack or a worker does not start, or the report cannot be written.
pub async fn run(project: &Project, args: &PointsArgs) -> Result<bool> {
    let ground = Ground::new(
        project,
        "crash",
        args.release,
        &[
            // The stack's own dispatcher never takes a step: it has no time for one.
            ("DISPATCH_BUDGET_SECONDS", "1"),
            ("UPLOAD_PIECE_BYTES", "262144"),
            ("ENABLE_RATE_LIMITING", "false"),
            ("LOG_LEVEL", "warn"),
        ],
    )?;
    let stack = ground.start(project).await?;
    let report = strike(&stack, args, &ground.options.binaries, &ground.logs()).await;
    let reports = ground.close(stack, "points-logs", args.keep).await;
    let report = report?;
    summary(&report);
    reports.write("points.json", &report)?;
    Ok(report["broken"].as_array().is_some_and(Vec::is_empty))
}

/// Everything a run needs.
struct Rig<'a> {
    stack: &'a Stack,
    database: PgPool,
    proxy: std::sync::Arc<FaultProxy>,
    jobs: Jobs,
    channels: Channels,
    /// The job that kills whoever takes it.
    poisoned: Option<u32>,
    /// The longest time that a step of an undisturbed job was due beside it, in seconds.
    late: Option<f64>,
    deadline: Instant,
}

async fn strike(stack: &Stack, args: &PointsArgs, binaries: &Path, logs: &Path) -> Result<Value> {
    let began = Instant::now();
    let environment = stack.environment();
    let service = |name: &'static str, variable: &str| {
        (name, environment.get(variable).cloned().unwrap_or_default())
    };
    let (proxy, gates) = FaultProxy::stand(&[
        service("supabase", "SUPABASE_URL"),
        service("google", "FAKE_GOOGLE_URL"),
        service("youtube", "FAKE_YOUTUBE_URL"),
        service("revid", "FAKE_REVID_URL"),
    ])?;
    let database = database(stack).await?;
    let addresses = demo::addresses(stack);
    let jobs = Jobs::prepare(&addresses, &database, 1, None, args.lease).await?;
    sqlx::query("update crash_rig.run set thumbnail = true")
        .execute(&database)
        .await
        .map_err(Error::database("cannot ask for pictures"))?;
    let mut led = proxy.lead(environment);
    led.insert("DISPATCH_BUDGET_SECONDS".to_owned(), "280".to_owned());
    led.insert("PIPELINE_LEASE_SECONDS".to_owned(), args.lease.to_string());
    proxy.registry().shut = true;
    let workers = Workers::start(&proxy, &led, args.workers.max(2), binaries, logs).await?;
    let mut rig = Rig {
        stack,
        database: database.clone(),
        proxy,
        jobs,
        channels: Channels::new(&addresses).await?,
        poisoned: None,
        late: None,
        deadline: Instant::now() + Duration::from_secs(300),
    };

    // Some are left in peace, some meet what only a kill brings about, and one kills whoever takes it.
    let scouts = rig.scout().await?;
    let poison = rig.poisoned().await?;
    let all = rig.all_points(&scouts);
    let jobs = choose(&all, args);
    rig.deadline = Instant::now() + Duration::from_secs(180 + 3 * jobs.len() as u64);
    println!(
        "{} points in {} steps; {} are struck, by {} workers with leases of {} s",
        all.len(),
        all.iter()
            .filter_map(|job| Some(&job.strikes.last()?.step))
            .collect::<BTreeSet<_>>()
            .len(),
        jobs.len(),
        args.workers,
        args.lease
    );

    // Each point has a job of its own.
    let (of_channels, of_videos): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| {
        job.strikes
            .iter()
            .all(|point| point.step.starts_with("channel."))
    });
    let of_channels = of_channels
        .into_iter()
        .map(|job| Plan::Strikes(job.strikes))
        .collect();
    let struck = rig.go(of_videos, of_channels).await?;

    // Every step once more, and every occurrence twice.
    let before = rig.world().await?;
    let repeated = rig.repeat().await?;
    let more = args
        .doubled
        .saturating_sub(usize::try_from(workers.doubled()).unwrap_or_default());
    workers.deliver_twice(more).await;
    rig.until("every step has run once more", Rig::is_idle)
        .await?;
    let after = rig.world().await?;

    let doubled = workers.doubled();
    drop(workers);
    for gate in gates {
        gate.abort();
    }
    let scouts = scouts.into_iter().map(|(number, _)| number).collect();
    let mut report = rig.report(&all, &[scouts, struck].concat()).await?;
    let accounted = rig.accounted().await?;
    database.close().await;
    if let Value::Object(report) = &mut report {
        report.insert("attempts_accounted".into(), json!(accounted));
        report.insert("repeated_steps".into(), json!(repeated));
        report.insert("repeated_effects".into(), json!(u32::from(before != after)));
        report.insert("doubled_deliveries".into(), json!(doubled));
        report.insert("poison".into(), poison);
        report.insert("workers".into(), json!(args.workers));
        report.insert("lease_seconds".into(), json!(args.lease));
        report.insert(
            "seconds".into(),
            json!((began.elapsed().as_secs_f64() * 10.0).round() / 10.0),
        );
    }
    let broken = broken(&report, args);
    report["broken"] = json!(broken);
    Ok(report)
}

/// A job, and where its worker is to die.
#[derive(Clone, Debug)]
struct Job {
    strikes: Vec<Point>,
    /// Its channel's sessions are forgotten by YouTube as soon as the upload is complete.
    forgetful: bool,
}

impl Job {
    const fn quiet() -> Self {
        Self {
            strikes: Vec::new(),
            forgetful: false,
        }
    }

    /// A job that is struck where only what follows the kill shows how the pipeline finds out what had happened.
    fn detour(step: &str, call: &str, nth: u32, moment: Moment, forgetful: bool) -> Self {
        let (step, call) = (step.to_owned(), call.to_owned());
        Self {
            strikes: vec![Point {
                step,
                call,
                nth,
                moment,
            }],
            forgetful,
        }
    }

    fn plan(&self) -> Plan {
        if self.strikes.is_empty() {
            Plan::Nothing
        } else {
            Plan::Strikes(self.strikes.clone())
        }
    }
}

/// All jobs, or some of them, spread evenly.
fn choose(all: &[Job], args: &PointsArgs) -> Vec<Job> {
    if args.points == 0 || args.points >= all.len() {
        return all.to_vec();
    }
    let stride = all.len() as f64 / args.points as f64;
    let shift = args.seed as usize % (stride.ceil() as usize).max(1);
    (0..args.points)
        .map(|n| all[((n as f64 * stride) as usize + shift) % all.len()].clone())
        .collect()
}

impl Rig<'_> {
    /// The jobs that find the points, with their numbers.
    async fn scout(&mut self) -> Result<Vec<(u32, Job)>> {
        let first = self.go(vec![Job::quiet()], vec![Plan::Nothing]).await?;
        let mut scouts: Vec<_> = first
            .into_iter()
            .map(|number| (number, Job::quiet()))
            .collect();

        // A submit that never left is known as such only where the service's list shows older ones.
        let submit = "revid POST /api/public/v3/render";
        let mut jobs = vec![Job::quiet(); QUIET];
        jobs.extend([
            Job::detour("render.advance", submit, 1, Moment::Before, false),
            Job::detour("render.advance", submit, 1, Moment::After, false),
            // The third of three.
            Job::detour(
                "upload.advance",
                "youtube send piece",
                3,
                Moment::After,
                true,
            ),
        ]);
        self.proxy.registry().shut = true;
        self.poisoned = self
            .make(vec![Plan::Poison(POISONED)], "video")
            .await?
            .first()
            .copied();
        let numbers = self.go(jobs.clone(), Vec::new()).await?;
        scouts.extend(numbers.into_iter().zip(jobs));
        Ok(scouts)
    }

    /// Makes these jobs and takes them to their end; their numbers. Those of forgetful channels come last.
    async fn go(&mut self, videos: Vec<Job>, channels: Vec<Plan>) -> Result<Vec<u32>> {
        self.proxy.registry().shut = true;
        let mut numbers = Vec::new();
        let (forgetful, others): (Vec<_>, Vec<_>) =
            videos.into_iter().partition(|job| job.forgetful);
        for (jobs, sort) in [(others, "video"), (forgetful, FORGETFUL)] {
            let plans = jobs.iter().map(Job::plan).collect();
            numbers.extend(self.make(plans, sort).await?);
        }
        numbers.extend(self.channels.make(channels, &self.proxy).await?);
        self.proxy.registry().shut = false;
        self.until(
            "every video is on YouTube and every channel is erased",
            Self::are_on_youtube,
        )
        .await?;
        // What a jump of the clock makes late was not late.
        if self.poisoned.is_some() && self.late.is_none() {
            let registry = self.proxy.registry();
            let quiet = numbers
                .iter()
                .filter_map(|number| registry.recordings.get(number))
                .filter(|recording| recording.is_quiet());
            self.late = Some(quiet.map(Recording::latest).fold(0.0, f64::max));
        }
        self.advance().await?;
        self.until("every video is public", Self::are_public)
            .await?;
        Ok(numbers)
    }

    /// A job for each point: of the undisturbed runs, and of what follows a kill.
    fn all_points(&self, scouts: &[(u32, Job)]) -> Vec<Job> {
        let (quiet, detours): (Vec<_>, Vec<_>) =
            scouts.iter().partition(|(_, job)| job.strikes.is_empty());
        let quiet: Vec<u32> = quiet.into_iter().map(|(number, _)| *number).collect();
        let usual = self.seen(&quiet);
        let known: BTreeSet<_> = usual
            .iter()
            .map(|point| (point.step.clone(), point.call.clone()))
            .collect();
        let mut all: Vec<Job> = usual
            .into_iter()
            // A channel's hundredth page is like its third.
            .filter(|point| !point.step.starts_with("channel.") || point.nth <= 3)
            .map(|point| Job {
                strikes: vec![point],
                forgetful: false,
            })
            .collect();
        for (number, detour) in detours {
            for point in self.seen(&[*number]) {
                let is_new = !known.contains(&(point.step.clone(), point.call.clone()));
                if is_new && point.nth <= 2 {
                    let mut job = detour.clone();
                    job.strikes.push(point);
                    all.push(job);
                }
            }
        }
        all
    }

    /// One job for each plan, each on a channel of its own.
    async fn make(&mut self, plans: Vec<Plan>, sort: &str) -> Result<Vec<u32>> {
        if plans.is_empty() {
            return Ok(Vec::new());
        }
        let failed = || Error::database("cannot make the jobs");
        let taken = self.channels.connect(plans.len(), sort, json!([])).await?;
        sqlx::query("select crash_rig.take($1)")
            .bind(taken.iter().map(|channel| channel.id).collect::<Vec<_>>())
            .execute(&self.database)
            .await
            .map_err(failed())?;
        let first: i32 = sqlx::query_scalar("select coalesce(max(n), 0) + 1 from crash_rig.jobs")
            .fetch_one(&self.database)
            .await
            .map_err(failed())?;
        let first = first.unsigned_abs();
        let last = first + plans.len() as u32 - 1;
        self.jobs.add(&self.database, first..=last).await?;
        for (number, plan) in (first..).zip(plans) {
            self.proxy
                .registry()
                .recordings
                .insert(number, Recording::new(plan));
        }
        self.know().await?;
        Ok((first..=last).collect())
    }

    /// Tells the proxy whose rows are whose.
    async fn know(&self) -> Result {
        let failed = || Error::database("cannot read the jobs");
        let rows = sqlx::query("select n, render_id, upload_id from crash_rig.jobs")
            .fetch_all(&self.database)
            .await
            .map_err(failed())?;
        let mut registry = self.proxy.registry();
        for row in rows {
            let number: i32 = row.try_get("n").map_err(failed())?;
            for name in ["render_id", "upload_id"] {
                let subject: Uuid = row.try_get(name).map_err(failed())?;
                registry.know(subject, number.unsigned_abs());
            }
        }
        Ok(())
    }

    async fn until(
        &mut self,
        what: &str,
        is_so: impl AsyncFn(&mut Self) -> Result<bool>,
    ) -> Result {
        while !is_so(self).await? {
            if Instant::now() > self.deadline {
                let open = self.open().await.unwrap_or_default();
                return Err(Error::setup(
                    format!("it did not come to this: {what}; open is\n    {open}"),
                    "see the logs under crash/points-logs",
                ));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// What is not over, for a message.
    async fn open(&self) -> Result<String> {
        let rows: Vec<String> = sqlx::query_scalar(
            "(select format('%s %s %s %s, due in %s s', s.kind, s.subject_id, s.state, coalesce(s.reason, s.last_error ->> 'code', ''),
                extract(epoch from s.due_at - private.now())::integer)
             from private.steps s where s.state not in ('done', 'waiting') or s.due_at < private.now() + interval '1 hour' limit 20)
             union all
             (select format('upload of job %s %s %s, render %s', j.n, u.state, u.reason || ' ' || coalesce(u.last_error::text, ''), r.state)
              from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id join public.renders r on r.id = j.render_id
              where u.state <> 'published' limit 20)
             union all
             (select format('channel %s %s', c.id, c.state) from public.channels c where c.state = 'erasing' limit 20)",
        )
        .fetch_all(&self.database)
        .await
        .map_err(Error::database("cannot read the steps"))?;
        Ok(rows.join("\n    "))
    }

    /// Whether no job's upload is in any of the states before `states`.
    async fn uploads_are(&self, states: &[&str]) -> Result<bool> {
        sqlx::query_scalar(
            "select not exists (
               select from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
               where u.state <> all ($1) and j.n is distinct from $2)",
        )
        .bind(states)
        .bind(
            self.poisoned
                .map(|number| i32::try_from(number).unwrap_or(i32::MAX)),
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot look at the uploads"))
    }

    async fn are_on_youtube(&mut self) -> Result<bool> {
        self.jobs.ask_again(&self.database).await?;
        self.know().await?;
        let erased = self.channels.go_on(&self.database).await?;
        Ok(erased
            && self.uploads_are(&["on_youtube", "published"]).await?
            && self.is_idle().await?)
    }

    async fn are_public(&mut self) -> Result<bool> {
        Ok(self.uploads_are(&["published"]).await? && self.is_idle().await?)
    }

    /// Whether no step of any job is running or due soon.
    async fn is_idle(&mut self) -> Result<bool> {
        sqlx::query_scalar(
            "select not exists (select from private.steps where state = 'running'
               or (state = 'waiting' and due_at < private.now() + interval '5 minutes'))",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot look at the steps"))
    }

    /// Four days pass.
    async fn advance(&self) -> Result {
        let url = format!("{}/_control/clock", demo::addresses(self.stack).supabase);
        demo::client::control(url, json!({ "advance_seconds": DAYS }))
            .await
            .map_err(|error| {
                Error::setup(error.to_string(), "see the logs under crash/points-logs")
            })
    }

    /// Every point of these jobs.
    fn seen(&self, numbers: &[u32]) -> Vec<Point> {
        let registry = self.proxy.registry();
        let mut points: Vec<Point> = numbers
            .iter()
            .filter_map(|number| registry.recordings.get(number))
            .flat_map(Recording::points)
            .collect();
        points.sort();
        points.dedup();
        points
    }

    /// Makes every step that is over due again; how many.
    async fn repeat(&self) -> Result<i64> {
        sqlx::query_scalar(
            "select count(private.enqueue_step(queue, kind, subject_id, channel_id)) from private.steps
             where kind in ('render.advance', 'upload.advance', 'upload.thumbnail') and state = 'done'",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot repeat the steps"))
    }

    /// What the world outside holds, and what the product says of it.
    async fn world(&self) -> Result<Value> {
        let numbers = self.video_jobs().await?;
        let mut world = count::world(self.stack, &self.database, numbers).await?;
        for name in ["claims", "claims_of_other_steps", "attempts_accounted"] {
            world.as_object_mut().map(|world| world.remove(name));
        }
        Ok(world)
    }

    async fn video_jobs(&self) -> Result<u32> {
        let jobs: i64 = sqlx::query_scalar("select count(*) from crash_rig.jobs")
            .fetch_one(&self.database)
            .await
            .map_err(Error::database("cannot count the jobs"))?;
        Ok(u32::try_from(jobs).unwrap_or(u32::MAX))
    }

    /// What became of the step that kills whoever takes it, and of the jobs beside it that were left in peace.
    async fn poisoned(&self) -> Result<Value> {
        let failed = || Error::database("cannot look at the poisoned step");
        let poisoned = self.poisoned.unwrap_or_default();
        let row = sqlx::query(
            "select s.state, s.claims, s.max_attempts, s.last_error ->> 'code' as code, r.state as render
             from crash_rig.jobs j join private.steps s on s.subject_id = j.render_id and s.kind = $2
             join public.renders r on r.id = j.render_id where j.n = $1",
        )
        .bind(i32::try_from(poisoned).unwrap_or(i32::MAX))
        .bind(POISONED)
        .fetch_one(&self.database)
        .await
        .map_err(failed())?;
        let state: String = row.try_get("state").map_err(failed())?;
        let claims: i64 = row.try_get("claims").map_err(failed())?;
        let most: i32 = row.try_get("max_attempts").map_err(failed())?;
        let code: Option<String> = row.try_get("code").map_err(failed())?;
        let render: String = row.try_get("render").map_err(failed())?;
        let registry = self.proxy.registry();
        let kills = registry
            .recordings
            .get(&poisoned)
            .map_or(0, Recording::kills);
        let late = self.late.unwrap_or(f64::MAX);
        Ok(json!({
            "state": state, "claims": claims, "kills": kills, "most_attempts": most, "code": code, "render": render,
            "others_late_seconds_max": (late * 10.0).round() / 10.0,
        }))
    }

    /// Whether each claim has an end, and the pipeline counted as many as its database saw.
    async fn accounted(&self) -> Result<bool> {
        sqlx::query_scalar(
            "select not exists (select from crash_rig.claims where ending is null)
               and not exists (select from private.steps s join crash_rig.jobs j on s.subject_id in (j.render_id, j.upload_id)
                 where s.claims <> (select count(*) from crash_rig.claims c where c.step = s.id))",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot count the claims"))
    }

    /// What became of everything.
    async fn report(&self, all: &[Job], numbers: &[u32]) -> Result<Value> {
        let world = count::world(self.stack, &self.database, self.video_jobs().await?).await?;
        let orphans = self.orphans(&world).await?;
        let registry = self.proxy.registry();
        let recordings: Vec<&Recording> = numbers
            .iter()
            .filter_map(|number| registry.recordings.get(number))
            .collect();
        let mut steps: BTreeMap<&str, u32> = BTreeMap::new();
        for point in all.iter().filter_map(|job| job.strikes.last()) {
            *steps.entry(&point.step).or_default() += 1;
        }
        let healed = recordings
            .iter()
            .filter_map(|recording| recording.healed())
            .max()
            .unwrap_or_default();
        let list: Vec<Value> = recordings
            .iter()
            .filter_map(|recording| {
                let strikes = recording.strikes();
                let mut line = json!(strikes.last()?);
                line["after"] = json!(strikes.iter().rev().nth(1));
                line["struck"] = json!(recording.kills() as usize == strikes.len());
                line["healed_ms"] = json!(recording.healed().map(|time| time.as_millis()));
                Some(line)
            })
            .collect();
        // The poisoned job has no video, as it must not.
        let lost = world["lost"].as_u64().unwrap_or_default().saturating_sub(1);
        Ok(json!({
            "points": all.len(),
            "points_of_steps": steps,
            "struck": list.iter().filter(|line| line["struck"] == true).count(),
            "not_reached": list.iter().filter(|line| line["struck"] == false && line["nth"] == 1).count(),
            "not_reached_again": list.iter().filter(|line| line["struck"] == false && line["nth"] != 1).count(),
            "kills": recordings.iter().map(|recording| recording.kills()).sum::<u32>(),
            "jobs": numbers.len(),
            "lost": lost,
            "duplicated_uploads": world["duplicated_uploads"],
            "duplicated_renders": world["duplicated_renders"],
            "left_running": world["left_running"],
            "orphans": orphans,
            "healed_seconds_max": (healed.as_secs_f64() * 10.0).round() / 10.0,
            "channels": self.channels.report(),
            "outcomes": world["outcomes"],
            "submits_found_again": world["submits_found_again"],
            "asked_again": world["asked_again"],
            "protocol_violations": world["protocol_violations"],
            "list": list,
        }))
    }

    /// Things outside that nobody here knows of: videos, paid renders, and grants of channels that were erased.
    async fn orphans(&self, world: &Value) -> Result<u64> {
        let known: i64 = sqlx::query_scalar(
            "select (select count(*) from public.scheduled_uploads where youtube_video_id is not null)
               + (select count(*) from public.renders where provider_job_id is not null)",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot count what is known"))?;
        let number = |name: &str| world[name].as_i64().unwrap_or_default();
        let outside = number("videos_created") + number("renders_charged");
        let grants = self.channels.grants_left(self.stack).await?;
        Ok(outside.abs_diff(known) + grants)
    }
}

/// The promises that this run did not see kept.
fn broken(report: &Value, args: &PointsArgs) -> Vec<String> {
    let mut broken: Vec<String> = [
        "lost",
        "duplicated_uploads",
        "duplicated_renders",
        "left_running",
        "orphans",
        "not_reached",
        "repeated_effects",
    ]
    .iter()
    .filter(|name| report[**name] != 0)
    .map(|name| format!("{name} is {}", report[*name]))
    .collect();
    let poison = &report["poison"];
    let late = poison["others_late_seconds_max"].as_f64();
    for (kept, promise) in [
        (
            report["attempts_accounted"] == true,
            "every attempt is accounted for",
        ),
        (
            report["channels"]["differing"] == 0,
            "an interrupted channel ends as an undisturbed one",
        ),
        (
            report["channels"]["rows_left"] == 0,
            "nothing of an erased channel is left",
        ),
        (
            poison["code"] == "attempts_exhausted",
            "a poisoned step is dead-lettered",
        ),
        (
            poison["claims"] == poison["most_attempts"] && poison["kills"] == poison["claims"],
            "after exactly so many claims",
        ),
        (
            late.is_some_and(|late| late <= f64::from(args.lease) + BUSY),
            "a poisoned step delays nothing by more than a lease",
        ),
        (
            report["doubled_deliveries"].as_u64() >= Some(args.doubled as u64),
            "the scheduler delivered twice",
        ),
    ] {
        if !kept {
            broken.push(promise.to_owned());
        }
    }
    broken
}

fn summary(report: &Value) {
    let number = |name: &str| report[name].to_string();
    println!(
        "  struck      {} of {} points, {} not reached; each was made up for within {} s",
        number("struck"),
        number("points"),
        number("not_reached"),
        number("healed_seconds_max")
    );
    println!(
        "  repeated    {} whole steps, {} occurrences delivered twice: {} effects",
        number("repeated_steps"),
        number("doubled_deliveries"),
        number("repeated_effects")
    );
    println!("  poison      {}", report["poison"]);
    println!("  channels    {}", report["channels"]);
    println!(
        "  verdict     lost {}, duplicated uploads {}, duplicated renders {}, orphans {}, left running {}; {} s",
        number("lost"),
        number("duplicated_uploads"),
        number("duplicated_renders"),
        number("orphans"),
        number("left_running"),
        number("seconds")
    );
    for promise in report["broken"].as_array().into_iter().flatten() {
        println!("  NOT KEPT    {promise}");
    }
}
