//! The inside of an archive: the rows of each table as `COPY` writes them, one table after the other, compressed and encrypted.
//!
//! A sequence of frames, each a letter, a length and its bytes: `t` begins a table, `d` is some of its rows, `z` ends the
//! archive with its contents. Nothing has to be known before it is written, so nothing is kept in memory or unencrypted on disk.

use std::io::{self, Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};

use super::age::{Decryptor, Encryptor, Identity, Recipient};
use super::error::BackupError;
use super::manifest::Contents;
use crate::sha256::Hashing;

/// No frame is longer.
const MAX_FRAME: usize = 256 * 1024 * 1024;
/// Rows are cut into frames of this size at most.
const MAX_ROWS: usize = 256 * 1024;

/// A table begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begin {
    pub(super) schema: String,
    pub(super) name: String,
}

/// One frame that was read.
#[derive(Debug)]
pub(super) enum Frame {
    Begin(Begin),
    Data(Vec<u8>),
    End(Box<Contents>),
}

/// Writes an archive.
pub(super) struct Writer<W: Write> {
    inner: GzEncoder<Encryptor<Hashing<W>>>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(inner: W, recipients: &[Recipient]) -> io::Result<Self> {
        let encryptor = Encryptor::new(Hashing::new(inner), recipients)?;
        let inner = GzEncoder::new(encryptor, Compression::new(4));
        Ok(Self { inner })
    }

    pub(super) fn begin(&mut self, schema: &str, name: &str) -> io::Result<()> {
        let (schema, name) = (schema.to_owned(), name.to_owned());
        let begin = Begin { schema, name };
        self.frame(b't', &serde_json::to_vec(&begin)?)
    }

    pub(super) fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes
            .chunks(MAX_ROWS)
            .try_for_each(|chunk| self.frame(b'd', chunk))
    }

    /// Ends it. Answers with what was written, and its size and hash.
    pub(super) fn finish(mut self, contents: &Contents) -> io::Result<(W, u64, String)> {
        self.frame(b'z', &serde_json::to_vec(contents)?)?;
        Ok(self.inner.finish()?.finish()?.finish())
    }

    fn frame(&mut self, kind: u8, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len())
            .ok()
            .filter(|_| bytes.len() <= MAX_FRAME);
        let length = length.ok_or_else(|| io::Error::other("a part of the backup is too long"))?;
        self.inner.write_all(&[kind])?;
        self.inner.write_all(&length.to_be_bytes())?;
        self.inner.write_all(bytes)
    }
}

/// Reads an archive. What it gives was found to be genuine.
pub(super) struct Reader<R: Read> {
    inner: GzDecoder<Decryptor<R>>,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(inner: R, identities: &[Identity]) -> Result<Self, BackupError> {
        let decryptor = Decryptor::new(inner, identities).map_err(BackupError::of)?;
        Ok(Self {
            inner: GzDecoder::new(decryptor),
        })
    }

    pub(super) fn next(&mut self) -> Result<Frame, BackupError> {
        self.read().map_err(BackupError::of)
    }

    fn read(&mut self) -> io::Result<Frame> {
        let damaged = |what: &str| BackupError::damaged(what).into_io();
        let mut head = [0; 5];
        self.inner
            .read_exact(&mut head)
            .map_err(BackupError::end_missing)?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_FRAME || (kind == b'd' && length > MAX_ROWS) {
            return Err(damaged("a part of it is too long"));
        }
        let mut bytes = vec![0; length];
        self.inner
            .read_exact(&mut bytes)
            .map_err(BackupError::end_missing)?;
        match kind {
            b't' => Ok(Frame::Begin(serde_json::from_slice(&bytes)?)),
            b'd' => Ok(Frame::Data(bytes)),
            b'z' => {
                // Reads the compression's own checksum and the encryption's last chunk.
                if self.inner.read(&mut [0])? != 0 || self.inner.get_mut().read(&mut [0])? != 0 {
                    return Err(damaged("something follows its contents"));
                }
                Ok(Frame::End(serde_json::from_slice(&bytes)?))
            }
            _ => Err(damaged("it holds a part of no known kind")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::manifest::fixture::manifest;

    #[test]
    fn frames_are_read_as_they_were_written() {
        let identity = Identity::generate().unwrap();
        let contents = manifest("2026-11-22T02:00:03Z").contents;
        let mut writer = Writer::new(Vec::new(), &[identity.recipient().unwrap()]).unwrap();
        let rows: Vec<u8> = (0..600_000_u32).map(|n| (n / 7) as u8).collect();
        writer.begin("public", "users").unwrap();
        writer.data(&rows).unwrap();
        let (bytes, length, sha256) = writer.finish(&contents).unwrap();
        assert_eq!(bytes.len() as u64, length);
        assert_eq!(sha256, crate::sha256::checksum(&bytes));

        let mut reader = Reader::new(bytes.as_slice(), &[identity]).unwrap();
        assert!(matches!(reader.next(), Ok(Frame::Begin(begin)) if begin.name == "users"));
        let mut read = Vec::new();
        loop {
            match reader.next().unwrap() {
                Frame::Data(some) => read.extend(some),
                Frame::End(end) => break assert_eq!(*end, contents),
                Frame::Begin(_) => panic!("one table only"),
            }
        }
        assert_eq!(read, rows);
    }
}
