//! `catalyst-dev bench`: the release functions side by side with the same functions in TypeScript, and with the limit that
//! PostgREST, the queue and the wire set. docs/performance.md says how to read it.
//!
//! Everything runs on one machine, against one stack, in one go; what is compared is measured in turns. What is measured
//! is what ships.

mod equivalence;
mod growth;
mod instructions;
mod own_runtime;
mod publish;
mod report;
mod routes;
mod saturation;
mod scoring;
mod server;
mod size;
mod start;
mod steps;
mod sync;
mod testbed;
mod warm;
mod wire;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};

use self::own_runtime::on_own_runtime;
use self::report::Report;
use self::routes::Route;
use self::testbed::Testbed;

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Only these parts: size, scoring, sync, start, warm, saturation, steps, publish, instructions, growth.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Videos behind the largest list, and records behind the metrics; ten million take 12 GB of disk.
    #[arg(long, default_value_t = 10_000_000)]
    pub rows: i32,
    /// A real channel to synchronise: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    pub catalog: Option<PathBuf>,
    /// Make what is counted now the budget of instructions.
    #[arg(long)]
    pub write_budgets: bool,
    /// Put the table into docs/performance.md.
    #[arg(long)]
    pub write_docs: bool,
    /// Measure a clean release build instead, for the next report.
    #[arg(long)]
    pub build: bool,
}

/// What is measured on a stack, in this order.
const ON_THE_STACK: [&str; 8] = [
    "sync",
    "start",
    "warm",
    "saturation",
    "steps",
    "publish",
    "instructions",
    "growth",
];

impl BenchArgs {
    /// Ten minutes, and as long as more rows than usual take to be made.
    fn patience(&self) -> Duration {
        let more = self.rows.saturating_sub(10_000_000) / 50_000;
        Duration::from_secs(600 + u64::try_from(more).unwrap_or_default())
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }
}

/// Measures and writes `bench/report.json` into Cargo's target folder. True when every row shows what it must. Where the time
/// does not suffice, or a part fails, the report holds the rows that were measured and names what is missing.
///
/// # Errors
///
/// When the stack or a function does not start, the peer's answers differ, a part fails, or the report cannot be written.
pub async fn run(project: &Project, args: &BenchArgs) -> Result<bool> {
    if args.build {
        size::build(project).await?;
        return Ok(true);
    }
    prepare_peer(&project.root().join("dev/rigs/peer")).await?;
    let mut report = Report::default();
    if args.wants("size") {
        size::measure(project, &mut report)?;
    }
    if args.wants("scoring") {
        scoring::measure(&mut report);
    }
    let bed = Testbed::make(project).await?;
    let mut finished = Vec::new();
    let measuring = measure(project, &bed, args, &mut report, &mut finished);
    let measured = tokio::time::timeout(args.patience(), measuring).await;
    bed.stop().await;
    let missing: Vec<&str> = ON_THE_STACK
        .into_iter()
        .filter(|part| args.wants(part) && !finished.contains(part))
        .collect();
    let (path, machine) = (folder(project).join("report.json"), machine());
    write(&path, &report.to_json(&machine, &missing))?;
    println!("report: {}", path.display());
    match measured {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(error),
        Err(_) => println!(
            "not measured, because this machine takes longer than {} s for all: {}; `--only` measures a part",
            args.patience().as_secs(),
            missing.join(", ")
        ),
    }
    if args.write_docs {
        write_docs(project, &report.to_markdown(&machine))?;
    }
    Ok(missing.is_empty() && report.is_met())
}

async fn measure(
    project: &Project,
    bed: &Testbed,
    args: &BenchArgs,
    report: &mut Report,
    finished: &mut Vec<&'static str>,
) -> Result {
    let channel = sync::measure(bed, report, args.catalog.as_deref()).await?;
    finished.push("sync");
    bed.be_quiet().await?;
    let video = sqlx::query_scalar(
        "select s.video_id from public.performance_scores s join public.video_snapshots v using (video_id)
         where s.channel_id = $1 and s.score is not null group by s.video_id order by count(*) desc limit 1",
    )
    .bind(channel)
    .fetch_one(&bed.database)
    .await
    .map_err(Error::database("no video of the channel has a score"))?;
    sqlx::query("update public.channels set minimum_gap_minutes = 0 where id = $1")
        .bind(channel)
        .execute(&bed.database)
        .await
        .map_err(Error::database("cannot prepare the channel"))?;
    bed.make_renders(channel, i32::try_from(warm::CREATIONS).unwrap_or(i32::MAX))
        .await?;
    let routes = [
        Route::List,
        Route::Detail(video),
        Route::Create(channel),
        Route::Metrics,
    ];
    if args.wants("warm") || args.wants("start") || args.wants("saturation") {
        for route in routes {
            equivalence::check(bed, route).await?;
        }
    }
    if args.wants("start") {
        on_own_runtime(start::measure(bed, report))?;
        finished.push("start");
    }
    if args.wants("warm") {
        for route in routes {
            bed.change_something(&bed.user).await?;
            on_own_runtime(warm::measure(bed, report, route))?;
        }
        finished.push("warm");
    }
    if args.wants("saturation") {
        bed.change_something(&bed.user).await?;
        on_own_runtime(saturation::measure(bed, report))?;
        finished.push("saturation");
    }
    if args.wants("steps") {
        // The entries that were just scheduled are not to be uploaded meanwhile.
        bed.be_quiet().await?;
        steps::measure(bed, report).await?;
        finished.push("steps");
    }
    if args.wants("publish") {
        publish::measure(bed, report).await?;
        finished.push("publish");
    }
    if args.wants("instructions") {
        instructions::measure(bed, project, report, args.write_budgets).await?;
        finished.push("instructions");
    }
    if args.wants("growth") {
        growth::measure(bed, report, args.rows).await?;
        finished.push("growth");
    }
    Ok(())
}

/// Installs and compiles the functions in TypeScript, as their lock file says.
async fn prepare_peer(folder: &Path) -> Result {
    for words in [
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"][..],
        &["run", "--silent", "build"],
    ] {
        let status = tokio::process::Command::new("npm")
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .await
            .map_err(Error::io("cannot run npm"))?;
        if !status.success() {
            return Err(Error::setup(
                format!("`npm {}` failed in {}", words[0], folder.display()),
                "is the network there? It is needed once",
            ));
        }
    }
    Ok(())
}

/// Where reports are kept.
fn folder(project: &Project) -> PathBuf {
    let binaries = project.binaries(true);
    binaries.parent().unwrap_or(&binaries).join("bench")
}

fn write(path: &Path, value: &Value) -> Result {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text + "\n"))
        .map_err(Error::io(format!("cannot write {}", path.display())))
}

/// Replaces what stands between the two marks of docs/performance.md.
fn write_docs(project: &Project, table: &str) -> Result {
    const MARKS: [&str; 2] = ["<!-- figures -->\n", "<!-- end of figures -->\n"];
    let path = project.root().join("docs/performance.md");
    let text = std::fs::read_to_string(&path)
        .map_err(Error::io(format!("cannot read {}", path.display())))?;
    let parts = text
        .split_once(MARKS[0])
        .and_then(|(head, rest)| Some((head, rest.split_once(MARKS[1])?.1)));
    let Some((head, tail)) = parts else {
        return Err(Error::setup(
            format!("{} has no place for the figures", path.display()),
            "put the marks <!-- figures --> and <!-- end of figures --> around them",
        ));
    };
    std::fs::write(
        &path,
        format!("{head}{}{table}\n{}{tail}", MARKS[0], MARKS[1]),
    )
    .map_err(Error::io(format!("cannot write {}", path.display())))
}

/// What it was measured on.
fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        text.lines().find_map(|line| {
            Some(
                line.strip_prefix(name)?
                    .split_once(':')?
                    .1
                    .trim()
                    .to_owned(),
            )
        })
    };
    let load = read("/proc/loadavg");
    let load: Vec<f64> = load
        .split(' ')
        .take(3)
        .filter_map(|n| n.parse().ok())
        .collect();
    json!({
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "processor": field(&read("/proc/cpuinfo"), "model name"),
        "memory": field(&read("/proc/meminfo"), "MemTotal"),
        "system": read("/proc/sys/kernel/osrelease").trim(),
        "load": load,
        "at": jiff::Timestamp::now().to_string(),
        "version": env!("CARGO_PKG_VERSION"),
    })
}
