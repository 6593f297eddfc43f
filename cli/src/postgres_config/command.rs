//! `catalyst postgres-config`.

use super::configure::{State, configure};
use crate::{Result, postgres::connection::parse_url};

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
    let lines = configure(&parse_url(&args.database_url)?, args.apply).await?;
    for line in &lines {
        println!("{line}");
    }
    let memory = args.memory_gib;
    println!("\nSettings of the server, for {memory} GiB of memory (a restart is needed):");
    println!("  {}", server_command(memory));
    let done = lines
        .iter()
        .all(|line| matches!(line.state, State::AsWanted | State::Set));
    if !done && !args.apply {
        println!("nothing was changed; --apply sets what is not as wanted");
    }
    Ok(done)
}

/// The rest is the server's: a quarter of the memory for its own cache, three quarters for what the system caches with it.
fn server_command(memory_gib: u32) -> String {
    let memory = memory_gib.max(1) * 1024;
    format!(
        "supabase postgres-config update --config shared_buffers={}MB --config effective_cache_size={}MB \
         --config maintenance_work_mem={}MB --config max_connections={} --config max_worker_processes=16 --config max_wal_size=4GB",
        memory / 4,
        memory * 3 / 4,
        (memory / 16).min(1024),
        (60 + 15 * memory_gib).min(400)
    )
}

#[cfg(test)]
mod tests {
    use super::server_command;

    #[test]
    fn the_command_fits_the_memory() {
        let command = server_command(4);
        assert!(command.contains("shared_buffers=1024MB"), "{command}");
        assert!(command.contains("effective_cache_size=3072MB"), "{command}");
        assert!(command.contains("max_connections=120"), "{command}");
    }
}
