//! Random text, and the hash by which it is stored or shown.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::sealing::SecretError;

/// Random text for states and verifiers: `bytes` bytes of the system's randomness in URL-safe base64.
///
/// # Errors
///
/// [`SecretError::Refused`] when the system has no randomness.
pub fn random_text(bytes: usize) -> Result<SecretString, SecretError> {
    let mut buffer = Zeroizing::new(vec![0; bytes]);
    aws_lc_rs::rand::fill(&mut buffer).map_err(|_| SecretError::Refused)?;
    Ok(URL_SAFE_NO_PAD.encode(buffer.as_slice()).into())
}

/// SHA-256 in URL-safe base64 without padding, the form of PKCE's `S256`.
pub fn sha256_text(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636() {
        assert_eq!(
            sha256_text("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        let verifier = random_text(32).unwrap();
        assert_eq!(verifier.expose_secret().len(), 43);
    }
}
