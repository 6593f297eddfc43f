//! What every call to Google needs.

use super::error::AccessError;
use clients::google_oauth;
use platform::config::Config;
use platform::sealing::KeyRing;

/// Google's configuration and our encryption keys: without both no channel can be connected.
pub(crate) fn google(
    config: &'static Config,
) -> Result<(&'static google_oauth::Settings, &'static KeyRing), AccessError> {
    let google = config
        .google
        .as_ref()
        .ok_or(AccessError::NotConfigured("GOOGLE_CLIENT_ID"))?;
    let keys = platform::keys::ring(config)
        .ok_or(AccessError::NotConfigured("TOKEN_ENCRYPTION_KEYS"))?
        .as_ref()
        .map_err(Clone::clone)?;
    Ok((google, keys))
}
