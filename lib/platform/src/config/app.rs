//! This deployment.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::ConfigError;
use super::vars::Vars;

/// Where this deployment is, and how its dispatcher works.
#[derive(Debug)]
pub struct App {
    /// `APP_URL`: public address of this API, without a path.
    pub url: Url,
    /// `FRONTEND_URL`: the front end, whose page `/connected` ends Google's consent; our own pages do when it is not set.
    pub frontend_url: Option<Url>,
    /// `CRON_SECRET`: at least 16 characters; the dispatcher refuses every call when it is not set.
    pub cron_secret: Option<SecretString>,
    /// `ENABLE_API_MOCKING`: use the stand-ins at the addresses of `*_URL` instead of the real services.
    pub mocking: bool,
    /// `DISPATCH_BUDGET_SECONDS`: how long one dispatch works on after its answer; 50 by default, at most 280.
    pub dispatch_budget_seconds: u64,
    /// `PIPELINE_LEASE_SECONDS`: how long a claimed step is ours without a heartbeat; 30 by default, 2 to 300. A dead
    /// worker is noticed when it ends.
    pub lease_seconds: u64,
}

impl App {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let budget = vars.number("DISPATCH_BUDGET_SECONDS", 50)?;
        let lease = vars.number("PIPELINE_LEASE_SECONDS", 30)?;
        Ok(Self {
            url: vars.required_url("APP_URL", "the public address of this API")?,
            frontend_url: vars.url("FRONTEND_URL")?,
            cron_secret: cron_secret(vars)?,
            mocking: vars.mocking,
            dispatch_budget_seconds: budget.min(280).into(),
            lease_seconds: lease.clamp(2, 300).into(),
        })
    }
}

fn cron_secret(vars: &Vars<'_>) -> Result<Option<SecretString>, ConfigError> {
    let name = "CRON_SECRET";
    let secret = vars.secret(name);
    let length = secret.as_ref().map(|secret| secret.expose_secret().len());
    if length.is_some_and(|length| length < 16) {
        return Err(ConfigError::new(name, "is shorter than 16 characters"));
    }
    Ok(secret)
}
