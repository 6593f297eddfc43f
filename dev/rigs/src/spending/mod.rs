//! `catalyst-dev spending`: many accounts try to spend more than the deployment may, and what the services charged is counted.
//!
//! Each writes scripts, asks for every render several times at once, some of them under one key, goes on after refusals, is
//! erased and signs up again with the same address for the same channel. Estimates fail now and then, and dispatchers are
//! killed while they submit. At the end the stand-ins' charges must be under the caps and in our own books, and every sum
//! of the books must be what it is the sum of.

mod spender;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use clients::gemini::{PriceList, Usage};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::{Addresses, Stack, controls};

use crate::crash::workers::{DISPATCHER, Workers};
use crate::database::{self, RIG, SUMS, row, rows, run_all, value};
use crate::environment::{Environment, tell, tenths};
use crate::patience::until;
use crate::stand_ins::{lift_quota, list, turn};
use spender::Asked;

/// Credits that the deployment may spend in the run, which are far fewer than are asked for.
const CREDITS_PER_DAY: u64 = 150;
/// What the stand-in charges for a render.
const CREDITS: u64 = 10;
/// Renders of one account in a month.
const RENDERS: usize = 2;
/// What the deployment may spend on scripts, in millionths of a dollar: the most that a script under way has reserved, and for each
/// account less than its two lives would cost.
const MICROS_RESERVED: usize = 150_000;
const MICROS_PER_ACCOUNT: usize = 7_000;
/// Spenders at work at a time.
const AT_ONCE: usize = 6;
const KILL_EVERY: Duration = Duration::from_millis(700);

/// The report as a person reads it.
const SUMMARY: &str = "  spenders    {accounts} accounts, each twice, asked for {scripts} scripts, {scripts_refused} of which were refused, and {renders} times for a render; {renders_accepted} were accepted, {kills} dispatchers killed
  renders     {credits_charged} of {credits_per_day} credits charged for {renders_charged} of them; our books say {credits_counted}
  scripts     {micros_charged} of {micros_per_month} millionths of a dollar charged; our books say {micros_counted}
  verdict     {unbalanced_sums} sums differ from what they are of: {sums}; {seconds} s";

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

/// Runs the rig and writes `spending/report.json` into Cargo's target folder. True when the caps held and the sums are right.
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
    let micros_per_month = MICROS_RESERVED + args.accounts * MICROS_PER_ACCOUNT;
    prepare(&addresses, &database, micros_per_month).await?;
    let workers = Workers::new(3, stack.environment())?;
    let binary = environment.options.binaries.join(DISPATCHER);
    let processes = workers
        .start(&binary, stack.environment(), &environment.logs())
        .await?;
    let killing = tokio::spawn(kill_now_and_then(Arc::clone(&workers)));

    let spenders = (0..args.accounts).map(|number| spender::spend(&addresses, number));
    let asked: Vec<Asked> = stream::iter(spenders)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let asked = asked.iter().fold(Asked::default(), Asked::and);
    killing.abort();
    settle(&database).await?;
    drop(processes);
    let mut report = charges(stack, &database).await?;
    database.close().await;
    report["accounts"] = json!(args.accounts);
    report["scripts"] = json!(asked.scripts);
    report["scripts_refused"] = json!(asked.scripts_refused);
    report["renders"] = json!(asked.renders);
    report["renders_accepted"] = json!(asked.renders_accepted);
    report["kills"] = json!(workers.kills.load(Ordering::Relaxed));
    report["credits_per_day"] = json!(CREDITS_PER_DAY);
    report["micros_per_month"] = json!(micros_per_month);
    report["seconds"] = json!(tenths(began.elapsed().as_secs_f64()));
    report["ok"] = json!(is_bounded(&report));
    Ok(report)
}

/// Sets the caps, what renders cost, and that the service which tells it fails now and then.
async fn prepare(addresses: &Addresses, database: &PgPool, micros_per_month: usize) -> Result {
    for sql in [RIG, SUMS] {
        run_all(database, sql).await?;
    }
    let cap = "insert into private.settings (key, value) values ('generation_limits', jsonb_build_object('deployment_month_micros', $1))
         on conflict (key) do update set value = private.settings.value || excluded.value";
    let micros = i64::try_from(micros_per_month).unwrap_or(i64::MAX);
    database::run(database, cap, (micros,)).await?;
    lift_quota(&addresses.youtube, 1).await?;
    let renders = json!({"file_bytes": 100_000, "ready_after_real_ms": 200, "credits": CREDITS, "estimate": CREDITS});
    turn(&addresses.revid, renders).await?;
    let fail = json!({"operation": "credits.estimate", "status": 500, "times": 0, "chance": 0.2, "seed": 7});
    controls::set(&addresses.revid, "faults", fail).await
}

/// What the stand-ins charged, and what our own books say.
async fn charges(stack: &Stack, database: &PgPool) -> Result<Value> {
    let revid = controls::state(&stack.addresses().revid).await?;
    let gemini = &stack.environment()["FAKE_GEMINI_URL"];
    let micros = micros_charged(&controls::state(gemini).await?);
    let counted = "select (select coalesce(sum(reserved + spent), 0)::bigint from private.render_budgets),
         (select coalesce(sum(reserved_micros + cost_micros), 0)::bigint from private.generation_spend)";
    let (credits, spent): (i64, i64) = row(database, counted, ()).await?;
    let sums: Vec<(String,)> = rows(database, "select what from rig.unbalanced", ()).await?;
    let sums: Vec<String> = sums.into_iter().map(|(sum,)| sum).collect();
    Ok(json!({
        "credits_charged": revid["credits_charged"], "renders_charged": list(&revid, "renders").len(),
        "credits_counted": credits, "micros_charged": micros, "micros_counted": spent,
        "unbalanced_sums": sums.len(), "sums": sums,
    }))
}

/// What all answers of the model cost by its price list, in millionths of a dollar, a part of a token rounded off for each.
fn micros_charged(gemini: &Value) -> u64 {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let answers = count(&gemini["answered"]).max(1);
    let each = |name: &str| count(&gemini["tokens"][name]) / answers;
    let usage = Usage {
        prompt_token_count: each("prompt"),
        candidates_token_count: each("candidates"),
        thoughts_token_count: each("thoughts"),
        ..Usage::default()
    };
    let by_model = gemini["by_model"].as_object();
    let model = by_model.and_then(|models| models.keys().next());
    let prices = PriceList::default();
    let model = model.map_or("", String::as_str);
    let each = prices.cost(model, &usage, platform::clock::now()).0;
    answers * u64::try_from(each).unwrap_or_default()
}

/// Whether nothing was charged over the caps or beside our books, and no sum differs from what it is of. Something must have
/// been bought, and something refused, or nothing was tried.
fn is_bounded(report: &Value) -> bool {
    let count = |name: &str| report[name].as_u64().unwrap_or(u64::MAX);
    let within =
        |charged, counted, cap| count(charged) <= count(counted) && count(counted) <= count(cap);
    within("credits_charged", "credits_counted", "credits_per_day")
        && within("micros_charged", "micros_counted", "micros_per_month")
        && count("unbalanced_sums") == 0
        && count("renders_accepted") > 0
        && count("scripts_refused") > 0
}

async fn kill_now_and_then(workers: Arc<Workers>) {
    loop {
        tokio::time::sleep(KILL_EVERY).await;
        workers.kill(fastrand::usize(..));
    }
}

/// Waits until every render has come to its end, and every account has gone.
async fn settle(database: &PgPool) -> Result {
    let open = "select not exists (select from public.renders
         where state in ('requested', 'submitting', 'queued', 'rendering'))
         and not exists (select from public.users where erasing_at is not null)";
    let are_over = async || value(database, open, ()).await;
    until(
        "every render is over and every account is erased",
        Duration::from_secs(120),
        Duration::from_millis(300),
        are_over,
    )
    .await
}
