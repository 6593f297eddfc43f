//! Secrets at rest: what Google and YouTube entrust to us is encrypted here, and the database only ever sees ciphertext.
//!
//! AES-256-GCM under a key that is derived for each row (HKDF-SHA-256), with table, column, row and owner as associated
//! data: a value that is moved to another row, or changed by one bit, does not open. The text is
//! `v1.<key id>.<nonce>.<ciphertext>`; the key id lets a second key be accepted while values are rewritten under the
//! first.

mod context;
mod error;
mod key_ring;
#[cfg(test)]
mod tests;

pub use context::EncryptionContext;
pub use error::SecretError;
pub use key_ring::KeyRing;
