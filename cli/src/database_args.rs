//! Which database a command asks, and how it answers.

use clap::Args;
use sqlx::PgConnection;

use crate::Result;
use crate::postgres::connection::{connect, named_or_local};

/// What every command has that asks a deployment's database.
#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// The database; without it, the stack of this folder.
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: Option<String>,
    /// Answer as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl DatabaseArgs {
    /// Connects to it.
    ///
    /// # Errors
    ///
    /// When the address cannot be read, or the database refuses.
    pub(crate) async fn connect(&self) -> Result<PgConnection> {
        connect(&named_or_local(self.database_url.as_deref())?).await
    }
}
