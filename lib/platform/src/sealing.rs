//! Secrets at rest: what Google and YouTube entrust to us is encrypted here, and the database only ever sees ciphertext.
//!
//! AES-256-GCM under a key that is derived for each row (HKDF-SHA-256), with table, column, row and owner as associated
//! data: a value that is moved to another place, or changed by one bit, does not open. The text is
//! `v1.<key id>.<nonce>.<ciphertext>`; the key id lets a second key be accepted while values are rewritten under the
//! first.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

const VERSION: &str = "v1";
const KEY_LEN: usize = 32;

/// The place a value belongs to. It opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionContext {
    /// Table, with its schema.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Row.
    pub row: Uuid,
    /// The user whose secret it is.
    pub owner: Uuid,
}

impl EncryptionContext {
    fn info(&self) -> String {
        format!("catalyst|{}.{}|{}", self.table, self.column, self.row)
    }

    fn associated_data(&self) -> String {
        format!("{}|{}|{}|{}", self.table, self.column, self.row, self.owner)
    }
}

/// Why a key ring or a value is not usable. Never says what is inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// `TOKEN_ENCRYPTION_KEYS` is malformed.
    #[error("TOKEN_ENCRYPTION_KEYS: {0}")]
    Keys(&'static str),
    /// The value is not of our form.
    #[error("the stored secret is malformed")]
    Malformed,
    /// The key that sealed the value is not in the ring.
    #[error(
        "the stored secret was sealed with the key `{0}`, which TOKEN_ENCRYPTION_KEYS does not list"
    )]
    UnknownKey(String),
    /// The value was changed, or belongs to another place.
    #[error("the stored secret does not belong here or was changed")]
    Refused,
}

struct Key {
    id: String,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

/// The encryption keys: the first one seals, every one opens.
pub struct KeyRing {
    keys: Vec<Key>,
}

/// Names of the keys only.
impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| &key.id))
            .finish()
    }
}

impl KeyRing {
    /// Reads `kid:base64-of-32-bytes[,older…]`.
    ///
    /// # Errors
    ///
    /// [`SecretError::Keys`] with the rule that is broken.
    pub fn parse(text: &SecretString) -> Result<Self, SecretError> {
        let mut keys: Vec<Key> = Vec::new();
        for entry in text.expose_secret().split(',').map(str::trim) {
            let (id, encoded) = entry
                .split_once(':')
                .ok_or(SecretError::Keys("each key must read `kid:base64`"))?;
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if id.is_empty() || id.len() > 32 || !id.bytes().all(plain) {
                return Err(SecretError::Keys(
                    "a key id must be 1 to 32 letters, digits, `-` or `_`",
                ));
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(SecretError::Keys("a key id is listed twice"));
            }
            let mut decoded = STANDARD
                .decode(encoded)
                .or_else(|_| URL_SAFE_NO_PAD.decode(encoded))
                .map_err(|_| SecretError::Keys("a key is not base64"))?;
            let bytes = <[u8; KEY_LEN]>::try_from(decoded.as_slice());
            decoded.zeroize();
            keys.push(Key {
                id: id.to_owned(),
                bytes: Zeroizing::new(
                    bytes.map_err(|_| SecretError::Keys("a key must be 32 bytes long"))?,
                ),
            });
        }
        Ok(Self { keys })
    }

    /// Seals a value for its place, with the first key.
    ///
    /// # Errors
    ///
    /// [`SecretError::Refused`] when the library refuses, which happens only when the system has no randomness.
    pub fn seal(&self, place: &EncryptionContext, plain: &str) -> Result<String, SecretError> {
        // A ring is never empty: `split` yields one entry at least, and each entry is a key or an error.
        let key = self.keys.first().ok_or(SecretError::Malformed)?;
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| SecretError::Refused)?;
        let mut buffer = plain.as_bytes().to_vec();
        let sealed = derive(key, place)?.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.associated_data()),
            &mut buffer,
        );
        if sealed.is_err() {
            buffer.zeroize();
            return Err(SecretError::Refused);
        }
        Ok(format!(
            "{VERSION}.{}.{}.{}",
            key.id,
            URL_SAFE_NO_PAD.encode(nonce),
            URL_SAFE_NO_PAD.encode(buffer)
        ))
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when it is not ours, was changed, or belongs elsewhere.
    pub fn open(
        &self,
        place: &EncryptionContext,
        sealed: &str,
    ) -> Result<SecretString, SecretError> {
        let (id, nonce, ciphertext) = split(sealed)?;
        let key = self
            .keys
            .iter()
            .find(|key| key.id == id)
            .ok_or_else(|| SecretError::UnknownKey(id.to_owned()))?;
        let nonce = <[u8; NONCE_LEN]>::try_from(
            URL_SAFE_NO_PAD
                .decode(nonce)
                .map_err(|_| SecretError::Malformed)?,
        )
        .map_err(|_| SecretError::Malformed)?;
        let mut buffer = Zeroizing::new(
            URL_SAFE_NO_PAD
                .decode(ciphertext)
                .map_err(|_| SecretError::Malformed)?,
        );
        let plain = derive(key, place)?
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.associated_data()),
                &mut buffer,
            )
            .map_err(|_| SecretError::Refused)?;
        std::str::from_utf8(plain)
            .map(SecretString::from)
            .map_err(|_| SecretError::Malformed)
    }

    /// Whether a value was sealed with another key than the first, so that it should be sealed anew.
    #[must_use]
    pub fn is_outdated(&self, sealed: &str) -> bool {
        let current = self.keys.first().map(|key| key.id.as_str());
        split(sealed).is_ok_and(|(id, ..)| Some(id) != current)
    }
}

fn split(sealed: &str) -> Result<(&str, &str, &str), SecretError> {
    let mut parts = sealed.split('.');
    match (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) {
        (Some(VERSION), Some(id), Some(nonce), Some(ciphertext), None) => {
            Ok((id, nonce, ciphertext))
        }
        _ => Err(SecretError::Malformed),
    }
}

fn derive(key: &Key, place: &EncryptionContext) -> Result<LessSafeKey, SecretError> {
    let info = place.info();
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    Salt::new(HKDF_SHA256, &[])
        .extract(key.bytes.as_slice())
        .expand(&[info.as_bytes()], HKDF_SHA256)
        .and_then(|okm| okm.fill(bytes.as_mut_slice()))
        .map_err(|_| SecretError::Refused)?;
    UnboundKey::new(&AES_256_GCM, bytes.as_slice())
        .map(LessSafeKey::new)
        .map_err(|_| SecretError::Refused)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring(ids: &[(&str, u8)]) -> KeyRing {
        let text = ids
            .iter()
            .map(|(id, byte)| format!("{id}:{}", STANDARD.encode([*byte; KEY_LEN])))
            .collect::<Vec<_>>()
            .join(",");
        KeyRing::parse(&text.into()).unwrap()
    }

    fn encryption_context(row: u128, owner: u128) -> EncryptionContext {
        EncryptionContext {
            table: "private.channel_credentials",
            column: "refresh_token",
            row: Uuid::from_u128(row),
            owner: Uuid::from_u128(owner),
        }
    }

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        let ring = ring(&[("k1", 1)]);
        let places: Vec<_> = (0..50).map(|n| encryption_context(n, n + 1000)).collect();
        let sealed: Vec<_> = places
            .iter()
            .map(|place| ring.seal(place, "a refresh token").unwrap())
            .collect();
        for (i, place) in places.iter().enumerate() {
            for (j, value) in sealed.iter().enumerate() {
                let opened = ring.open(place, value);
                assert_eq!(opened.is_ok(), i == j, "{i} {j}");
            }
        }
        let value = &sealed[0];
        for moved in [
            encryption_context(0, 1001),
            encryption_context(1, 1000),
            EncryptionContext {
                column: "access_token",
                ..places[0]
            },
            EncryptionContext {
                table: "private.upload_sessions",
                ..places[0]
            },
        ] {
            assert_eq!(ring.open(&moved, value).unwrap_err(), SecretError::Refused);
        }
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let ring = ring(&[("k1", 1), ("k0", 2), ("k3", 3)]);
        let place = encryption_context(1, 2);
        let sealed = ring.seal(&place, "a refresh token").unwrap();
        for position in 0..sealed.len() {
            for bit in 0..7 {
                let mut bytes = sealed.clone().into_bytes();
                bytes[position] ^= 1 << bit;
                let changed = String::from_utf8(bytes).unwrap();
                assert!(ring.open(&place, &changed).is_err(), "{position} {bit}");
            }
        }
        for end in 0..sealed.len() {
            assert!(ring.open(&place, &sealed[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn two_keys_are_accepted_while_rotating() {
        let (old, new) = (ring(&[("2025", 1)]), ring(&[("2026", 2), ("2025", 1)]));
        let place = encryption_context(1, 2);
        let sealed = old.seal(&place, "token").unwrap();
        assert!(new.is_outdated(&sealed) && !old.is_outdated(&sealed));
        let opened = new.open(&place, &sealed).unwrap();
        let renewed = new.seal(&place, opened.expose_secret()).unwrap();
        assert!(!new.is_outdated(&renewed));
        assert_eq!(
            old.open(&place, &renewed).unwrap_err(),
            SecretError::UnknownKey("2026".into())
        );
    }

    #[test]
    fn malformed_keys_are_refused_with_their_rule() {
        let short = format!("k:{}", STANDARD.encode([1; 31]));
        let good = format!("k:{}", STANDARD.encode([1; 32]));
        let twice = format!("{good},{good}");
        for text in ["", "k", "k:", "k:%%%", ":AAAA", "a b:AAAA", &short, &twice] {
            let error = KeyRing::parse(&text.to_owned().into()).unwrap_err();
            assert!(matches!(error, SecretError::Keys(_)), "{text}");
        }
        assert!(KeyRing::parse(&good.into()).is_ok());
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", ring(&[("k1", 7)])), r#"["k1"]"#);
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(text in "\\PC*", row: u128, owner: u128) {
            let ring = ring(&[("k1", 1)]);
            let place = encryption_context(row, owner);
            let sealed = ring.seal(&place, &text).unwrap();
            let opened = ring.open(&place, &sealed).unwrap();
            prop_assert_eq!(opened.expose_secret(), &text);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC*", parts in "v1\\.k1(\\.[A-Za-z0-9_-]{0,40}){0,3}") {
            let ring = ring(&[("k1", 1)]);
            prop_assert!(ring.open(&encryption_context(1, 2), &text).is_err());
            prop_assert!(ring.open(&encryption_context(1, 2), &parts).is_err());
        }
    }
}
