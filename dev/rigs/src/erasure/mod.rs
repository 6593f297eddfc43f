//! `catalyst-dev erasure`: a very large channel is erased, then its owner's account, while somebody else uses the service.
//!
//! Each statement has to end long before the database's time limit, everybody else is to be answered meanwhile, and
//! nothing may be left.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::api_client::Client;
use stack::{Addresses, Stack, http_client, keep_awake};
use uuid::Uuid;

use crate::database::{self, run_all, superuser, value};
use crate::environment::{Environment, tell, tenths};
use crate::patience::until;
use crate::stand_ins::{connect, list};

/// A statement of the API may take this long; the database ends it after 8 s.
const LONGEST_STATEMENT_MS: f64 = 2_000.0;
/// An answer to somebody else may take this long meanwhile.
const LONGEST_ANSWER_MS: f64 = 2_000.0;
/// Videos that are made by one statement.
const AT_ONCE: i32 = 1_000;
const POLL_EVERY: Duration = Duration::from_millis(100);
/// The dispatcher is woken this often, as by many requests.
const WAKE_EVERY: Duration = Duration::from_millis(500);

/// The report as a person reads it.
const SUMMARY: &str = "  channel     {videos} videos, {snapshots} snapshots and {log_lines} lines of the log erased in {channel_seconds} s, answered with {channel_status} after {channel_answer_ms} ms
  account     erased in {account_seconds} s, answered with {account_status} after {account_answer_ms} ms
  meanwhile   the longest statement took {longest_statement_ms} ms; {answers} answers to somebody else, {failed_answers} failed, the slowest took {slowest_answer_ms} ms
  verdict     {rows_left} rows left";

/// What to erase.
#[derive(Clone, Debug, clap::Args)]
pub struct ErasureArgs {
    /// Videos of the channel.
    #[arg(long, default_value_t = 1_000)]
    videos: i32,
    /// Snapshots of each video.
    #[arg(long, default_value_t = 20)]
    snapshots: i32,
    /// Lines of the log about the channel, and half as many again about other things of its owner.
    #[arg(long, default_value_t = 30_000)]
    lines: i32,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Erases and writes `erasure/report.json` into Cargo's target folder. True when every promise was kept.
///
/// # Errors
///
/// When the stack does not start, the erasure does not end, or the report cannot be written.
pub async fn run(project: &Project, args: &ErasureArgs) -> Result<bool> {
    let variables = [("ENABLE_RATE_LIMITING", "false"), ("LOG_LEVEL", "warn")];
    let environment = Environment::new(project, "erasure", args.release, &variables)?;
    let rig = async |stack: &mut Stack, environment: &Environment| {
        let database = superuser(environment.options.ports.postgres).await?;
        let awake = tokio::spawn(keep_awake(stack.environment().clone(), WAKE_EVERY));
        let report = erase(&stack.addresses(), &database, args).await;
        awake.abort();
        database.close().await;
        report
    };
    let (report, reports) = environment.run(project, "logs", false, rig).await?;
    tell(&report, SUMMARY);
    let broken = list(&report, "broken");
    for promise in broken {
        println!("  NOT KEPT    {promise}");
    }
    reports.write("report.json", &report)?;
    Ok(broken.is_empty())
}

async fn erase(addresses: &Addresses, database: &PgPool, args: &ErasureArgs) -> Result<Value> {
    let user = Client::sign_up(addresses).await?;
    let rows = json!({"title": "Large", "rows": []});
    let channel = connect(addresses, &user, "erasure-large", rows).await?;
    let bystander = Client::sign_up(addresses).await?;
    let generated = json!({"generated": {"videos": 60, "seed": 7}});
    connect(addresses, &bystander, "erasure-bystander", generated).await?;
    run_all(database, include_str!("erasure.sql")).await?;
    fill(database, channel, user.id(), args).await?;

    let mut witness = Witness {
        addresses,
        database,
        user: &user,
        bystander: &bystander,
        statement_ms: 0.0,
        answers: 0,
        failed: 0,
        slowest_ms: 0.0,
    };
    let left = "select erasure_rig.rows_of($1)";
    let (path, gone) = (
        format!("/api/channels/{channel}"),
        "select not exists (select from public.channels where id = $1)",
    );
    let of_channel = witness.erasing(&path, gone, channel).await?;
    let of_channel_left: i64 = value(database, left, (channel,)).await?;
    let gone = "select not exists (select from auth.users where id = $1)";
    let of_user = witness.erasing("/api/me", gone, user.id()).await?;
    let rows_left = of_channel_left + value::<i64>(database, left, (user.id(),)).await?;
    let Witness {
        statement_ms,
        answers,
        failed,
        slowest_ms,
        ..
    } = witness;
    let mut report = json!({
        "videos": args.videos, "snapshots": i64::from(args.videos) * i64::from(args.snapshots), "log_lines": args.lines,
        "channel_seconds": tenths(of_channel.seconds), "channel_status": of_channel.status,
        "channel_answer_ms": of_channel.answer_ms.round(),
        "account_seconds": tenths(of_user.seconds), "account_status": of_user.status,
        "account_answer_ms": of_user.answer_ms.round(),
        "longest_statement_ms": statement_ms.round(), "answers": answers, "failed_answers": failed,
        "slowest_answer_ms": slowest_ms.round(), "rows_left": rows_left,
    });
    let promises = [
        (
            "every statement ends in time",
            statement_ms <= LONGEST_STATEMENT_MS,
        ),
        ("everybody else is answered", failed == 0 && answers > 0),
        ("and soon", slowest_ms <= LONGEST_ANSWER_MS),
        ("nothing is left", rows_left == 0),
    ];
    let broken = promises.iter().filter(|(_, kept)| !kept);
    report["broken"] = broken.map(|(promise, _)| *promise).collect();
    Ok(report)
}

/// Makes what is to be erased.
async fn fill(database: &PgPool, channel: Uuid, user: Uuid, args: &ErasureArgs) -> Result {
    let began = Instant::now();
    for first in (1..=args.videos).step_by(AT_ONCE as usize) {
        let last = (first + AT_ONCE - 1).min(args.videos);
        let fill = "select erasure_rig.fill_videos($1, $2, $3, $4)";
        database::run(database, fill, (channel, first, last, args.snapshots)).await?;
    }
    let fill = "select erasure_rig.fill_log($1, $2, $3)";
    database::run(database, fill, (channel, user, args.lines)).await?;
    run_all(database, "analyze").await?;
    println!("  made        in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Erases, and sees what happens meanwhile.
struct Witness<'a> {
    addresses: &'a Addresses,
    database: &'a PgPool,
    user: &'a Client,
    bystander: &'a Client,
    /// The longest statement of the API.
    statement_ms: f64,
    /// Answers to somebody else.
    answers: u32,
    failed: u32,
    slowest_ms: f64,
}

/// One erasure.
struct Erased {
    status: u16,
    answer_ms: f64,
    seconds: f64,
}

impl Witness<'_> {
    /// Asks for an erasure, waits until `gone` says so of `id`, and looks around all the time.
    async fn erasing(&mut self, path: &str, gone: &'static str, id: Uuid) -> Result<Erased> {
        let (database, token) = (self.database, self.user.token());
        let url = format!("{}{path}", self.addresses.api);
        let began = Instant::now();
        let erasing = async {
            let http = http_client::with_timeout(Duration::from_secs(60))?;
            let answer = http.delete(url).bearer_auth(token).send().await;
            let answer = answer.map_err(|error| Error::setup("no answer", error.to_string()))?;
            let (status, answer_ms) = (answer.status().as_u16(), ms(began));
            let is_gone = async || value(database, gone, (id,)).await;
            until(
                "it is erased",
                Duration::from_secs(1_800),
                POLL_EVERY,
                is_gone,
            )
            .await?;
            Ok::<_, Error>(Erased {
                status,
                answer_ms,
                seconds: began.elapsed().as_secs_f64(),
            })
        };
        tokio::select! {
            erased = erasing => erased,
            error = self.watch() => Err(error),
        }
    }

    /// Looks around until that fails.
    async fn watch(&mut self) -> Error {
        let longest = "select coalesce(max(extract(epoch from clock_timestamp() - query_start)), 0)::float8 * 1000
             from pg_stat_activity where state = 'active' and usename = 'authenticator'";
        loop {
            match value::<f64>(self.database, longest, ()).await {
                Ok(ms) => self.statement_ms = self.statement_ms.max(ms),
                Err(error) => return error,
            }
            let asked = Instant::now();
            let answer = self.bystander.get("/api/videos").await;
            self.answers += 1;
            self.failed += u32::from(answer.is_err());
            self.slowest_ms = self.slowest_ms.max(ms(asked));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
