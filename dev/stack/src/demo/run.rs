//! The demo from the start of its stack to its report.

use std::path::{Path, PathBuf};
use std::time::Instant;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{cluster, throwaway_folder};
use catalyst_cli::project::Project;
use serde_json::Value;

use super::catalog::catalog;
use super::tour::Tour;
use crate::logs::keep_logs;
use crate::options::Options;
use crate::stack::Stack;

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
    std::fs::create_dir_all(&folder)
        .map_err(Error::io(format!("cannot make {}", folder.display())))?;
    let catalog = catalog(args.catalog.as_deref(), &folder)?;
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
    std::fs::write(&path, text).map_err(Error::io(format!("cannot write {}", path.display())))?;
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
    println!(
        "  stack       {} functions, started in {:.1} s\n",
        project.functions()?.len(),
        began.elapsed().as_secs_f64()
    );
    let database_url = stack.environment().get("DATABASE_URL").cloned();
    let mut tour = Tour::new(stack.addresses(), database_url);
    let report = tour.report(catalog).await;
    stack.stop().await;
    Ok(report)
}
