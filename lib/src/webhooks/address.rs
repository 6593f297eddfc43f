//! Which addresses may be called, and the HTTP client that calls them.

use std::sync::OnceLock;

use url::Url;

use clients::download::{Forbidden, Guard};
use clients::webhook::Sender;
use platform::config::Config;

/// The rules for addresses: public https, and this machine's own receivers on a local stack.
fn guard(config: &Config) -> Guard {
    if config.app.mocking {
        Guard::new().with_loopback()
    } else {
        Guard::new()
    }
}

/// The process's HTTP client for events.
///
/// # Errors
///
/// When the HTTP client cannot be built, which no input can cause.
pub(super) fn sender(config: &Config) -> Result<&'static Sender, &'static reqwest::Error> {
    static SENDER: OnceLock<Result<Sender, reqwest::Error>> = OnceLock::new();
    SENDER.get_or_init(|| Sender::new(guard(config))).as_ref()
}

/// The rule that an endpoint's address breaks.
pub(super) fn broken_rule(config: &Config, address: &str) -> Option<&'static str> {
    Some(match guard(config).check(address) {
        Ok(url) if Url::parse(url.as_str()).is_ok_and(|url| url.fragment().is_some()) => {
            "must have no fragment"
        }
        Ok(_) if address.len() > 2048 => "must have at most 2048 characters",
        Ok(_) => return None,
        Err(Forbidden::Malformed) => "must be an address, for example https://example.com/hooks",
        Err(Forbidden::Scheme) => "must begin with https://",
        Err(Forbidden::Port) => "must name no port",
        Err(Forbidden::Credentials) => "must hold no user name and no password",
        Err(_) => "must name a host on the public internet",
    })
}
