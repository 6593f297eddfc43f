//! Decrypting.

use std::fmt;
use std::io::{self, Read};

use super::chunks::{Chunks, ENCRYPTED, PAYLOAD_NONCE};
use super::header::Header;
use super::keys::Identity;
use crate::backup::error::BackupError;

/// Decrypts what was encrypted. Each chunk is given out only after it was found to be genuine; a missing end is an error.
pub(in crate::backup) struct Decryptor<R: Read> {
    inner: R,
    chunks: Chunks,
    plain: Vec<u8>,
    /// How much of `plain` was given out.
    given: usize,
    ended: bool,
}

impl<R: Read> fmt::Debug for Decryptor<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Decryptor(…)")
    }
}

impl<R: Read> Decryptor<R> {
    pub(in crate::backup) fn new(mut inner: R, identities: &[Identity]) -> io::Result<Self> {
        let header = Header::read(&mut inner)?;
        let file_key = header
            .stanzas
            .iter()
            .find_map(|stanza| identities.iter().find_map(|one| one.unwrap(stanza)))
            .ok_or_else(|| BackupError::NotForUs.into_io())?;
        if !header.is_genuine(&file_key)? {
            return Err(BackupError::damaged("its header was changed").into_io());
        }
        let mut nonce = [0; PAYLOAD_NONCE];
        inner
            .read_exact(&mut nonce)
            .map_err(BackupError::end_missing)?;
        Ok(Self {
            inner,
            chunks: Chunks::new(&file_key, &nonce)?,
            plain: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let mut chunk = Vec::with_capacity(ENCRYPTED);
        (&mut self.inner)
            .take(ENCRYPTED as u64)
            .read_to_end(&mut chunk)?;
        self.given = 0;
        let number = self.chunks.number();
        let full = chunk.len() == ENCRYPTED;
        // A full chunk is usually one of many; only its tag tells whether it is the last.
        if full && let Some(plain) = self.chunks.decrypt(&chunk, false) {
            self.plain = plain;
            return Ok(());
        }
        let Some(plain) = self.chunks.decrypt(&chunk, true) else {
            let what = if full { "" } else { ", or the end is missing" };
            return Err(
                BackupError::damaged(format!("piece {number} was changed{what}")).into_io(),
            );
        };
        if plain.is_empty() && number > 0 {
            return Err(BackupError::damaged("it ends with an empty piece").into_io());
        }
        self.plain = plain;
        self.ended = true;
        if self.inner.read(&mut [0])? != 0 {
            return Err(BackupError::damaged("something follows its end").into_io());
        }
        Ok(())
    }
}

impl<R: Read> Read for Decryptor<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let count = out.len().min(self.plain.len() - self.given);
        out[..count].copy_from_slice(&self.plain[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
