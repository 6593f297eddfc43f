//! The encryption keys, and sealing and opening with them.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::{Zeroize as _, Zeroizing};

use super::context::EncryptionContext;
use super::error::SecretError;

const VERSION: &str = "v1";
pub(super) const KEY_LEN: usize = 32;

struct Key {
    id: String,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

impl Key {
    /// Reads `kid:base64-of-32-bytes`.
    fn parse(entry: &str) -> Result<Self, SecretError> {
        let (id, encoded) = entry
            .split_once(':')
            .ok_or(SecretError::Keys("each key must read `kid:base64`"))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || id.len() > 32 || !id.bytes().all(plain) {
            return Err(SecretError::Keys(
                "a key id must be 1 to 32 letters, digits, `-` or `_`",
            ));
        }
        let mut decoded = STANDARD
            .decode(encoded)
            .or_else(|_| URL_SAFE_NO_PAD.decode(encoded))
            .map_err(|_| SecretError::Keys("a key is not base64"))?;
        let bytes = <[u8; KEY_LEN]>::try_from(decoded.as_slice());
        decoded.zeroize();
        Ok(Self {
            id: id.to_owned(),
            bytes: Zeroizing::new(
                bytes.map_err(|_| SecretError::Keys("a key must be 32 bytes long"))?,
            ),
        })
    }
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
            let key = Key::parse(entry)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(SecretError::Keys("a key id is listed twice"));
            }
            keys.push(key);
        }
        Ok(Self { keys })
    }

    /// Seals a value for its row, with the first key.
    ///
    /// # Errors
    ///
    /// [`SecretError::Refused`] when the library refuses, which happens only when the system has no randomness.
    pub fn seal(&self, context: &EncryptionContext, plain: &str) -> Result<String, SecretError> {
        // A ring is never empty: `split` yields one entry at least, and each entry is a key or an error.
        let key = self.keys.first().ok_or(SecretError::Malformed)?;
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| SecretError::Refused)?;
        let mut buffer = plain.as_bytes().to_vec();
        let sealed = derive(key, context)?.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context.associated_data()),
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

    /// Opens the value of a row.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when it is not ours, was changed, or belongs elsewhere.
    pub fn open(
        &self,
        context: &EncryptionContext,
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
        let plain = derive(key, context)?
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.associated_data()),
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

fn derive(key: &Key, context: &EncryptionContext) -> Result<LessSafeKey, SecretError> {
    let info = context.info();
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
