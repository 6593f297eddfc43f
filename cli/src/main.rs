//! `catalyst`: what is done to a deployment at a prompt, and what scores a channel's file.

use std::process::ExitCode;

use catalyst_cli::{
    Result, backup, cost, deploy, doctor, keys, migrate, postgres_config, program,
    project::Project, recover, score, settings, unclaimed, users,
};
use clap::{Parser, Subcommand};

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
    /// Set up Supabase and Vercel and deploy, from nothing or from where the run before stopped.
    Deploy(deploy::DeployArgs),
    /// Check the configuration of a deployment, and name each problem and its cure.
    Doctor(doctor::DoctorArgs),
    /// Apply, list or check the database's migrations.
    Migrate(migrate::MigrateArgs),
    /// Back a database up, show that the backup is good, and restore it.
    Backup(backup::BackupArgs),
    /// Bring the service back from a backup after its database was lost; without --apply it changes nothing.
    Recover(recover::RecoverArgs),
    /// Compare a production database's settings with what is wanted, and set what its owner may set.
    PostgresConfig(postgres_config::ConfigArgs),
    /// What the operator decides without deploying: limits, quota, alerts, secrets of Vault; and who changed it when.
    Settings(settings::SettingsArgs),
    /// Accounts, and the limits that are theirs alone.
    Users(users::UsersArgs),
    /// Videos whose schedule was lost with a database.
    Unclaimed(unclaimed::UnclaimedArgs),
    /// What a deployment of so many channels and videos costs a month, line by line.
    Cost(cost::CostArgs),
    /// Manage the keys that tokens are encrypted with.
    Keys(keys::KeysArgs),
    /// Score a channel's videos from a file, such as YouTube Studio's export.
    Score(score::ScoreArgs),
}

/// The database's refusals are in what the commands say.
const QUIET: &str = "warn,sqlx=error";

fn main() -> ExitCode {
    program::run("catalyst", QUIET, run(Cli::parse()))
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let good = match cli.command {
        Command::Deploy(args) => deploy::run(args).await?,
        Command::Doctor(args) => doctor::run(args).await?,
        Command::Migrate(args) => migrate::run(args).await.map(|()| true)?,
        Command::Backup(args) => backup::run(args).await.map(|()| true)?,
        Command::Recover(args) => recover::run(&Project::find()?, &args).await?,
        Command::PostgresConfig(args) => postgres_config::run(&args).await?,
        Command::Settings(args) => settings::run(args).await?,
        Command::Users(args) => users::run(args).await.map(|()| true)?,
        Command::Unclaimed(args) => unclaimed::run(args).await.map(|()| true)?,
        Command::Cost(args) => {
            cost::run(&args);
            true
        }
        Command::Keys(args) => keys::run(args).await?,
        Command::Score(args) => return Ok(score::run(&args)),
    };
    Ok(ExitCode::from(u8::from(!good)))
}
