//! `catalyst-dev outages`: every operation of the API while one of the services behind it is away, slow or out of its mind.
//!
//! Connections to Postgres, the Data API, the key set, Google, YouTube, Gemini and RevID go through a proxy that can refuse,
//! delay, reset, cut and garble them. For each service and each fault every operation is called at once. Whatever
//! happens, an answer must come within the operation's deadline; when it is a refusal it is a problem document that
//! tells nothing of what is inside; and five seconds after the fault has passed the service is used again.

mod calls;
mod proxy;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use catalyst::routes;
use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::cluster;
use catalyst_cli::process;
use catalyst_cli::project::Project;
use platform::endpoint::Declaration;
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use stack::Stack;
use stack::clock::Clock;
use stack::demo;
use stack::functions::Platform;
use stack::gateway::{self, Gateway};
use stack::secrets::Secrets;
use tokio::task::JoinHandle;

use self::calls::{Answer, Calls};
use self::proxy::{Fault, Mode, Proxy};
use crate::rig::Ground;

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct OutagesArgs {
    /// The rounds that `make test` has the time for: each fault of the Data API, each of all providers at once, and some of
    /// the others; without the operations that may take a minute while answers are slow.
    #[arg(long)]
    pub quick: bool,
    /// Use the functions of the release build.
    #[arg(long)]
    pub release: bool,
}

/// What a busy machine may add to a deadline before it counts as missed.
const GRACE: Duration = Duration::from_secs(5);
/// A service that is back is used again within this.
const RECOVERY: Duration = Duration::from_secs(5);
/// How long recovery is waited for before the run is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Requests to the gateway that fetch the key set.
const KEYS: &str = "/auth/";

/// Services of which some or all are struck together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Postgres,
    DataApi,
    /// Struck when no process has the keys yet.
    Keys,
    Provider(&'static str),
    Providers,
}

const PROVIDERS: [&str; 4] = ["google", "youtube", "gemini", "revid"];

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::DataApi => "data_api",
            Self::Keys => "auth",
            Self::Provider(name) => name,
            Self::Providers => "providers",
        }
    }

    /// Whether this service speaks HTTP, so that its protocol can be kept while it talks nonsense.
    const fn speaks_http(self) -> bool {
        !matches!(self, Self::Postgres)
    }
}

fn rounds(quick: bool) -> Vec<(Place, Mode)> {
    use Mode::{Cut, Down, Garbage, Nonsense, Reset, Slow};
    if quick {
        let all = [Down, Slow, Reset, Cut, Garbage, Nonsense];
        return all
            .map(|mode| (Place::DataApi, mode))
            .into_iter()
            .chain(all.map(|mode| (Place::Providers, mode)))
            .chain([
                (Place::Postgres, Reset),
                (Place::Postgres, Cut),
                (Place::Keys, Reset),
            ])
            .collect();
    }
    [Place::Postgres, Place::DataApi, Place::Keys]
        .into_iter()
        .chain(PROVIDERS.map(Place::Provider))
        .flat_map(|place| {
            [Down, Slow, Reset, Cut, Garbage, Nonsense]
                .into_iter()
                .filter(move |mode| *mode != Nonsense || place.speaks_http())
                .map(move |mode| (place, mode))
        })
        .collect()
}

/// Runs the matrix and writes `outages/report.json` into Cargo's target folder. True when every cell was as promised.
///
/// # Errors
///
/// When the stack does not start, a healthy stack refuses, or the report cannot be written.
pub async fn run(project: &Project, args: &OutagesArgs) -> Result<bool> {
    let ground = Ground::new(
        project,
        "outages",
        args.release,
        &[
            ("ENABLE_RATE_LIMITING", "true"),
            ("MAX_API_REQUESTS_PER_MINUTE", "100000"),
            ("MAX_VIDEO_GENERATIONS_PER_USER", "100000"),
        ],
    )?;
    let stack = ground.start(project).await?;
    let options = &ground.options;
    let report = match Site::open(project, &stack, &options.binaries, &options.state).await {
        Ok(site) => {
            let report = site.storm(args).await;
            site.close().await;
            report
        }
        Err(error) => Err(error),
    };
    let reports = ground.close(stack, "logs", false).await;
    let report = report?;
    summary(&report);
    reports.write("report.json", &report)?;
    Ok(report["failed"].as_array().is_some_and(Vec::is_empty))
}

/// The functions once more, with proxies before everything that they call.
struct Site {
    platform: Arc<Platform>,
    tasks: Vec<JoinHandle<()>>,
    users: sqlx::PgPool,
    postgres: Proxy,
    supabase: Proxy,
    providers: BTreeMap<&'static str, Proxy>,
    calls: Calls,
    /// Words that no refusal may hold.
    secrets: Vec<String>,
}

impl Site {
    async fn open(project: &Project, stack: &Stack, binaries: &Path, state: &Path) -> Result<Self> {
        let environment = stack.environment();
        let value = |name: &str| environment.get(name).cloned().unwrap_or_default();
        let postgres = Proxy::start(port_of(&value("DATABASE_URL"))?)?;
        let database = port_of(&value("DATABASE_URL"))?;

        // A gateway whose Data API reaches the database through the proxy.
        let failed = || Error::database("cannot connect to the local database");
        let pool = |role: &str| {
            PgPoolOptions::new()
                .max_connections(4)
                .connect_with(cluster::login(database, role))
        };
        let admin = pool("supabase_admin").await.map_err(failed())?;
        let users = pool("supabase_auth_admin").await.map_err(failed())?;
        let (listener, gateway_port) = process::listen().map_err(Error::io("no free port"))?;
        let gateway_url = format!("http://127.0.0.1:{gateway_port}");
        let clock = Clock::start(state.join("outages-clock"), Some(admin.clone()), None).await?;
        let secrets = Secrets::load(state)?;
        let gateway = Gateway::new(
            secrets,
            state.to_owned(),
            gateway_url.clone(),
            users.clone(),
            Arc::new(clock),
        );
        let mut tasks = vec![gateway.serve(listener)];
        gateway::wait_until_up(&gateway_url).await?;
        gateway.start_rest(postgres.port(), &admin).await?;
        admin.close().await;

        // The functions, led to the proxies.
        let supabase = Proxy::start(gateway_port)?;
        let mut led = environment.clone();
        led.insert("SUPABASE_URL".to_owned(), supabase.url());
        led.insert(
            "SUPABASE_JWT_ISSUER".to_owned(),
            format!("{gateway_url}/auth/v1"),
        );
        let mut providers = BTreeMap::new();
        for (name, variables) in [
            ("google", &["GOOGLE_OAUTH_URL"][..]),
            ("youtube", &["YOUTUBE_URL", "YOUTUBE_ANALYTICS_URL"]),
            ("gemini", &["GEMINI_URL"]),
            ("revid", &["REVID_URL"]),
        ] {
            let proxy = Proxy::start(port_of(&value(variables[0]))?)?;
            for variable in variables {
                led.insert((*variable).to_owned(), proxy.url());
            }
            providers.insert(name, proxy);
        }
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        let url = format!("http://127.0.0.1:{port}");
        for name in ["APP_URL", "API_URL"] {
            led.insert(name.to_owned(), url.clone());
        }
        let platform = Platform::new(
            project,
            binaries.to_owned(),
            state.join("logs/outages"),
            led,
            port,
        )?;
        tasks.push(platform.serve(listener));

        let mut addresses = demo::addresses(stack);
        addresses.api = url;
        addresses.supabase = gateway_url;
        let calls = Calls::make(addresses, value("CRON_SECRET")).await?;
        let hidden = [
            "SUPABASE_SECRET_KEY",
            "CRON_SECRET",
            "GOOGLE_CLIENT_SECRET",
            "GEMINI_API_KEY",
            "REVID_API_KEY",
        ];
        let secrets = hidden.map(value).into_iter().filter(|v| !v.is_empty());
        Ok(Self {
            platform,
            tasks,
            users,
            postgres,
            supabase,
            providers,
            calls,
            secrets: secrets.collect(),
        })
    }

    async fn close(self) {
        self.platform.stop().await;
        for task in &self.tasks {
            task.abort();
        }
        drop(tokio::time::timeout(Duration::from_secs(2), self.users.close()).await);
    }

    fn strike(&self, place: Place, mode: Mode) {
        let all = Fault { mode, path: None };
        match place {
            Place::Postgres => self.postgres.strike(all),
            Place::DataApi => self.supabase.strike(all),
            Place::Keys => self.supabase.strike(Fault {
                mode,
                path: Some(KEYS),
            }),
            Place::Provider(name) => self.providers[name].strike(all),
            Place::Providers => {
                for proxy in self.providers.values() {
                    proxy.strike(all);
                }
            }
        }
    }

    fn heal(&self) {
        for proxy in self
            .providers
            .values()
            .chain([&self.postgres, &self.supabase])
        {
            proxy.heal();
        }
    }

    async fn storm(&self, args: &OutagesArgs) -> Result<Value> {
        let began = Instant::now();
        let declarations: Vec<&Declaration> = routes::declarations().collect();
        self.calm(&declarations).await?;
        let rounds = rounds(args.quick);
        println!(
            "{} operations, {} rounds of one service and one fault each",
            declarations.len(),
            rounds.len()
        );
        let mut cells = Vec::new();
        let mut failed = Vec::new();
        let mut recoveries: BTreeMap<&str, f64> = BTreeMap::new();
        for (place, mode) in &rounds {
            let round = Instant::now();
            self.calls.prepare().await?;
            if *place == Place::Keys {
                // Whoever has the keys does not need the service for ten minutes: these have none.
                self.platform.stop().await;
            }
            self.strike(*place, *mode);
            let called: Vec<&Declaration> = declarations
                .iter()
                .copied()
                .filter(|one| !args.quick || *mode != Mode::Slow || one.deadline_seconds <= 30)
                .collect();
            let answers = self.calls.all(&called).await;
            self.heal();
            let healed = Instant::now();
            let word = json!(mode);
            for (declaration, answer) in called.iter().zip(answers) {
                let wrong = self.wrong(declaration, &answer);
                let cell = json!({
                    "service": place.name(), "fault": word, "operation": declaration.id, "status": answer.status,
                    "code": answer.code(), "ms": answer.ms(), "wrong": wrong,
                });
                if wrong.is_some() {
                    failed.push(cell.clone());
                }
                cells.push(cell);
            }
            let recovered = self.recovery(*place, healed).await?;
            let most = recoveries.entry(place.name()).or_default();
            *most = most.max(recovered.as_secs_f64());
            if recovered > RECOVERY {
                failed.push(json!({
                    "service": place.name(), "fault": word, "operation": null,
                    "wrong": format!("used again only after {:.1} s", recovered.as_secs_f64()),
                }));
            }
            println!(
                "  {:>9} {:<9} {:>5.1} s, used again after {:.1} s",
                place.name(),
                word.as_str().unwrap_or_default(),
                round.elapsed().as_secs_f64(),
                recovered.as_secs_f64()
            );
        }
        self.calm(&declarations).await?;
        let slowest = cells.iter().filter_map(|cell| cell["ms"].as_u64()).max();
        let mut statuses: BTreeMap<String, u32> = BTreeMap::new();
        for cell in &cells {
            *statuses.entry(cell["status"].to_string()).or_default() += 1;
        }
        let services: BTreeSet<_> = rounds.iter().map(|(place, _)| place.name()).collect();
        Ok(json!({
            "operations": declarations.len(), "services": services, "rounds": rounds.len(), "cells": cells.len(),
            "failed": failed, "slowest_ms": slowest, "statuses": statuses, "recovered_seconds_max": recoveries,
            "unprepared": self.calls.unprepared(&declarations),
            "seconds": (began.elapsed().as_secs_f64() * 10.0).round() / 10.0, "list": cells,
        }))
    }

    /// With nothing wrong, no operation may be at a loss.
    async fn calm(&self, declarations: &[&Declaration]) -> Result {
        // Processes that missed the keys in an outage and were not asked since still have to fetch them.
        tokio::time::sleep(RECOVERY).await;
        self.calls.prepare().await?;
        let answers = self.calls.all(declarations).await;
        for (declaration, answer) in declarations.iter().zip(answers) {
            if answer.status.is_none_or(|status| status >= 500) {
                return Err(Error::setup(
                    format!(
                        "{} answers {:?} though nothing is wrong: {}",
                        declaration.id, answer.status, answer.body
                    ),
                    "see the logs under outages/logs",
                ));
            }
        }
        Ok(())
    }

    /// From the end of the fault to the first call that the service is used for again.
    async fn recovery(&self, place: Place, healed: Instant) -> Result<Duration> {
        let probes: &[&str] = match place {
            Place::Postgres | Place::DataApi => &["channels.list"],
            // Each process has to fetch them.
            Place::Keys => &[
                "channels.list",
                "me.get",
                "content.list",
                "video.list",
                "schedule.list",
            ],
            Place::Provider("gemini") => &["content.generate"],
            Place::Provider("revid") => &["video.estimate"],
            Place::Provider(_) => &["channels.callback"],
            Place::Providers => &["content.generate", "video.estimate", "channels.callback"],
        };
        for probe in probes {
            loop {
                let answer = self.calls.probe(probe).await?;
                if answer.status.is_some_and(|status| status < 400) {
                    break;
                }
                if healed.elapsed() > PATIENCE {
                    return Err(Error::setup(
                        format!(
                            "{probe} does not recover from {}: {:?} {}",
                            place.name(),
                            answer.status,
                            answer.body
                        ),
                        "see the logs under outages/logs",
                    ));
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(healed.elapsed())
    }

    /// What is wrong with an answer, if anything.
    fn wrong(&self, declaration: &Declaration, answer: &Answer) -> Option<String> {
        let Some(status) = answer.status else {
            return Some(format!("no answer: {}", answer.body));
        };
        if answer.took > Duration::from_secs(declaration.deadline_seconds) + GRACE {
            return Some(format!(
                "after {} ms, {} s are allowed",
                answer.ms(),
                declaration.deadline_seconds
            ));
        }
        if answer.platform {
            return Some("the function gave no answer of its own".to_owned());
        }
        if status < 400 {
            return answer
                .body
                .contains(proxy::CANARY)
                .then(|| "passes on what the broken service said".to_owned());
        }
        let inside = [
            "127.0.0.1",
            "localhost",
            "reqwest",
            "hyper",
            "sqlx",
            "postgrest",
            "os error",
            "panicked",
            ".rs:",
            proxy::CANARY,
        ];
        let mut words = inside
            .into_iter()
            .chain(self.secrets.iter().map(String::as_str));
        if let Some(word) = words.find(|word| answer.body.contains(word)) {
            return Some(format!("tells of what is inside: {word}"));
        }
        // Health has a form of its own, and says more than a problem would.
        if declaration.id == "health.get" {
            return (status != 503).then(|| "neither 200 nor 503".to_owned());
        }
        let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let is_problem = answer.content_type.starts_with("application/problem+json")
            && problem["status"] == status
            && ["type", "title", "code", "request_id"]
                .iter()
                .all(|name| problem[*name].is_string());
        if !is_problem {
            return Some(format!("no problem document: {}", answer.content_type));
        }
        // An outage is known for what it is; 500 says that nobody thought of it.
        (status >= 500 && !matches!(status, 502..=504))
            .then(|| "an outage is no fault of ours".to_owned())
    }
}

fn port_of(url: &str) -> Result<u16> {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.port())
        .ok_or_else(|| {
            Error::setup(
                format!("{url} names no port"),
                "this is a fault of the tool",
            )
        })
}

fn summary(report: &Value) {
    println!(
        "  answers     {} in {} rounds; by status {}; the slowest took {} ms",
        report["cells"], report["rounds"], report["statuses"], report["slowest_ms"]
    );
    println!(
        "  recovery    {} s at most",
        report["recovered_seconds_max"]
    );
    let failed = report["failed"].as_array().map_or(0, Vec::len);
    println!(
        "  verdict     {failed} not as promised; {} s",
        report["seconds"]
    );
    for cell in report["failed"].as_array().into_iter().flatten() {
        println!(
            "  NOT KEPT    {} {} {}: {} {} {}",
            cell["service"],
            cell["fault"],
            cell["operation"],
            cell["status"],
            cell["code"],
            cell["wrong"]
        );
    }
}
