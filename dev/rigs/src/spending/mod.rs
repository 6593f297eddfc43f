//! `catalyst-dev spending`: many accounts try to spend more than the deployment may, and what the render service charged is
//! counted.
//!
//! Each writes scripts, asks for every render several times at once, goes on after refusals, is erased and signs up again for
//! the same channel. Estimates fail now and then, and dispatchers are killed while they submit.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::api_client::{self, Client};
use stack::{Addresses, Stack, controls, http_client};
use uuid::Uuid;

use crate::crash::workers::{DISPATCHER, Workers};
use crate::database::{RIG, run_all, value};
use crate::environment::{Environment, tell, tenths};
use crate::patience::until;
use crate::stand_ins::{lift_quota, list, turn};

/// Credits that the deployment may spend in the run, which are far fewer than are asked for.
const CREDITS_PER_DAY: u64 = 150;
/// What the stand-in charges for a render.
const CREDITS: u64 = 10;
/// Renders of one account in a month.
const RENDERS: usize = 2;
/// Scripts of one account, and how often each is asked for at once.
const SCRIPTS: usize = 3;
const TIMES: usize = 3;
/// Spenders at work at a time.
const AT_ONCE: usize = 6;
const KILL_EVERY: Duration = Duration::from_millis(700);

/// The report as a person reads it.
const SUMMARY: &str = "  spenders    {accounts} accounts, each twice, asked {asked} times for a render; {accepted} were accepted, {kills} dispatchers killed
  verdict     {credits_charged} of {credits_per_day} credits charged for {renders_charged} renders; {unbalanced_sums} sums differ from what they are of; {seconds} s";

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct SpendingArgs {
    /// Accounts, each of which signs up twice.
    #[arg(long, default_value_t = 12)]
    accounts: usize,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Runs the rig and writes `spending/report.json` into Cargo's target folder. True when the cap held.
///
/// # Errors
///
/// When the stack or a worker does not start, a spender is refused what costs nothing, or the report cannot be written.
pub async fn run(project: &Project, args: &SpendingArgs) -> Result<bool> {
    let variables = [
        ("RENDER_CREDITS_PER_DAY", &*CREDITS_PER_DAY.to_string()),
        ("MAX_VIDEO_GENERATIONS_PER_USER", &*RENDERS.to_string()),
        ("PIPELINE_LEASE_SECONDS", "3"),
        ("ENABLE_RATE_LIMITING", "false"),
        ("LOG_LEVEL", "error"),
    ];
    let environment = Environment::new(project, "spending", args.release, &variables)?;
    let rig =
        async |stack: &mut Stack, environment: &Environment| spend(stack, args, environment).await;
    let (report, reports) = Box::pin(environment.run(project, "logs", false, rig)).await?;
    tell(&report, SUMMARY);
    reports.write("report.json", &report)?;
    Ok(report["ok"] == true)
}

async fn spend(stack: &Stack, args: &SpendingArgs, environment: &Environment) -> Result<Value> {
    let began = Instant::now();
    let (addresses, database) = (stack.addresses(), stack.database().await?);
    run_all(&database, RIG).await?;
    lift_quota(&addresses.youtube, 1).await?;
    let renders = json!({"file_bytes": 100_000, "ready_after_real_ms": 200, "credits": CREDITS, "estimate": CREDITS});
    turn(&addresses.revid, renders).await?;
    let fail = json!({"operation": "credits.estimate", "status": 500, "times": 0, "chance": 0.2, "seed": 7});
    controls::set(&addresses.revid, "faults", fail).await?;
    let workers = Workers::new(3, stack.environment())?;
    let binary = environment.options.binaries.join(DISPATCHER);
    let processes = workers
        .start(&binary, stack.environment(), &environment.logs())
        .await?;
    let killing = tokio::spawn(kill_now_and_then(Arc::clone(&workers)));

    let spenders = (0..args.accounts).map(|number| spender(&addresses, number));
    let asked: Vec<[usize; 2]> = stream::iter(spenders)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let [asked, accepted] = [0, 1].map(|at| asked.iter().map(|counts| counts[at]).sum::<usize>());
    killing.abort();
    settle(&database).await?;
    let revid = controls::state(&addresses.revid).await?;
    let charged = revid["credits_charged"].as_u64().unwrap_or(u64::MAX);
    let unbalanced: i64 = value(&database, "select count(*) from rig.unbalanced", ()).await?;
    drop(processes);
    database.close().await;
    Ok(json!({
        "ok": charged <= CREDITS_PER_DAY && accepted > 0, "accounts": args.accounts, "asked": asked, "accepted": accepted,
        "kills": workers.kills.load(Ordering::Relaxed), "credits_per_day": CREDITS_PER_DAY, "credits_charged": charged,
        "renders_charged": list(&revid, "renders").len(), "unbalanced_sums": unbalanced,
        "seconds": tenths(began.elapsed().as_secs_f64()),
    }))
}

async fn kill_now_and_then(workers: Arc<Workers>) {
    loop {
        tokio::time::sleep(KILL_EVERY).await;
        workers.kill(fastrand::usize(..));
    }
}

/// Waits until every render has come to its end.
async fn settle(database: &PgPool) -> Result {
    let open = "select not exists (select from public.renders
         where state in ('requested', 'submitting', 'queued', 'rendering'))";
    let are_over = async || value(database, open, ()).await;
    until(
        "every render is over",
        Duration::from_secs(120),
        Duration::from_millis(300),
        are_over,
    )
    .await
}

/// Spends in two lives what it can; how many renders it asked for, and how many were accepted.
async fn spender(addresses: &Addresses, number: usize) -> Result<[usize; 2]> {
    let account = format!("spender-{number}");
    let channel = json!({"generated": {"videos": 12, "seed": number}});
    controls::create_account(&addresses.google, &account, channel).await?;
    let http = http_client::with_timeout(Duration::from_secs(60))?;
    let mut counts = [0; 2];
    for _ in 0..2 {
        let user = Client::sign_up(addresses).await?;
        // In its second life it may have to wait until the first is erased.
        let mut channel = None;
        until(
            "the channel is connected",
            Duration::from_secs(60),
            Duration::from_millis(200),
            async || {
                channel = user.connect(&account).await.ok();
                Ok(channel.is_some())
            },
        )
        .await?;
        let channel = channel.unwrap_or_default();
        for _ in 0..SCRIPTS {
            let script = approved_script(&user, channel).await?;
            let ask = || user.post("/api/video/render", json!({"content_id": script}));
            let answers = join_all((0..TIMES).map(|_| ask())).await;
            counts[0] += answers.len();
            counts[1] += answers.iter().filter(|answer| answer.is_ok()).count();
        }
        // Some go at once, while their renders run, others somewhat later.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..1_500))).await;
        let erase = http.delete(format!("{}/api/me", addresses.api));
        http_client::send(erase.bearer_auth(user.token())).await?;
    }
    Ok(counts)
}

async fn approved_script(user: &Client, channel: Uuid) -> Result<Uuid> {
    let topic =
        json!({"channel_id": channel, "topic": "Why honey never spoils", "target_seconds": 60});
    let written = user.post("/api/generate/script", topic).await?;
    let script = api_client::id(&written)?;
    let approval = json!({"decision": "approve", "content_hash": written["content_hash"]});
    user.patch(&format!("/api/content/{script}"), approval)
        .await?;
    Ok(script)
}
