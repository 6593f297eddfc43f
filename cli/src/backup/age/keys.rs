//! The two halves of a key.

use std::{fmt, io};

use aws_lc_rs::aead::Aad;
use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::error::Unspecified;
use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use secrecy::zeroize::Zeroizing;

use super::header::{FILE_KEY, Stanza};
use super::primitives::{KEY, failed, random, wrapping_key, zero_nonce};
use crate::backup::error::BackupError;

/// The public half: `age1…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient([u8; KEY]);

impl Recipient {
    /// Reads `age1…`.
    ///
    /// # Errors
    ///
    /// [`BackupError::Key`].
    pub fn parse(text: &str) -> Result<Self, BackupError> {
        let text = text.trim();
        let key = decode(text, "age").map(Self);
        key.ok_or_else(|| BackupError::Key(format!("the recipient {text:?}")))
    }

    /// Wraps a file's key, so that the recipient's identity alone gets at it.
    pub(super) fn wrap(&self, file_key: &[u8; FILE_KEY]) -> io::Result<Stanza> {
        let ephemeral = Identity::generate()?;
        let share = ephemeral.recipient()?.0;
        let private = ephemeral.private().map_err(failed)?;
        let key = wrapping_key(&private, &self.0, &share, &self.0).map_err(failed)?;
        let mut body = file_key.to_vec();
        let sealed = key.seal_in_place_append_tag(zero_nonce(), Aad::empty(), &mut body);
        sealed.map_err(failed)?;
        Ok(Stanza { share, body })
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
pub struct Identity(pub(super) Zeroizing<[u8; KEY]>);

impl Identity {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers.
    pub fn generate() -> io::Result<Self> {
        random().map(Self)
    }

    /// Reads the identities of a file, one a line; lines with `#` are comments.
    ///
    /// # Errors
    ///
    /// [`BackupError::Key`] when a line is none, or when there is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, BackupError> {
        let mut found = Vec::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // Never the line itself: it may be a secret with a slip in it.
            let slip = || BackupError::Key(format!("line {number} of the identity"));
            let key = decode(&line.to_lowercase(), "age-secret-key-").ok_or_else(slip)?;
            found.push(Self(Zeroizing::new(key)));
        }
        if found.is_empty() {
            return Err(BackupError::Key("an empty identity".to_owned()));
        }
        Ok(found)
    }

    /// What is encrypted for it can be opened with this identity.
    ///
    /// # Errors
    ///
    /// Never with a key of the right length.
    pub fn recipient(&self) -> io::Result<Recipient> {
        let public = self.private().and_then(|key| key.compute_public_key());
        let public = public.map_err(failed)?.as_ref().try_into();
        public.map(Recipient).map_err(|_| failed(Unspecified))
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
    pub(super) fn unwrap(&self, stanza: &Stanza) -> Option<Zeroizing<Vec<u8>>> {
        let mine = self.recipient().ok()?;
        let private = self.private().ok()?;
        let key = wrapping_key(&private, &stanza.share, &stanza.share, &mine.0).ok()?;
        let mut body = stanza.body.clone();
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
