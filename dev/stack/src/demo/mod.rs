//! `catalyst-dev demo`: the whole loop once, for a new user, through the HTTP API of the built functions.
//!
//! Nothing here goes around the API: the demo signs up, connects, syncs, generates, renders, schedules and waits as a front
//! end would. Only the operator's own acts (accepting the derived-metrics amendment, moving the local stack's clock to the
//! slot) use the stack's side doors, and what the outside world holds at the end is read from the stand-ins.

pub mod client;
mod console;
mod stages;

use std::path::{Path, PathBuf};
use std::time::Instant;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{Durability, cluster, throwaway_folder};
use catalyst_cli::project::Project;
use serde_json::{Value, json};

use self::client::Addresses;
use self::stages::Loop;
use crate::logs::keep_logs;
use crate::options::{Options, passed_variables};
use crate::ports::Ports;
use crate::stack::Stack;

/// How to run it.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Uploads of a real channel: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    pub catalog: Option<PathBuf>,
    /// Use the functions of the release build.
    #[arg(long)]
    pub release: bool,
}

/// Why a stage ended badly.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct DemoError {
    what: String,
    why: String,
}

impl DemoError {
    /// What failed, and why.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
        }
    }
}

/// Starts a stack of its own, runs the loop and writes `.catalyst/demo/report.json`. True when every stage did.
///
/// # Errors
///
/// When the stack does not start or the report cannot be written.
pub async fn run(project: &Project, args: &DemoArgs) -> Result<bool> {
    let began = Instant::now();
    let folder = project.state().join("demo");
    std::fs::create_dir_all(&folder)
        .map_err(Error::io(format!("cannot make {}", folder.display())))?;
    let catalog = catalog(args, &folder)?;
    println!("Content Catalyst Engine: the whole loop, once\n");
    println!("  catalogue   {}", catalog.display());
    let state = throwaway_folder()?;
    let stack = Stack::start(
        project,
        &Options {
            binaries: project.binaries(args.release),
            state: state.path().to_owned(),
            ports: Ports::free()?,
            durability: Durability::Throwaway,
            variables: passed_variables(project),
            supabase: None,
            catalog: None,
        },
    )
    .await?;
    let addresses = addresses(&stack);
    println!(
        "  stack       {} functions, started in {:.1} s\n",
        project.functions()?.len(),
        began.elapsed().as_secs_f64()
    );
    let report = tell(&stack, &addresses, &catalog).await;
    stack.stop().await;
    keep_logs(&state.path().join("logs"), &folder.join("logs"));
    if let Err(error) = cluster::remove(state.path()) {
        tracing::warn!(error = %error, "the demo's database could not be removed");
    }
    let path = folder.join("report.json");
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    std::fs::write(&path, text).map_err(Error::io(format!("cannot write {}", path.display())))?;
    let ok = report["ok"] == true;
    println!("\n  report      {}", shown(project.root(), &path));
    if ok {
        println!(
            "  next        `make up` keeps the stack running; docs/api.md lists every operation; README.md says how to deploy"
        );
    }
    Ok(ok)
}

/// A new user's access token.
///
/// # Errors
///
/// When the stack does not let anybody sign up.
pub async fn sign_up(stack: &Stack) -> Result<String> {
    let email = format!("{}@example.org", uuid::Uuid::new_v4().simple());
    client::Client::sign_up(&addresses(stack), &email)
        .await
        .map(|user| user.token().to_owned())
        .map_err(|error| Error::setup(error.to_string(), "see the stack's logs"))
}

/// The file given, or one that is made here.
fn catalog(args: &DemoArgs, folder: &Path) -> Result<PathBuf> {
    if let Some(path) = &args.catalog {
        let file = path.canonicalize().map_err(Error::io(format!(
            "cannot read the catalogue {}",
            path.display()
        )))?;
        fakes::read_catalog(&file).map_err(|error| {
            Error::setup(
                format!("the catalogue {} cannot be used: {error}", path.display()),
                "give a CSV file with the columns title, published_at, views, likes, comments",
            )
        })?;
        return Ok(file);
    }
    let path = folder.join("generated-uploads.csv");
    let rows = fakes::generate_catalog(240, 7, jiff::Timestamp::now());
    let file = std::fs::File::create(&path)
        .map_err(Error::io(format!("cannot write {}", path.display())))?;
    fakes::write_catalog(file, &rows).map_err(|error| {
        Error::setup(
            format!("the generated catalogue cannot be written: {error}"),
            "look at the disk's space",
        )
    })?;
    Ok(path)
}

/// Where this stack listens.
pub fn addresses(stack: &Stack) -> Addresses {
    let value = |name: &str| stack.environment().get(name).cloned().unwrap_or_default();
    Addresses {
        api: value("APP_URL"),
        supabase: value("SUPABASE_URL"),
        publishable_key: value("SUPABASE_PUBLISHABLE_KEY"),
        google: value("FAKE_GOOGLE_URL"),
        youtube: value("FAKE_YOUTUBE_URL"),
        revid: value("FAKE_REVID_URL"),
    }
}

/// Runs the stages and makes the report of what they found.
async fn tell(stack: &Stack, addresses: &Addresses, catalog: &Path) -> Value {
    let mut tour = Loop::new(
        addresses.clone(),
        stack.environment().get("DATABASE_URL").cloned(),
    );
    let result = tour.run(catalog).await;
    let world = tour.world().await.unwrap_or(Value::Null);
    let ok = result.is_ok() && tour.stages().iter().all(|stage| stage["ok"] == true);
    if ok {
        tour.summary(&world);
    }
    json!({
        "ok": ok,
        "catalog": catalog.display().to_string(),
        "mocked": true,
        "stages": tour.stages(),
        "channel": tour.found("channel"),
        "scores": tour.found("scores"),
        "content": tour.found("content"),
        "render": tour.found("render"),
        "upload": tour.found("upload"),
        "world": world,
    })
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
