//! `catalyst keys`.

use clap::{Args, Subcommand};

use super::rotate;
use crate::{Error, Result, postgres::connection::named_or_local, project::Project};

/// `catalyst keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    action: Action,
    /// The database; without it, the stack of this folder.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// Encrypt everything again under the first key of TOKEN_ENCRYPTION_KEYS, while the product works.
    Rotate,
}

/// Runs the command; true when every value is under the newest key.
///
/// # Errors
///
/// When there is no key, or the database refuses.
pub async fn run(args: KeysArgs) -> Result<bool> {
    let Action::Rotate = args.action;
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
    let login = named_or_local(args.database_url.as_deref())?;
    let rotation = rotate::rotate(login, &keys.into()).await?;
    println!("{rotation}");
    Ok(rotation.left == 0)
}
