use std::io::{Read as _, Write as _};

use secrecy::zeroize::Zeroizing;

use super::primitives::KEY;
use super::stream::{ENCRYPTED, PLAIN};
use super::{Decryptor, Encryptor, Identity, Recipient};
use crate::backup::error::BackupError;

fn encrypt(plain: &[u8], recipients: &[Recipient]) -> Vec<u8> {
    let mut encryptor = Encryptor::new(Vec::new(), recipients).unwrap();
    encryptor.write_all(plain).unwrap();
    encryptor.finish().unwrap()
}

fn decrypt(sealed: &[u8], identity: &Identity) -> Result<Vec<u8>, BackupError> {
    let mut plain = Vec::new();
    Decryptor::new(sealed, std::slice::from_ref(identity))
        .and_then(|mut decryptor| decryptor.read_to_end(&mut plain))
        .map_err(BackupError::of)?;
    Ok(plain)
}

#[test]
fn what_was_encrypted_opens_for_each_recipient_and_for_nobody_else() {
    let (one, two, other) = (
        Identity::generate().unwrap(),
        Identity::generate().unwrap(),
        Identity::generate().unwrap(),
    );
    let recipients = [one.recipient().unwrap(), two.recipient().unwrap()];
    for length in [0, 1, PLAIN - 1, PLAIN, PLAIN + 1, 3 * PLAIN, 200_000] {
        let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let sealed = encrypt(&plain, &recipients);
        assert_eq!(decrypt(&sealed, &one), Ok(plain.clone()), "{length}");
        assert_eq!(decrypt(&sealed, &two), Ok(plain), "{length}");
        assert_eq!(decrypt(&sealed, &other), Err(BackupError::NotForUs));
    }
}

#[test]
fn every_cut_and_every_changed_byte_is_noticed() {
    let identity = Identity::generate().unwrap();
    let sealed = encrypt(&[7; PLAIN + 99], &[identity.recipient().unwrap()]);
    for cut in [0, 1, 21, 100, 180, PLAIN, PLAIN + 250, sealed.len() - 1] {
        assert!(decrypt(&sealed[..cut], &identity).is_err(), "cut at {cut}");
    }
    let mut longer = sealed.clone();
    longer.push(0);
    assert!(decrypt(&longer, &identity).is_err());
    for place in (0..400).chain((400..sealed.len()).step_by(997)) {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert!(decrypt(&changed, &identity).is_err(), "changed at {place}");
    }
}

#[test]
fn chunks_cannot_be_left_out_or_swapped() {
    let identity = Identity::generate().unwrap();
    let plain: Vec<u8> = (0..4 * PLAIN).map(|n| (n / PLAIN) as u8).collect();
    let sealed = encrypt(&plain, &[identity.recipient().unwrap()]);
    let size = ENCRYPTED;
    let head = sealed.len() - 4 * size;
    let chunk = |n: usize| &sealed[head + n * size..head + (n + 1) * size];
    for order in [
        &[0, 1, 2][..],
        &[0, 2, 1, 3],
        &[1, 2, 3],
        &[0, 1, 3],
        &[0, 1, 2, 3, 3],
    ] {
        let mut made = sealed[..head].to_vec();
        for n in order {
            made.extend_from_slice(chunk(*n));
        }
        assert!(decrypt(&made, &identity).is_err(), "{order:?}");
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
    let sealed = include_bytes!("../../../tests/age/greeting.age");
    assert_eq!(
        decrypt(sealed, &identity),
        Ok(b"sealed by age, opened by catalyst\n".to_vec())
    );
}
