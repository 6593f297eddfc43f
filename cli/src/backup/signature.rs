//! Signatures of what lies in a store, in the format of minisign: encryption keeps a backup secret, a signature says whose it is.
//!
//! The keys that sign lie with the jobs that make backups and verify them, never in the store. `minisign -V` checks what is
//! signed here as well.

use std::{fmt, io};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use aws_lc_rs::{digest, rand};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::zeroize::Zeroizing;

use super::error::BackupError;

const KEY: usize = 32;
/// Bytes that name a key.
const ID: usize = 8;
/// What a signature over the whole of a file begins with.
const ALGORITHM: &[u8] = b"Ed";
const SECRET: &str = "catalyst-signing-key:";
const UNTRUSTED: &str = "untrusted comment: signature of catalyst backup";
const TRUSTED: &str = "trusted comment: ";

/// The half of a key that signs.
pub struct SigningKey {
    seed: Zeroizing<[u8; KEY]>,
    pair: Ed25519KeyPair,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.public())
    }
}

impl SigningKey {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers.
    pub fn generate() -> io::Result<Self> {
        let mut seed = Zeroizing::new([0; KEY]);
        let filled = rand::fill(seed.as_mut()).ok().and_then(|()| Self::of(seed));
        filled.ok_or_else(|| io::Error::other("the system has no random numbers"))
    }

    /// Reads what [`Self::expose`] wrote; lines with `#` are comments.
    ///
    /// # Errors
    ///
    /// [`BackupError::SigningKey`].
    pub fn parse(text: &str) -> Result<Self, BackupError> {
        let mut lines = text.lines().map(str::trim);
        let key = lines
            .find_map(|line| line.strip_prefix(SECRET))
            .and_then(|key| {
                let seed = Zeroizing::new(STANDARD.decode(key).ok()?);
                Self::of(Zeroizing::new(seed.as_slice().try_into().ok()?))
            });
        // Never the text itself: it may be a secret with a slip in it.
        key.ok_or_else(|| BackupError::SigningKey("the key to sign with".to_owned()))
    }

    fn of(seed: Zeroizing<[u8; KEY]>) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).ok()?;
        Some(Self { seed, pair })
    }

    /// The line that keeps it.
    pub fn expose(&self) -> String {
        format!("{SECRET}{}", STANDARD.encode(self.seed.as_slice()))
    }

    /// The half that checks its signatures.
    pub fn public(&self) -> PublicKey {
        let mut key = [0; KEY];
        key.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(key)
    }

    /// The signature of a file of this name, to be put beside it as `NAME.minisig`.
    pub fn sign(&self, file: &str, bytes: &[u8]) -> String {
        let signature = self.pair.sign(bytes);
        let whole = [ALGORITHM, self.public().id().as_slice(), signature.as_ref()].concat();
        let named = self
            .pair
            .sign(&[signature.as_ref(), file.as_bytes()].concat());
        let (whole, named) = (STANDARD.encode(whole), STANDARD.encode(named.as_ref()));
        format!("{UNTRUSTED}\n{whole}\n{TRUSTED}{file}\n{named}\n")
    }
}

/// The half of a key that checks: `RW…`, as minisign writes it.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

impl PublicKey {
    /// Reads `RW…`.
    ///
    /// # Errors
    ///
    /// [`BackupError::SigningKey`].
    pub fn parse(text: &str) -> Result<Self, BackupError> {
        let text = text.trim();
        let bytes = STANDARD.decode(text).unwrap_or_default();
        let key = bytes
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.get(ID..)?.try_into().ok());
        // Its name is a part of it, so that a slip is noticed.
        let key = key.map(Self).filter(|key| key.to_string() == text);
        key.ok_or_else(|| BackupError::SigningKey(format!("the public key {text:?}")))
    }

    fn id(&self) -> [u8; ID] {
        let mut id = [0; ID];
        id.copy_from_slice(&digest::digest(&digest::SHA256, &self.0).as_ref()[..ID]);
        id
    }

    fn accepts(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(bytes, signature)
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&STANDARD.encode([ALGORITHM, self.id().as_slice(), &self.0].concat()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Whose signatures count.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Of manifests, and of lists of what was erased.
    pub signers: Vec<PublicKey>,
    /// Of verifications.
    pub verifiers: Vec<PublicKey>,
}

/// Whether a file is what one of these keys has signed under its name.
pub(super) fn check(
    keys: &[PublicKey],
    file: &str,
    bytes: &[u8],
    signature: Option<&[u8]>,
) -> Result<(), BackupError> {
    let refused = |why: &str| BackupError::Untrusted(file.to_owned(), why.to_owned());
    let signature = signature.ok_or_else(|| refused("it has no signature beside it"))?;
    let (whole, comment, named) =
        parts(signature).ok_or_else(|| refused("its signature is none"))?;
    let (id, signature) = whole.split_at(ID);
    let key = keys.iter().find(|key| key.id() == id);
    let key = key.ok_or_else(|| {
        refused("it is signed with a key that is not one of those that are trusted")
    })?;
    if !key.accepts(bytes, signature) {
        return Err(refused("it was changed after it was signed"));
    }
    if comment != file || !key.accepts(&[signature, file.as_bytes()].concat(), &named) {
        return Err(refused("its signature is that of another file"));
    }
    Ok(())
}

/// The key's name with the signature, the file's name, and the signature of that.
fn parts(text: &[u8]) -> Option<(Vec<u8>, &str, Vec<u8>)> {
    let mut lines = str::from_utf8(text).ok()?.lines().skip(1);
    let whole = STANDARD.decode(lines.next()?).ok()?;
    let file = lines.next()?.strip_prefix(TRUSTED)?;
    let whole = whole
        .strip_prefix(ALGORITHM)
        .filter(|rest| rest.len() > ID)?
        .to_vec();
    Some((whole, file, STANDARD.decode(lines.next()?).ok()?))
}

#[cfg(test)]
mod tests;
