use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::KEY_LEN;
use super::*;

fn ring(ids: &[(&str, u8)]) -> KeyRing {
    let text = ids
        .iter()
        .map(|(id, byte)| format!("{id}:{}", STANDARD.encode([*byte; KEY_LEN])))
        .collect::<Vec<_>>()
        .join(",");
    KeyRing::parse(&text.into()).unwrap()
}

fn context(row: u128, owner: u128) -> EncryptionContext {
    EncryptionContext {
        table: "private.channel_credentials",
        column: "refresh_token",
        row: Uuid::from_u128(row),
        owner: Uuid::from_u128(owner),
    }
}

#[test]
fn a_value_opens_in_its_own_row_only() {
    let ring = ring(&[("k1", 1)]);
    let contexts: Vec<_> = (0..50).map(|n| context(n, n + 1000)).collect();
    let sealed: Vec<_> = contexts
        .iter()
        .map(|context| ring.seal(context, "a refresh token").unwrap())
        .collect();
    for (i, context) in contexts.iter().enumerate() {
        for (j, value) in sealed.iter().enumerate() {
            let opened = ring.open(context, value);
            assert_eq!(opened.is_ok(), i == j, "{i} {j}");
        }
    }
    let value = &sealed[0];
    for moved in [
        context(0, 1001),
        context(1, 1000),
        EncryptionContext {
            column: "access_token",
            ..contexts[0]
        },
        EncryptionContext {
            table: "private.upload_sessions",
            ..contexts[0]
        },
    ] {
        assert_eq!(ring.open(&moved, value).unwrap_err(), SecretError::Refused);
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let ring = ring(&[("k1", 1), ("k0", 2), ("k3", 3)]);
    let row = context(1, 2);
    let sealed = ring.seal(&row, "a refresh token").unwrap();
    for position in 0..sealed.len() {
        for bit in 0..7 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(ring.open(&row, &changed).is_err(), "{position} {bit}");
        }
    }
    for end in 0..sealed.len() {
        assert!(ring.open(&row, &sealed[..end]).is_err(), "{end}");
    }
}

#[test]
fn two_keys_are_accepted_while_rotating() {
    let (old, new) = (ring(&[("2025", 1)]), ring(&[("2026", 2), ("2025", 1)]));
    let row = context(1, 2);
    let sealed = old.seal(&row, "token").unwrap();
    assert!(new.is_outdated(&sealed) && !old.is_outdated(&sealed));
    let opened = new.open(&row, &sealed).unwrap();
    let renewed = new.seal(&row, opened.expose_secret()).unwrap();
    assert!(!new.is_outdated(&renewed));
    assert_eq!(
        old.open(&row, &renewed).unwrap_err(),
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
        let row = context(row, owner);
        let sealed = ring.seal(&row, &text).unwrap();
        let opened = ring.open(&row, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), &text);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC*", parts in "v1\\.k1(\\.[A-Za-z0-9_-]{0,40}){0,3}") {
        let ring = ring(&[("k1", 1)]);
        prop_assert!(ring.open(&context(1, 2), &text).is_err());
        prop_assert!(ring.open(&context(1, 2), &parts).is_err());
    }
}
