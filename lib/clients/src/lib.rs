//! Clients of the outside services, all over one [`transport`].
//!
//! Each service has its folder: verbs in `mod.rs`, errors that a caller can act on in `error.rs`. A client takes
//! its base address from the configuration, so that tests and the local stack can put a stand-in there.

pub mod download;
pub mod gemini;
pub mod google_oauth;
mod guard;
pub mod quota_day;
pub mod revid;
pub mod storage;
pub mod tls;
pub mod transport;
pub mod webhook;
pub mod youtube;

/// Two lower-case hexadecimal digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
