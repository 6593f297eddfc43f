//! Encrypting.

use std::io::{self, Write};

use super::chunks::{Chunks, ENCRYPTED, PAYLOAD_NONCE, PLAIN};
use super::header::{self, FILE_KEY};
use super::keys::Recipient;
use super::primitives::random;

/// Encrypts what is written to it.
pub(in crate::backup) struct Encryptor<W: Write> {
    inner: W,
    chunks: Chunks,
    plain: Vec<u8>,
}

impl<W: Write> Encryptor<W> {
    pub(in crate::backup) fn new(mut inner: W, recipients: &[Recipient]) -> io::Result<Self> {
        let file_key = random::<FILE_KEY>()?;
        let stanzas = recipients
            .iter()
            .map(|recipient| recipient.wrap(&file_key))
            .collect::<io::Result<Vec<_>>>()?;
        let header = header::write(file_key.as_slice(), &stanzas)?;
        let nonce = random::<PAYLOAD_NONCE>()?;
        inner.write_all(header.as_bytes())?;
        inner.write_all(nonce.as_slice())?;
        Ok(Self {
            inner,
            chunks: Chunks::new(file_key.as_slice(), &nonce)?,
            plain: Vec::with_capacity(ENCRYPTED),
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
