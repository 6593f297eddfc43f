//! `catalyst`: what is done to a deployment at a prompt, and what scores a channel's file.

use std::{path::PathBuf, process::ExitCode};

use catalyst_cli::{
    Error, backup, doctor, error::Result, keys, migrate, postgres::cluster, postgres_config,
    program, project::Project, recover, score,
};
use clap::{Args, Parser, Subcommand};
use sqlx::postgres::PgConnectOptions;

#[derive(Parser)]
#[command(
    name = "catalyst",
    version,
    about = "The Content Catalyst Engine, for its operator"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the configuration of a deployment, and name each problem and its cure.
    Doctor(Doctor),
    /// Apply, list or check the database's migrations.
    Migrate(Migrate),
    /// Back a database up, show that the backup is good, and restore it.
    Backup(backup::BackupArgs),
    /// Bring the service back from a backup after its database was lost; without --apply it only looks.
    Recover(recover::RecoverArgs),
    /// Compare a production database's settings with what is wanted, and set what its owner may set.
    PostgresConfig(postgres_config::ConfigArgs),
    /// Look after the keys that tokens are encrypted with.
    Keys(Keys),
    /// Score a channel's videos from a CSV file.
    Score(score::ScoreArgs),
}

#[derive(Debug, Args)]
struct Doctor {
    /// A file of NAME=value lines to check instead of .env and the environment.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Only read the configuration; ask nobody.
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Args)]
struct Migrate {
    #[command(subcommand)]
    action: MigrateAction,
    /// The database; without it, the stack of this folder.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The folder with the migrations.
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Keys {
    #[command(subcommand)]
    action: KeysAction,
    /// The database; without it, the stack of this folder.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum KeysAction {
    /// Seal everything anew under the first key of TOKEN_ENCRYPTION_KEYS, while the product works.
    Rotate,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum MigrateAction {
    /// Apply every pending migration, each in one transaction.
    Up,
    /// Say where every migration stands.
    Status,
    /// Refuse unless every applied migration is the file that was applied.
    Verify,
}

/// The database's refusals are in what the commands say.
const QUIET: &str = "warn,sqlx=error";

fn main() -> ExitCode {
    program::run("catalyst", QUIET, run(Cli::parse()))
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let done = match cli.command {
        Command::Doctor(options) => return doctor(options).await,
        Command::Migrate(options) => return migrate(options).await,
        Command::Keys(options) => return keys_command(options).await,
        Command::Score(options) => return Ok(score::run(&options)),
        Command::Backup(options) => {
            backup::run(options).await?;
            true
        }
        Command::Recover(options) => recover::run(&Project::find()?, &options).await?,
        Command::PostgresConfig(options) => postgres_config::run(&options).await?,
    };
    Ok(if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn keys_command(options: Keys) -> Result<ExitCode> {
    let KeysAction::Rotate = options.action;
    let keys = match std::env::var("TOKEN_ENCRYPTION_KEYS") {
        Ok(keys) => Some(keys),
        Err(_) => Project::find()?.dotenv()?.remove("TOKEN_ENCRYPTION_KEYS"),
    };
    let keys = keys.filter(|keys| !keys.is_empty()).ok_or_else(|| {
        Error::setup(
            "TOKEN_ENCRYPTION_KEYS is not set",
            "give the keys as the functions have them, the new one first: new:base64,old:base64",
        )
    })?;
    let rotation = keys::rotate(login(options.database_url.as_deref())?, &keys.into()).await?;
    println!("{rotation}");
    Ok(if rotation.left == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The database that was named, or the one of this folder's stack.
fn login(database_url: Option<&str>) -> Result<PgConnectOptions> {
    match database_url {
        Some(url) => url
            .parse()
            .map_err(Error::database("the database's URL cannot be read")),
        None => Ok(cluster::login(cluster::USUAL_PORT, "postgres")),
    }
}

async fn migrate(options: Migrate) -> Result<ExitCode> {
    let folder = match options.dir {
        Some(folder) => folder,
        None => Project::find()?.migrations(),
    };
    let login = login(options.database_url.as_deref())?;
    match options.action {
        MigrateAction::Up => {
            let applied = migrate::up(&login, &folder, |migration| {
                println!("applied {}", migration.file);
            })
            .await?;
            println!(
                "{}",
                if applied.is_empty() {
                    "nothing to apply".to_owned()
                } else {
                    format!("{} applied", applied.len())
                }
            );
        }
        MigrateAction::Status => {
            for line in migrate::status(&login, &folder).await? {
                println!("{:<22} {}_{}", line.state, line.version, line.name);
            }
        }
        MigrateAction::Verify => println!(
            "{} applied, all as their files",
            migrate::verify(&login, &folder).await?
        ),
    }
    Ok(ExitCode::SUCCESS)
}

async fn doctor(options: Doctor) -> Result<ExitCode> {
    let project = Project::find()?;
    let variables = match options.env_file {
        Some(file) => catalyst_cli::project::read_dotenv(&file)?,
        None => {
            let mut variables = project.dotenv()?;
            variables.extend(std::env::vars());
            variables
        }
    };
    let findings = doctor::examine(&project, &variables, options.offline).await;
    for finding in &findings {
        println!("{finding}");
    }
    let faults = findings.iter().filter(|finding| finding.is_fault()).count();
    println!(
        "{}",
        if faults == 0 {
            "nothing is wrong".to_owned()
        } else {
            format!("{faults} to mend")
        }
    );
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
