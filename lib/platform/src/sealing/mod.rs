//! Secrets at rest: what Google and YouTube entrust to us is encrypted here, and the database only ever sees ciphertext.
//!
//! AES-256-GCM under a key that is derived for each row (HKDF-SHA-256), with table, column, row and owner as associated
//! data: a value that is moved to another row, or changed by one bit, does not open. The text is
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

/// Where a value is stored and whose it is. It opens nowhere else.
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
    /// What the row's key is derived with.
    fn info(&self) -> String {
        format!("catalyst|{}.{}|{}", self.table, self.column, self.row)
    }

    fn associated_data(&self) -> String {
        format!("{}|{}|{}|{}", self.table, self.column, self.row, self.owner)
    }
}

/// Never says what is inside.
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
    /// The value was changed, or belongs to another row.
    #[error("the stored secret does not belong here or was changed")]
    Refused,
}

const VERSION: &str = "v1";
const KEY_LEN: usize = 32;

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
            bytes: bytes
                .map(Zeroizing::new)
                .map_err(|_| SecretError::Keys("a key must be 32 bytes long"))?,
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
        let names = self.keys.iter().map(|key| &key.id);
        f.debug_list().entries(names).finish()
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
        let key = self.keys.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| SecretError::UnknownKey(id.to_owned()))?;
        let decode = |text| {
            URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|_| SecretError::Malformed)
        };
        let nonce =
            <[u8; NONCE_LEN]>::try_from(decode(nonce)?).map_err(|_| SecretError::Malformed)?;
        let mut buffer = Zeroizing::new(decode(ciphertext)?);
        let plain = derive(key, context)?
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.associated_data()),
                &mut buffer,
            )
            .map_err(|_| SecretError::Refused)?;
        let plain = std::str::from_utf8(plain).map_err(|_| SecretError::Malformed)?;
        Ok(plain.into())
    }

    /// Whether a value was sealed with another key than the first, so that it should be sealed anew.
    pub fn is_outdated(&self, sealed: &str) -> bool {
        let current = self.keys.first().map(|key| key.id.as_str());
        split(sealed).is_ok_and(|(id, ..)| Some(id) != current)
    }
}

fn split(sealed: &str) -> Result<(&str, &str, &str), SecretError> {
    match sealed.split('.').collect::<Vec<_>>()[..] {
        [VERSION, id, nonce, ciphertext] => Ok((id, nonce, ciphertext)),
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

#[cfg(test)]
mod tests;
