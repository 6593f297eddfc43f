//! What comes before the payload: the file's key, wrapped for each recipient, and a checksum.

use std::io::{self, Read};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::primitives::{KEY, header_key};
use crate::backup::error::BackupError;

/// Bytes of the key that a file is encrypted with.
pub(super) const FILE_KEY: usize = 16;

const VERSION: &str = "age-encryption.org/v1";
/// Bytes of a header; more is no header.
const LIMIT: usize = 64 * 1024;

/// A file's key, wrapped for one recipient.
pub(super) struct Stanza {
    pub(super) share: [u8; KEY],
    pub(super) body: Vec<u8>,
}

/// A header as it was read.
pub(super) struct Header {
    pub(super) stanzas: Vec<Stanza>,
    /// Everything up to and with `---`.
    signed: Vec<u8>,
    mac: Vec<u8>,
}

/// The header of a file with this key.
pub(super) fn write(file_key: &[u8], stanzas: &[Stanza]) -> io::Result<String> {
    let mut header = format!("{VERSION}\n");
    for Stanza { share, body } in stanzas {
        let (share, body) = (STANDARD_NO_PAD.encode(share), STANDARD_NO_PAD.encode(body));
        header.push_str(&format!("-> X25519 {share}\n{body}\n"));
    }
    header.push_str("---");
    let mac = hmac::sign(&header_key(file_key)?, header.as_bytes());
    header.push_str(&format!(" {}\n", STANDARD_NO_PAD.encode(mac.as_ref())));
    Ok(header)
}

impl Header {
    /// Reads a header, and nothing of what follows it.
    pub(super) fn read(inner: &mut impl Read) -> io::Result<Self> {
        let read = Vec::new();
        let mut lines = Lines { inner, read };
        if lines.next()? != VERSION {
            return Err(malformed());
        }
        let mut stanzas = Vec::new();
        loop {
            let start = lines.read.len();
            let line = lines.next()?;
            if let Some(mac) = line.strip_prefix("--- ") {
                let mac = STANDARD_NO_PAD.decode(mac).map_err(|_| malformed())?;
                let mut signed = lines.read;
                signed.truncate(start + 3);
                return Ok(Self {
                    stanzas,
                    signed,
                    mac,
                });
            }
            let arguments = line.strip_prefix("-> ").ok_or_else(malformed)?;
            let body = lines.body()?;
            // Others are for keys that this tool does not know.
            if let ["X25519", share] = arguments.split(' ').collect::<Vec<_>>().as_slice() {
                stanzas.push(stanza(share, &body).ok_or_else(malformed)?);
            }
        }
    }

    /// Whether nobody has changed the header of a file with this key.
    pub(super) fn is_genuine(&self, file_key: &[u8]) -> io::Result<bool> {
        Ok(hmac::verify(&header_key(file_key)?, &self.signed, &self.mac).is_ok())
    }
}

fn stanza(share: &str, body: &str) -> Option<Stanza> {
    Some(Stanza {
        share: STANDARD_NO_PAD.decode(share).ok()?.try_into().ok()?,
        body: STANDARD_NO_PAD.decode(body).ok()?,
    })
}

/// The lines of a header, byte by byte: what follows it belongs to others.
struct Lines<'a, R> {
    inner: &'a mut R,
    read: Vec<u8>,
}

impl<R: Read> Lines<'_, R> {
    fn next(&mut self) -> io::Result<String> {
        let start = self.read.len();
        loop {
            let mut byte = [0];
            self.inner
                .read_exact(&mut byte)
                .map_err(BackupError::end_missing)?;
            self.read.push(byte[0]);
            match byte[0] {
                b'\n' => break,
                b' ' | b'!'..=b'~' if self.read.len() <= LIMIT => {}
                _ => return Err(malformed()),
            }
        }
        let line = &self.read[start..self.read.len() - 1];
        Ok(String::from_utf8_lossy(line).into_owned())
    }

    /// The body of a stanza: lines of 64 characters and a shorter one.
    fn body(&mut self) -> io::Result<String> {
        let mut body = String::new();
        loop {
            let line = self.next()?;
            body.push_str(&line);
            match line.len() {
                64 => {}
                0..64 => return Ok(body),
                _ => return Err(malformed()),
            }
        }
    }
}

fn malformed() -> io::Error {
    BackupError::damaged("it does not begin as an archive of age does").into_io()
}
