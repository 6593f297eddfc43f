//! Signatures of the [Standard Webhooks](https://www.standardwebhooks.com) specification, version 1.0.0, symmetric form.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use platform::sealing::SecretError;

const PREFIX: &str = "whsec_";
/// What the specification allows for a key.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A new secret, as the receiver keeps it.
///
/// # Errors
///
/// When the system has no randomness.
pub fn new_secret() -> Result<SecretString, SecretError> {
    let mut key = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(key.as_mut_slice()).map_err(|_| SecretError::Refused)?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(key.as_slice())).into())
}

/// The `webhook-signature` of an attempt: one signature for each secret, the newest first.
///
/// # Errors
///
/// A secret that is none.
pub fn sign(
    secrets: &[SecretString],
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> Result<String, SecretError> {
    let mut signatures = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let encoded = secret
            .expose_secret()
            .strip_prefix(PREFIX)
            .ok_or(SecretError::Malformed)?;
        // The key is what the text stands for, not the text.
        let key = Zeroizing::new(
            STANDARD
                .decode(encoded)
                .map_err(|_| SecretError::Malformed)?,
        );
        if !KEY_BYTES.contains(&key.len()) {
            return Err(SecretError::Malformed);
        }
        let mut signature = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        signature.update(format!("{id}.{timestamp}.").as_bytes());
        signature.update(body);
        signatures.push(format!("v1,{}", STANDARD.encode(signature.sign())));
    }
    Ok(signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const K1: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const K2: &str = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    fn signed(secrets: &[&str], id: &str, timestamp: i64, body: &[u8]) -> String {
        let secrets: Vec<SecretString> = secrets.iter().map(|secret| (*secret).into()).collect();
        sign(&secrets, id, timestamp, body).expect("secrets")
    }

    #[test]
    fn the_published_vector_is_met() {
        assert_eq!(
            signed(
                &["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                br#"{"email":"test@example.com","username":"test_user"}"#,
            ),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
        );
    }

    #[test]
    fn bodies_are_signed_byte_for_byte() {
        let ready =
            br#"{"type":"video.ready","timestamp":"2023-11-14T22:13:20Z","data":{"id":"vid_1"}}"#;
        let note =
            "{\"type\":\"note.added\",\"data\":{\"text\":\"caf\u{e9} \u{2028} \u{1f600}\"}}\n";
        assert_eq!((ready.len(), note.len()), (79, 55));
        for (id, body, key, signature) in [
            (
                "msg_0001",
                ready.as_slice(),
                K1,
                "v1,ixgtyY0qewpswnSrNHp3yTnXItg4Uq7mOZqsE7Hly10=",
            ),
            (
                "msg_0001",
                ready,
                K2,
                "v1,Bmummw0FQiIjM95ZaLEKb+Y0sW8jnq4jhRiykPeGt6w=",
            ),
            (
                "msg_0002",
                note.as_bytes(),
                K1,
                "v1,wO4TT5C7FwnvytAmE5xQFu3A5lz2HFFooXKezK/rktc=",
            ),
            (
                "msg_0003",
                b"",
                K1,
                "v1,c2G+TMSONNLW5+iErOpjy4KwlRJCnTKNE9jJd/2Xrtg=",
            ),
        ] {
            assert_eq!(signed(&[key], id, 1_700_000_000, body), signature, "{id}");
        }
    }

    #[test]
    fn a_rotation_signs_with_both() {
        let body =
            br#"{"type":"video.ready","timestamp":"2023-11-14T22:13:20Z","data":{"id":"vid_1"}}"#;
        assert_eq!(
            signed(&[K2, K1], "msg_0001", 1_700_000_000, body),
            "v1,Bmummw0FQiIjM95ZaLEKb+Y0sW8jnq4jhRiykPeGt6w= v1,ixgtyY0qewpswnSrNHp3yTnXItg4Uq7mOZqsE7Hly10="
        );
    }

    #[test]
    fn new_secrets_sign_and_others_do_not() {
        let secret = new_secret().expect("randomness");
        assert!(secret.expose_secret().len() > 40);
        assert!(sign(&[secret], "msg_1", 1, b"").is_ok());
        for wrong in [
            "",
            "whsec_",
            "whsec_AAAA",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "whsec_%%%",
        ] {
            assert!(sign(&[wrong.into()], "msg_1", 1, b"").is_err(), "{wrong}");
        }
    }
}
