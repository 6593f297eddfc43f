//! `catalyst postgres-config`.

use super::configure::configure;
use super::line::State;
use super::server::server_command;
use crate::error::Result;
use crate::postgres::cluster::login;

/// `catalyst postgres-config`.
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    /// The database, as the role postgres.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: String,
    /// Memory of the server, for the settings that the Supabase CLI makes.
    #[arg(long, default_value_t = 4, value_name = "GIB")]
    memory_gib: u32,
    /// Set what is not as wanted. Without this nothing is changed.
    #[arg(long)]
    apply: bool,
}

/// Runs the command; true when everything is as wanted.
///
/// # Errors
///
/// When the database cannot be reached.
pub async fn run(args: &ConfigArgs) -> Result<bool> {
    let login = login::parse_url(&args.database_url)?;
    let lines = configure(&login, args.apply).await?;
    for line in &lines {
        println!("{line}");
    }
    println!(
        "\nSettings of the server, for {} GiB of memory (a restart is needed):",
        args.memory_gib
    );
    println!("  {}", server_command(args.memory_gib));
    let done = lines
        .iter()
        .all(|line| matches!(line.state, State::AsWanted | State::Set));
    if !done && !args.apply {
        println!("nothing was changed; --apply sets what is not as wanted");
    }
    Ok(done)
}
