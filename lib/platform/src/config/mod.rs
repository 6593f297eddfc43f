//! Configuration: read once, before the first request. Every error names the variable and the cure.
//!
//! `.env.example` lists every variable; a missing secret is a start-up failure, never a silent default.

mod deployment;
mod names;
mod origins;
mod services;
mod vars;

use std::sync::OnceLock;

use secrecy::SecretString;

use crate::sealing::{KeyRing, SecretError};
use clients::{gemini, google_oauth, revid};
use vars::Vars;

pub use deployment::{App, Limits, Monitoring, Supabase};
pub use names::{OTHER_NAMES, all_names, two_values};
pub use origins::OriginPattern;
pub use vars::ConfigError;

/// Everything the functions need to know about where they run.
#[expect(missing_docs, reason = "their types say it")]
#[derive(Debug)]
pub struct Config {
    pub supabase: Supabase,
    pub app: App,
    /// Google's OAuth client and YouTube.
    pub google: Option<google_oauth::Settings>,
    pub gemini: Option<gemini::Settings>,
    pub revid: Option<revid::Settings>,
    pub limits: Limits,
    pub monitoring: Monitoring,
    /// `TOKEN_ENCRYPTION_KEYS`: `kid:base64` pairs of 32-byte keys, the first writes, all read.
    pub token_encryption_keys: Option<SecretString>,
}

/// The process's configuration.
///
/// # Errors
///
/// The first missing or malformed variable. The answer is the same for the whole life of the process.
pub fn get() -> Result<&'static Config, &'static ConfigError> {
    static CONFIG: OnceLock<Result<Config, ConfigError>> = OnceLock::new();
    CONFIG
        .get_or_init(|| Config::read(&|name| std::env::var(name).ok()))
        .as_ref()
}

impl Config {
    /// Reads variables from `get`.
    ///
    /// # Errors
    ///
    /// The first missing or malformed variable.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let vars = &Vars::new(get)?;
        Ok(Self {
            supabase: Supabase::read(vars)?,
            app: App::read(vars)?,
            google: services::google(vars)?,
            gemini: services::gemini(vars)?,
            revid: services::revid(vars)?,
            limits: Limits::read(vars)?,
            monitoring: Monitoring::read(vars)?,
            token_encryption_keys: encryption_keys(vars)?,
        })
    }
}

/// Keys that cannot be read would be found out only when a token is to be stored: that is too late.
fn encryption_keys(vars: &Vars<'_>) -> Result<Option<SecretString>, ConfigError> {
    let name = "TOKEN_ENCRYPTION_KEYS";
    let keys = vars.secret(name);
    if let Some(keys) = &keys {
        KeyRing::parse(keys).map_err(|error| match error {
            SecretError::Keys(problem) => ConfigError::new(name, problem),
            other => ConfigError::new(name, other.to_string()),
        })?;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests;
