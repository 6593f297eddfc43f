//! `catalyst migrate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{apply, files::Migration, status};
use crate::{Result, postgres::connection::named_or_local, project::Project};

/// `catalyst migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(subcommand)]
    action: Action,
    /// The database; without it, the stack of this folder.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The folder with the migrations.
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// Apply every pending migration, each in one transaction.
    Up,
    /// Say where every migration stands.
    Status,
    /// Refuse unless every applied migration is the file that was applied.
    Verify,
}

/// Runs the command.
///
/// # Errors
///
/// When the migrations are refused, or the database is.
pub async fn run(args: MigrateArgs) -> Result {
    let folder = match args.dir {
        Some(folder) => folder,
        None => Project::find()?.migrations(),
    };
    let login = named_or_local(args.database_url.as_deref())?;
    match args.action {
        Action::Up => {
            let said = |migration: &Migration| println!("applied {}", migration.file);
            match apply::up(&login, &folder, said).await?.len() {
                0 => println!("nothing to apply"),
                count => println!("{count} applied"),
            }
        }
        Action::Status => {
            for line in status::status(&login, &folder).await? {
                println!("{:<22} {}_{}", line.state, line.version, line.name);
            }
        }
        Action::Verify => {
            let count = status::verify(&login, &folder).await?;
            println!("{count} applied, all as their files");
        }
    }
    Ok(())
}
