//! Encrypting and decrypting: chunks that are encrypted one by one, numbered, the last one marked.

use std::fmt;
use std::io::{self, Read, Write};

use aws_lc_rs::aead::{Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce};

use super::header::{self, FILE_KEY, Header};
use super::keys::{Identity, Recipient};
use super::primitives::{failed, payload_key, random};
use crate::backup::error::BackupError;

/// Bytes of plain text in a chunk; only the last one is shorter.
pub(super) const PLAIN: usize = 64 * 1024;
/// Bytes of an encrypted chunk.
pub(super) const ENCRYPTED: usize = PLAIN + MAX_TAG_LEN;
/// Bytes of the payload's nonce, which comes before the first chunk.
const PAYLOAD_NONCE: usize = 16;

/// The payload's key, and the number of the next chunk.
struct Chunks {
    key: LessSafeKey,
    number: u64,
}

impl Chunks {
    /// Encrypts the next chunk in its place.
    fn encrypt(&mut self, chunk: &mut Vec<u8>, last: bool) -> io::Result<()> {
        let nonce = self.nonce(last);
        self.number += 1;
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), chunk)
            .map_err(failed)
    }

    /// Decrypts the next chunk; none when it is not genuine, or is not what `last` says.
    fn decrypt(&mut self, chunk: &[u8], last: bool) -> Option<Vec<u8>> {
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

/// Encrypts what is written to it.
pub(in crate::backup) struct Encryptor<W: Write> {
    inner: W,
    chunks: Chunks,
    plain: Vec<u8>,
}

impl<W: Write> Encryptor<W> {
    pub(in crate::backup) fn new(mut inner: W, recipients: &[Recipient]) -> io::Result<Self> {
        let file_key = random::<FILE_KEY>()?;
        let stanzas: io::Result<Vec<_>> =
            recipients.iter().map(|one| one.wrap(&file_key)).collect();
        let header = header::write(file_key.as_slice(), &stanzas?)?;
        let nonce = random::<PAYLOAD_NONCE>()?;
        inner.write_all(header.as_bytes())?;
        inner.write_all(nonce.as_slice())?;
        let key = payload_key(file_key.as_slice(), nonce.as_slice())?;
        let plain = Vec::with_capacity(ENCRYPTED);
        Ok(Self {
            inner,
            chunks: Chunks { key, number: 0 },
            plain,
        })
    }

    /// Writes the last chunk. Without it the archive does not open.
    pub(in crate::backup) fn finish(mut self) -> io::Result<W> {
        self.write_chunk(true)?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    fn write_chunk(&mut self, last: bool) -> io::Result<()> {
        self.chunks.encrypt(&mut self.plain, last)?;
        self.inner.write_all(&self.plain)?;
        self.plain.clear();
        Ok(())
    }
}

impl<W: Write> Write for Encryptor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until there is more: the last one is marked as the last.
        if self.plain.len() == PLAIN && !bytes.is_empty() {
            self.write_chunk(false)?;
        }
        let taken = bytes.len().min(PLAIN - self.plain.len());
        self.plain.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

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
        let mut pairs = header
            .stanzas
            .iter()
            .flat_map(|stanza| identities.iter().map(move |one| (one, stanza)));
        let file_key = pairs.find_map(|(identity, stanza)| identity.unwrap(stanza));
        let file_key = file_key.ok_or_else(|| BackupError::NotForUs.into_io())?;
        if !header.is_genuine(&file_key)? {
            return Err(BackupError::damaged("its header was changed").into_io());
        }
        let mut nonce = [0; PAYLOAD_NONCE];
        inner
            .read_exact(&mut nonce)
            .map_err(BackupError::end_missing)?;
        let key = payload_key(&file_key, &nonce)?;
        let chunks = Chunks { key, number: 0 };
        Ok(Self {
            inner,
            chunks,
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
        let number = self.chunks.number;
        let full = chunk.len() == ENCRYPTED;
        // A full chunk is usually one of many; only its tag tells whether it is the last.
        if full && let Some(plain) = self.chunks.decrypt(&chunk, false) {
            self.plain = plain;
            return Ok(());
        }
        let damaged = |what: String| Err(BackupError::Damaged(what).into_io());
        let Some(plain) = self.chunks.decrypt(&chunk, true) else {
            let more = if full { "" } else { ", or the end is missing" };
            return damaged(format!("piece {number} was changed{more}"));
        };
        if plain.is_empty() && number > 0 {
            return damaged("it ends with an empty piece".into());
        }
        self.plain = plain;
        self.ended = true;
        if self.inner.read(&mut [0])? != 0 {
            return damaged("something follows its end".into());
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
