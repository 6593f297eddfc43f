//! Connecting, seeing, changing and disconnecting channels.

mod access;
mod connecting;
mod consent_failures;
mod ending;
mod settings;
