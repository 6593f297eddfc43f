//! `catalyst-dev up`: a stack for a person, until Ctrl-C.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use catalyst_cli::{
    error::{Error, Result},
    postgres::Durability,
    project::Project,
};

use crate::{
    instance_lock::InstanceLock,
    options::{ExternalSupabase, Options, passed_variables},
    ports::Ports,
    signals::Signals,
    stack::Stack,
};

/// How to start it.
#[derive(Debug, clap::Args)]
pub struct UpArgs {
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
    /// Use the Supabase project that SUPABASE_URL and its keys in .env name (`supabase start`'s, or a hosted one).
    #[arg(long)]
    supabase: bool,
    /// A CSV file whose videos the stand-in channel has (title, published_at, views, likes, comments).
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
}

/// Variables that say where Supabase is, which the local stack says itself.
const SUPABASE_VARIABLES: [&str; 5] = [
    "SUPABASE_URL",
    "SUPABASE_ANON_KEY",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_JWT_ISSUER",
    "SUPABASE_JWT_SECRET",
];

/// Starts the stack of the project and keeps it running until a signal comes.
///
/// # Errors
///
/// When one already runs in this folder, when a part of it does not start, or when Postgres ends.
pub async fn run(project: &Project, args: UpArgs) -> Result<ExitCode> {
    let claim = InstanceLock::claim(&project.state())?;
    let options = options(project, args)?;
    let mut interrupted = Signals::new()?;
    let starting = Stack::start(project, &options);
    let mut running = tokio::select! {
        started = starting => started?,
        () = interrupted.next() => return Ok(ExitCode::from(130)),
    };
    println!("{}", describe(&running));
    loop {
        tokio::select! {
            () = interrupted.next() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => if !running.is_healthy() {
                running.stop().await;
                return Err(Error::setup("Postgres has ended", "see .catalyst/logs/postgres.log"));
            },
        }
    }
    println!("stopping");
    running.stop().await;
    drop(claim);
    Ok(ExitCode::SUCCESS)
}

fn options(project: &Project, args: UpArgs) -> Result<Options> {
    let mut variables = project.dotenv()?;
    variables.extend(passed_variables(project));
    let supabase = if args.supabase {
        let url = variables.get("SUPABASE_URL").cloned().ok_or_else(|| {
            Error::setup(
                "SUPABASE_URL is not set",
                "put SUPABASE_URL and the project's keys into .env, as .env.example shows",
            )
        })?;
        let database_url = variables.get("DATABASE_URL").cloned();
        Some(ExternalSupabase { url, database_url })
    } else {
        variables.retain(|name, _| !SUPABASE_VARIABLES.contains(&name.as_str()));
        None
    };
    Ok(Options {
        binaries: project.binaries(args.release),
        state: project.state(),
        ports: Ports::USUAL,
        durability: Durability::Kept,
        variables,
        catalog: args.catalog,
        supabase,
    })
}

fn describe(stack: &Stack) -> String {
    let value = |name: &str| stack.environment().get(name).cloned().unwrap_or_default();
    let mut lines = vec![
        format!("functions   {}", value("APP_URL")),
        format!("Supabase    {}", value("SUPABASE_URL")),
    ];
    if let Some(url) = stack.environment().get("DATABASE_URL") {
        lines.push(format!("Postgres    {url}"));
    }
    let stand_ins: Vec<_> = ["GOOGLE", "YOUTUBE", "GEMINI", "REVID", "SLACK"]
        .iter()
        .filter_map(|name| {
            Some(format!(
                "{} {}",
                name.to_lowercase(),
                stack.environment().get(&format!("FAKE_{name}_URL"))?
            ))
        })
        .collect();
    lines.push(if stand_ins.is_empty() {
        "services    the real ones".to_owned()
    } else {
        format!("stand-ins   {}", stand_ins.join(" · "))
    });
    lines.push(format!("public key  {}", value("SUPABASE_PUBLISHABLE_KEY")));
    if !stack.applied().is_empty() {
        lines.push(format!("migrations  {} applied", stack.applied().len()));
    }
    lines.push("Ctrl-C stops all of it; the data stays in .catalyst".to_owned());
    lines.join("\n")
}
