//! SHA-256, as it is written everywhere: in hexadecimal.

use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256, digest};
use clients::hex;

/// The checksum of some bytes.
pub fn checksum(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// A checksum of what comes piece by piece.
pub(crate) struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> String {
        hex(self.0.finish().as_ref())
    }
}

/// Counts and hashes what is written or read through it.
pub(crate) struct Hashing<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        let hash = Sha256::default();
        Self {
            inner,
            hash,
            bytes: 0,
        }
    }

    /// What it was made of, the number of bytes, and their checksum.
    pub(crate) fn finish(self) -> (T, u64, String) {
        (self.inner, self.bytes, self.hash.finish())
    }

    fn count(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.count(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.count(&out[..count]);
        Ok(count)
    }
}
