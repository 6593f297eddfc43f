//! Encryption for a recipient: the format of age (age-encryption.org/v1), with X25519 recipients.
//!
//! The writer of backups holds only the public half. The archives open with the program `age` as well, so that nobody
//! depends on this tool to read one. The primitives are aws-lc-rs's; the crate `age` would bring fifty others, among them
//! a pre-release of a post-quantum scheme.

mod header;
mod keys;
mod primitives;
mod stream;
#[cfg(test)]
mod tests;

pub use self::keys::{Identity, Recipient};
pub(super) use self::stream::{Decryptor, Encryptor};
