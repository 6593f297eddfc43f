//! Addresses on this machine, where things may go unencrypted.

use url::Url;

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// Whether what is secret may be sent to an address: over TLS, or without leaving this machine.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}
