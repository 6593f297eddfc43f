//! The payload: chunks that are encrypted one by one, numbered, the last one marked.

use std::io;

use aws_lc_rs::aead::{Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce};
use aws_lc_rs::error::Unspecified;

use super::primitives::{failed, payload_key};

/// Bytes of plain text in a chunk; only the last one is shorter.
pub(super) const PLAIN: usize = 64 * 1024;
/// Bytes of an encrypted chunk.
pub(super) const ENCRYPTED: usize = PLAIN + MAX_TAG_LEN;
/// Bytes of the payload's nonce, which comes before the first chunk.
pub(super) const PAYLOAD_NONCE: usize = 16;

/// The payload's key, and the number of the next chunk.
pub(super) struct Chunks {
    key: LessSafeKey,
    number: u64,
}

impl Chunks {
    pub(super) fn new(file_key: &[u8], nonce: &[u8; PAYLOAD_NONCE]) -> io::Result<Self> {
        Ok(Self {
            key: payload_key(file_key, nonce)?,
            number: 0,
        })
    }

    /// The number of the next chunk.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Encrypts the next chunk in its place.
    pub(super) fn encrypt(&mut self, chunk: &mut Vec<u8>, last: bool) -> io::Result<()> {
        let nonce = self.nonce(last);
        self.number = self
            .number
            .checked_add(1)
            .ok_or_else(|| failed(Unspecified))?;
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), chunk)
            .map_err(failed)
    }

    /// Decrypts the next chunk; none when it is not genuine, or is not what `last` says.
    pub(super) fn decrypt(&mut self, chunk: &[u8], last: bool) -> Option<Vec<u8>> {
        let mut chunk = chunk.to_vec();
        let plain = self
            .key
            .open_in_place(self.nonce(last), Aad::empty(), &mut chunk);
        let length = plain.ok()?.len();
        chunk.truncate(length);
        self.number += 1;
        Some(chunk)
    }

    fn nonce(&self, last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[3..11].copy_from_slice(&self.number.to_be_bytes());
        nonce[11] = last.into();
        Nonce::assume_unique_for_key(nonce)
    }
}
