//! `catalyst-dev demo`: the whole loop once, for a new user, through the HTTP API of the built functions.
//!
//! Nothing here goes around the API: the demo signs up, connects, syncs, generates, renders, schedules and waits as a front
//! end would. Only the operator's own acts (accepting the derived-metrics amendment, moving the local stack's clock to the
//! slot) use the stack's controls, and what the outside world holds at the end is read from the stand-ins.

mod console;
mod stages;
mod tour;

use std::path::{Path, PathBuf};
use std::{fs, time::Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{cluster, throwaway_folder};
use catalyst_cli::project::Project;
use serde_json::Value;

use crate::options::Options;
use crate::stack::{Stack, keep_logs};
use tour::Tour;

/// How to run it.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Uploads of a real channel: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    catalog: Option<PathBuf>,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Starts a stack of its own, runs the loop and writes `.catalyst/demo/report.json`. True when every stage succeeded.
///
/// # Errors
///
/// When the stack does not start or the report cannot be written.
pub async fn run(project: &Project, args: &DemoArgs) -> Result<bool> {
    let folder = project.state().join("demo");
    fs::create_dir_all(&folder).map_err(Error::io(format!("cannot make {}", folder.display())))?;
    let catalog = match &args.catalog {
        Some(path) => given_catalog(path)?,
        None => generated_catalog(&folder)?,
    };
    println!("Content Catalyst Engine: the whole loop, once\n");
    println!("  catalogue   {}", catalog.display());
    let state = throwaway_folder()?;
    let report = on_a_stack(project, args, state.path(), &catalog).await?;
    keep_logs(&state.path().join("logs"), &folder.join("logs"));
    if let Err(error) = cluster::remove(state.path()) {
        tracing::warn!(error = %error, "the demo's database could not be removed");
    }
    let path = folder.join("report.json");
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    fs::write(&path, text).map_err(Error::io(format!("cannot write {}", path.display())))?;
    let shown = path.strip_prefix(project.root()).unwrap_or(&path);
    println!("\n  report      {}", shown.display());
    let ok = report["ok"] == true;
    if ok {
        println!(
            "  next        `make up` keeps the stack running; docs/api.md lists every operation; README.md says how to deploy"
        );
    }
    Ok(ok)
}

async fn on_a_stack(
    project: &Project,
    args: &DemoArgs,
    state: &Path,
    catalog: &Path,
) -> Result<Value> {
    let began = Instant::now();
    let options = Options::throwaway(project, args.release, state)?;
    let stack = Stack::start(project, &options).await?;
    let (functions, took) = (project.functions()?.len(), began.elapsed().as_secs_f64());
    println!("  stack       {functions} functions, started in {took:.1} s\n");
    let database_url = stack.environment().get("DATABASE_URL").cloned();
    let report = Tour::new(stack.addresses(), database_url)
        .report(catalog)
        .await;
    stack.stop().await;
    Ok(report)
}

fn given_catalog(path: &Path) -> Result<PathBuf> {
    let shown = path.display();
    let unreadable = Error::io(format!("cannot read the catalogue {shown}"));
    let file = path.canonicalize().map_err(unreadable)?;
    fakes::read_catalog(&file).map_err(|error| {
        Error::setup(
            format!("the catalogue {shown} cannot be used: {error}"),
            "give a CSV file with the columns title, published_at, views, likes, comments",
        )
    })?;
    Ok(file)
}

fn generated_catalog(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("generated-uploads.csv");
    let rows = fakes::generate_catalog(240, 7, jiff::Timestamp::now());
    let unwritable = Error::io(format!("cannot write {}", path.display()));
    let file = fs::File::create(&path).map_err(unwritable)?;
    fakes::write_catalog(file, &rows).map_err(|error| {
        let problem = format!("the generated catalogue cannot be written: {error}");
        Error::setup(problem, "look at the disk's space")
    })?;
    Ok(path)
}
