//! Sealing for a recipient: the format of age (age-encryption.org/v1), with X25519 recipients.
//!
//! Whoever writes backups holds only the public half. The archives open with the program `age` as well, so that nobody
//! depends on this tool to read one. The primitives are aws-lc-rs's; the crate `age` would bring fifty others, among them
//! a pre-release of a post-quantum scheme.

use std::fmt;
use std::io::{self, Read, Write};

use aws_lc_rs::aead::{
    Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey,
};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use secrecy::zeroize::Zeroizing;

use super::fault::Fault;

const VERSION: &str = "age-encryption.org/v1";
const LABEL: &str = "age-encryption.org/v1/X25519";
/// Bytes of a key, of a share and of a payload's key.
const KEY: usize = 32;
/// Bytes of the key that a file is sealed with.
const FILE_KEY: usize = 16;
/// Bytes of plain text in one sealed piece.
const PIECE: usize = 64 * 1024;
/// A header is short; more is no header.
const HEADER_LIMIT: usize = 64 * 1024;

/// The public half: `age1…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient([u8; KEY]);

impl Recipient {
    /// Reads `age1…`.
    ///
    /// # Errors
    ///
    /// [`Fault::Key`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        decode(text.trim(), "age")
            .map(Self)
            .ok_or_else(|| Fault::Key {
                what: format!("the recipient {:?}", text.trim()),
            })
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = bech32::encode_lower::<Bech32>(Hrp::parse_unchecked("age"), &self.0);
        out.write_str(&text.map_err(|_| fmt::Error)?)
    }
}

/// The secret half: `AGE-SECRET-KEY-1…`.
#[derive(Clone)]
pub struct Identity(Zeroizing<[u8; KEY]>);

impl Identity {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers.
    pub fn generate() -> io::Result<Self> {
        let mut key = Zeroizing::new([0; KEY]);
        rand::fill(key.as_mut()).map_err(no_random)?;
        Ok(Self(key))
    }

    /// Reads the identities of a file, one a line; lines with `#` are comments.
    ///
    /// # Errors
    ///
    /// [`Fault::Key`] when a line is none, or when there is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Fault> {
        let mut found = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // Never the line itself: it may be a secret with a slip in it.
            let key =
                decode(&line.to_lowercase(), "age-secret-key-").ok_or_else(|| Fault::Key {
                    what: format!("line {} of the identity", number + 1),
                })?;
            found.push(Self(Zeroizing::new(key)));
        }
        if found.is_empty() {
            return Err(Fault::Key {
                what: "an empty identity".to_owned(),
            });
        }
        Ok(found)
    }

    /// What is sealed for it can be opened with this identity.
    ///
    /// # Errors
    ///
    /// Never with a key of the right length.
    pub fn recipient(&self) -> io::Result<Recipient> {
        let public = self
            .private()
            .and_then(|key| key.compute_public_key())
            .map_err(cannot_seal)?;
        public
            .as_ref()
            .try_into()
            .map(Recipient)
            .map_err(|_| cannot_seal(Unspecified))
    }

    /// The line of an identity's file.
    pub fn expose(&self) -> String {
        bech32::encode_upper::<Bech32>(Hrp::parse_unchecked("age-secret-key-"), self.0.as_slice())
            .unwrap_or_default()
    }

    fn private(&self) -> Result<PrivateKey, Unspecified> {
        PrivateKey::from_private_key(&X25519, self.0.as_slice()).map_err(|_| Unspecified)
    }

    /// The file's key, when the stanza is for this identity.
    fn unwrap(&self, share: &[u8; KEY], body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mine = self.recipient().ok()?;
        let key = wrapping_key(&self.private().ok()?, share, share, &mine.0).ok()?;
        let mut body = body.to_vec();
        let opened = key
            .open_in_place(zero_nonce(), Aad::empty(), &mut body)
            .ok()?;
        (opened.len() == FILE_KEY).then(|| Zeroizing::new(opened.to_vec()))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Identity(…)")
    }
}

fn decode(text: &str, prefix: &str) -> Option<[u8; KEY]> {
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    if checked.hrp() != Hrp::parse_unchecked(prefix) {
        return None;
    }
    checked.byte_iter().collect::<Vec<_>>().try_into().ok()
}

/// Seals what is written to it.
pub(super) struct Sealer<W: Write> {
    inner: W,
    pieces: Pieces,
    plain: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub(super) fn new(mut inner: W, recipients: &[Recipient]) -> io::Result<Self> {
        let mut file_key = Zeroizing::new([0; FILE_KEY]);
        rand::fill(file_key.as_mut()).map_err(no_random)?;
        let mut header = format!("{VERSION}\n");
        for recipient in recipients {
            let passing = Identity::generate()?;
            let share = passing.recipient()?;
            let key = passing
                .private()
                .and_then(|private| wrapping_key(&private, &recipient.0, &share.0, &recipient.0))
                .map_err(cannot_seal)?;
            let mut body = file_key.to_vec();
            key.seal_in_place_append_tag(zero_nonce(), Aad::empty(), &mut body)
                .map_err(cannot_seal)?;
            header.push_str(&format!(
                "-> X25519 {}\n{}\n",
                STANDARD_NO_PAD.encode(share.0),
                STANDARD_NO_PAD.encode(body)
            ));
        }
        header.push_str("---");
        let mac = hmac::sign(&header_key(file_key.as_slice())?, header.as_bytes());
        inner.write_all(header.as_bytes())?;
        inner.write_all(format!(" {}\n", STANDARD_NO_PAD.encode(mac.as_ref())).as_bytes())?;
        let mut nonce = [0; 16];
        rand::fill(&mut nonce).map_err(no_random)?;
        inner.write_all(&nonce)?;
        Ok(Self {
            inner,
            pieces: Pieces::new(file_key.as_slice(), &nonce)?,
            plain: Vec::with_capacity(PIECE + MAX_TAG_LEN),
        })
    }

    /// Writes the last piece. Without it the archive does not open.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.pieces.next(last)?;
        self.pieces
            .key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.plain)
            .map_err(cannot_seal)?;
        self.inner.write_all(&self.plain)?;
        self.plain.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits until there is more: the last one is sealed as the last.
        if self.plain.len() == PIECE && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(PIECE - self.plain.len());
        self.plain.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed. Each piece is given out only after it was found to be genuine; a missing end is an error.
pub(super) struct Opener<R: Read> {
    inner: R,
    pieces: Pieces,
    plain: Vec<u8>,
    given: usize,
    ended: bool,
    first: bool,
}

impl<R: Read> fmt::Debug for Opener<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Opener(…)")
    }
}

impl<R: Read> Opener<R> {
    pub(super) fn new(mut inner: R, identities: &[Identity]) -> io::Result<Self> {
        let header = Header::read(&mut inner)?;
        let file_key = header
            .stanzas
            .iter()
            .find_map(|(share, body)| {
                identities
                    .iter()
                    .find_map(|identity| identity.unwrap(share, body))
            })
            .ok_or_else(|| Fault::NotForUs.into_io())?;
        hmac::verify(&header_key(&file_key)?, &header.signed, &header.mac)
            .map_err(|_| Fault::damaged("its header was changed").into_io())?;
        let mut nonce = [0; 16];
        inner.read_exact(&mut nonce).map_err(cut_off)?;
        Ok(Self {
            inner,
            pieces: Pieces::new(&file_key, &nonce)?,
            plain: Vec::new(),
            given: 0,
            ended: false,
            first: true,
        })
    }

    fn open_next(&mut self) -> io::Result<()> {
        let mut sealed = Vec::with_capacity(PIECE + MAX_TAG_LEN);
        (&mut self.inner)
            .take((PIECE + MAX_TAG_LEN) as u64)
            .read_to_end(&mut sealed)?;
        let full = sealed.len() == PIECE + MAX_TAG_LEN;
        let number = self.pieces.number;
        if full {
            // A full piece is usually one of many; only its tag tells whether it is the last.
            let mut copy = sealed.clone();
            let nonce = self.pieces.nonce(false);
            if let Ok(plain) = self
                .pieces
                .key
                .open_in_place(nonce, Aad::empty(), &mut copy)
            {
                self.plain = plain.to_vec();
                self.given = 0;
                self.first = false;
                self.pieces.number += 1;
                return Ok(());
            }
        }
        let nonce = self.pieces.nonce(true);
        let Ok(plain) = self
            .pieces
            .key
            .open_in_place(nonce, Aad::empty(), &mut sealed)
        else {
            return Err(if full {
                Fault::damaged(format!("piece {number} was changed")).into_io()
            } else {
                Fault::damaged(format!("piece {number} was changed, or the end is missing"))
                    .into_io()
            });
        };
        if plain.is_empty() && !self.first {
            return Err(Fault::damaged("it ends with an empty piece").into_io());
        }
        self.plain = plain.to_vec();
        self.given = 0;
        self.ended = true;
        if self.inner.read(&mut [0])? != 0 {
            return Err(Fault::damaged("something follows its end").into_io());
        }
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() {
            if self.ended {
                return Ok(0);
            }
            self.open_next()?;
        }
        let count = out.len().min(self.plain.len() - self.given);
        out[..count].copy_from_slice(&self.plain[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// The payload's key, and how many pieces it has sealed.
struct Pieces {
    key: LessSafeKey,
    number: u64,
}

impl Pieces {
    fn new(file_key: &[u8], nonce: &[u8]) -> io::Result<Self> {
        let key = derive(nonce, file_key, b"payload").map_err(cannot_seal)?;
        Ok(Self {
            key: aead(key.as_slice()).map_err(cannot_seal)?,
            number: 0,
        })
    }

    fn nonce(&self, last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[3..11].copy_from_slice(&self.number.to_be_bytes());
        nonce[11] = last.into();
        Nonce::assume_unique_for_key(nonce)
    }

    fn next(&mut self, last: bool) -> io::Result<Nonce> {
        let nonce = self.nonce(last);
        self.number = self
            .number
            .checked_add(1)
            .ok_or_else(|| cannot_seal(Unspecified))?;
        Ok(nonce)
    }
}

/// What comes before the payload.
struct Header {
    stanzas: Vec<([u8; KEY], Vec<u8>)>,
    /// Everything up to and with `---`.
    signed: Vec<u8>,
    mac: Vec<u8>,
}

impl Header {
    fn read(inner: &mut impl Read) -> io::Result<Self> {
        let malformed = || Fault::damaged("it does not begin as an archive of age does").into_io();
        let mut read = Vec::new();
        let mut line = |inner: &mut dyn Read| -> io::Result<(usize, String)> {
            let start = read.len();
            loop {
                let mut byte = [0];
                inner.read_exact(&mut byte).map_err(cut_off)?;
                if byte[0] == b'\n' {
                    break;
                }
                if read.len() > HEADER_LIMIT || !(byte[0].is_ascii_graphic() || byte[0] == b' ') {
                    return Err(malformed());
                }
                read.push(byte[0]);
            }
            let text = String::from_utf8_lossy(&read[start..]).into_owned();
            read.push(b'\n');
            Ok((start, text))
        };
        if line(inner)?.1 != VERSION {
            return Err(malformed());
        }
        let mut stanzas = Vec::new();
        loop {
            let (start, text) = line(inner)?;
            if let Some(mac) = text.strip_prefix("--- ") {
                let mac = STANDARD_NO_PAD.decode(mac).map_err(|_| malformed())?;
                read.truncate(start + 3);
                return Ok(Self {
                    stanzas,
                    signed: read,
                    mac,
                });
            }
            let words: Vec<&str> = text
                .strip_prefix("-> ")
                .ok_or_else(malformed)?
                .split(' ')
                .collect();
            let mut body = String::new();
            loop {
                let (_, text) = line(inner)?;
                body.push_str(&text);
                match text.len() {
                    64 => {}
                    0..64 => break,
                    _ => return Err(malformed()),
                }
            }
            // Others are for keys that this tool does not know.
            if let ["X25519", share] = words.as_slice() {
                let decoded = (STANDARD_NO_PAD.decode(share), STANDARD_NO_PAD.decode(&body));
                let (Ok(share), Ok(body)) = decoded else {
                    return Err(malformed());
                };
                stanzas.push((share.try_into().map_err(|_| malformed())?, body));
            }
        }
    }
}

fn wrapping_key(
    private: &PrivateKey,
    peer: &[u8; KEY],
    share: &[u8; KEY],
    recipient: &[u8; KEY],
) -> Result<LessSafeKey, Unspecified> {
    let salt: Vec<u8> = share.iter().chain(recipient).copied().collect();
    agree(
        private,
        UnparsedPublicKey::new(&X25519, peer),
        Unspecified,
        |shared| {
            // A peer of low order would make a key that everybody knows.
            if shared.iter().all(|byte| *byte == 0) {
                return Err(Unspecified);
            }
            aead(derive(&salt, shared, LABEL.as_bytes())?.as_slice())
        },
    )
}

fn header_key(file_key: &[u8]) -> io::Result<hmac::Key> {
    let key = derive(&[], file_key, b"header").map_err(cannot_seal)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        KEY
    }
}

fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; KEY]>, Unspecified> {
    let mut key = Zeroizing::new([0; KEY]);
    Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], Length)?
        .fill(key.as_mut())?;
    Ok(key)
}

fn aead(key: &[u8]) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new)
}

/// A wrapping key seals one value only.
fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn no_random(_: Unspecified) -> io::Error {
    io::Error::other("the system has no random numbers")
}

fn cannot_seal(_: Unspecified) -> io::Error {
    io::Error::other("the cryptography failed")
}

fn cut_off(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Fault::damaged("its end is missing").into_io()
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(plain: &[u8], recipients: &[Recipient]) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), recipients).unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap()
    }

    fn open(sealed: &[u8], identity: &Identity) -> Result<Vec<u8>, Fault> {
        let mut plain = Vec::new();
        Opener::new(sealed, std::slice::from_ref(identity))
            .and_then(|mut opener| opener.read_to_end(&mut plain))
            .map_err(Fault::of)?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_opens_for_each_recipient_and_for_nobody_else() {
        let (one, two, other) = (
            Identity::generate().unwrap(),
            Identity::generate().unwrap(),
            Identity::generate().unwrap(),
        );
        let recipients = [one.recipient().unwrap(), two.recipient().unwrap()];
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 200_000] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let sealed = seal(&plain, &recipients);
            assert_eq!(open(&sealed, &one), Ok(plain.clone()), "{length}");
            assert_eq!(open(&sealed, &two), Ok(plain), "{length}");
            assert_eq!(open(&sealed, &other), Err(Fault::NotForUs));
        }
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_noticed() {
        let identity = Identity::generate().unwrap();
        let sealed = seal(&[7; PIECE + 99], &[identity.recipient().unwrap()]);
        for cut in [0, 1, 21, 100, 180, PIECE, PIECE + 250, sealed.len() - 1] {
            assert!(open(&sealed[..cut], &identity).is_err(), "cut at {cut}");
        }
        let mut longer = sealed.clone();
        longer.push(0);
        assert!(open(&longer, &identity).is_err());
        for place in (0..400).chain((400..sealed.len()).step_by(997)) {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(open(&changed, &identity).is_err(), "changed at {place}");
        }
    }

    #[test]
    fn pieces_cannot_be_left_out_or_swapped() {
        let identity = Identity::generate().unwrap();
        let plain: Vec<u8> = (0..4 * PIECE).map(|n| (n / PIECE) as u8).collect();
        let sealed = seal(&plain, &[identity.recipient().unwrap()]);
        let size = PIECE + MAX_TAG_LEN;
        let head = sealed.len() - 4 * size;
        let piece = |n: usize| &sealed[head + n * size..head + (n + 1) * size];
        for order in [
            &[0, 1, 2][..],
            &[0, 2, 1, 3],
            &[1, 2, 3],
            &[0, 1, 3],
            &[0, 1, 2, 3, 3],
        ] {
            let mut made = sealed[..head].to_vec();
            for n in order {
                made.extend_from_slice(piece(*n));
            }
            assert!(open(&made, &identity).is_err(), "{order:?}");
        }
    }

    #[test]
    fn keys_are_written_as_age_writes_them() {
        let identity = Identity::generate().unwrap();
        let text = identity.expose();
        assert!(
            text.starts_with("AGE-SECRET-KEY-1") && text.len() == 74,
            "{}",
            text.len()
        );
        let read = Identity::parse_all(&format!("# made today\n\n{text}\n")).unwrap();
        assert_eq!(read[0].recipient().unwrap(), identity.recipient().unwrap());
        let recipient = identity.recipient().unwrap().to_string();
        assert!(recipient.starts_with("age1") && recipient.len() == 62);
        assert_eq!(Recipient::parse(&recipient).unwrap().to_string(), recipient);
        for wrong in [
            "",
            "age1",
            &text,
            &recipient[..61],
            &recipient.replace("age1", "ag1"),
        ] {
            assert!(Recipient::parse(wrong).is_err(), "{wrong}");
        }
        let slip = Identity::parse_all("AGE-SECRET-KEY-1QQQQ").unwrap_err();
        assert!(!slip.to_string().contains("QQQQ"));
        assert!(Identity::parse_all("# nothing\n").is_err());
    }

    /// An archive that the program `age` made (1.1.1), for a key that is no secret.
    #[test]
    fn archives_of_age_open() {
        let identity = Identity(Zeroizing::new([1; KEY]));
        let sealed = include_bytes!("../../tests/age/greeting.age");
        assert_eq!(
            open(sealed, &identity),
            Ok(b"sealed by age, opened by catalyst\n".to_vec())
        );
    }
}
