//! The clients of the render service and of its files.

use std::sync::OnceLock;

use clients::download::{Fetcher, Guard, Limits};
use clients::revid::Revid;
use platform::endpoint::{Kind, Problem};
use platform::{config::Config, outbound};

/// The render service.
///
/// # Errors
///
/// [`Kind::NotConfigured`] when the deployment has no key for it.
pub(super) fn provider(config: &Config) -> Result<Revid, Problem> {
    let Some(revid) = &config.revid else {
        return Err(Problem::new(Kind::NotConfigured)
            .detail("This deployment has no key for the render service. Its operator has to set REVID_API_KEY."));
    };
    let transport = outbound::transport().clone();
    Ok(Revid::new(
        transport,
        revid.url.clone(),
        revid.api_key.clone(),
    ))
}

/// The guarded client of the provider's files.
///
/// # Errors
///
/// When the HTTP client cannot be built, which no input can cause.
pub(crate) fn fetcher(config: &Config) -> Result<&'static Fetcher, &'static reqwest::Error> {
    static FETCHER: OnceLock<Result<Fetcher, reqwest::Error>> = OnceLock::new();
    let build = || {
        let mut guard = Guard::new();
        if let Some(revid) = &config.revid {
            guard = guard.only_hosts(revid.file_hosts.iter().cloned());
            if config.app.mocking {
                guard = guard.with_stand_in(revid.url.clone());
            }
        }
        Fetcher::new(guard, Limits::default())
    };
    FETCHER.get_or_init(build).as_ref()
}
