//! The primitives, put together as age does.

use std::io;

use aws_lc_rs::aead::{CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::{hmac, rand};
use secrecy::zeroize::Zeroizing;

/// Bytes of a key, of a share and of a payload's key.
pub(super) const KEY: usize = 32;

const LABEL: &str = "age-encryption.org/v1/X25519";

/// The key that wraps a file's key for a recipient.
pub(super) fn wrapping_key(
    private: &PrivateKey,
    peer: &[u8; KEY],
    share: &[u8; KEY],
    recipient: &[u8; KEY],
) -> Result<LessSafeKey, Unspecified> {
    let salt: Vec<u8> = share.iter().chain(recipient).copied().collect();
    let peer = UnparsedPublicKey::new(&X25519, peer);
    agree(private, peer, Unspecified, |shared| {
        // A peer of low order would make a key that everybody knows.
        if shared.iter().all(|byte| *byte == 0) {
            return Err(Unspecified);
        }
        aead(derive(&salt, shared, LABEL.as_bytes())?.as_slice())
    })
}

/// The key of a header's checksum.
pub(super) fn header_key(file_key: &[u8]) -> io::Result<hmac::Key> {
    let key = derive(&[], file_key, b"header").map_err(failed)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
}

/// The key of the payload.
pub(super) fn payload_key(file_key: &[u8], nonce: &[u8]) -> io::Result<LessSafeKey> {
    let key = derive(nonce, file_key, b"payload").map_err(failed)?;
    aead(key.as_slice()).map_err(failed)
}

fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; KEY]>, Unspecified> {
    let mut key = Zeroizing::new([0; KEY]);
    Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], HKDF_SHA256)?
        .fill(key.as_mut())?;
    Ok(key)
}

fn aead(key: &[u8]) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new)
}

/// A wrapping key encrypts one value only.
pub(super) fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

pub(super) fn random<const LENGTH: usize>() -> io::Result<Zeroizing<[u8; LENGTH]>> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    rand::fill(bytes.as_mut()).map_err(|_| io::Error::other("the system has no random numbers"))?;
    Ok(bytes)
}

pub(super) fn failed(_: Unspecified) -> io::Error {
    io::Error::other("the cryptography failed")
}
