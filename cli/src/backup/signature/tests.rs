use super::{PublicKey, SigningKey, check};
use crate::backup::error::BackupError;

fn refusal(keys: &[PublicKey], bytes: &[u8], signature: Option<&str>) -> String {
    let signature = signature.map(str::as_bytes);
    match check(keys, "a.json", bytes, signature) {
        Err(BackupError::Untrusted(file, why)) if file == "a.json" => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_what_a_trusted_key_has_signed_is_trusted() {
    let (own, other) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    let keys = [other.public(), own.public()];
    let signature = own.sign("a.json", b"bytes");
    assert_eq!(
        check(&keys, "a.json", b"bytes", Some(signature.as_bytes())),
        Ok(())
    );

    assert!(refusal(&keys, b"bytes", None).contains("no signature"));
    assert!(refusal(&keys, b"byte5", Some(&signature)).contains("changed after"));
    assert!(refusal(&keys[..1], b"bytes", Some(&signature)).contains("not one of those"));
    assert!(refusal(&[], b"bytes", Some(&signature)).contains("not one of those"));
    let elsewhere = own.sign("b.json", b"bytes");
    assert!(refusal(&keys, b"bytes", Some(&elsewhere)).contains("another file"));
    let renamed = elsewhere.replace("b.json", "a.json");
    assert!(refusal(&keys, b"bytes", Some(&renamed)).contains("another file"));
}

#[test]
fn a_changed_or_cut_signature_is_refused() {
    let key = SigningKey::generate().unwrap();
    let signature = key.sign("a.json", b"bytes");
    let first = signature.find('\n').unwrap() + 1;
    for place in first..signature.len() {
        let mut changed = signature.clone().into_bytes();
        changed[place] ^= 1;
        // A line end that became another character joins two lines.
        let found = check(&[key.public()], "a.json", b"bytes", Some(&changed));
        let last = place + 1 == signature.len();
        assert!(found.is_err() || last, "changed at {place}");
        let cut = &signature.as_bytes()[..place];
        let found = check(&[key.public()], "a.json", b"bytes", Some(cut));
        assert!(found.is_err() || last, "cut at {place}");
    }
}

#[test]
fn keys_are_read_as_they_are_written() {
    let key = SigningKey::generate().unwrap();
    let read = SigningKey::parse(&format!("# made today\n{}\n", key.expose())).unwrap();
    assert_eq!(read.public(), key.public());
    let public = key.public().to_string();
    assert!(public.starts_with("RW") && public.len() == 56, "{public}");
    assert_eq!(PublicKey::parse(&public), Ok(key.public()));
    for wrong in [
        "",
        "RW",
        &public[..52],
        &public.to_lowercase(),
        &key.expose(),
    ] {
        assert!(PublicKey::parse(wrong).is_err(), "{wrong}");
    }
    let slip = SigningKey::parse("catalyst-signing-key:QQQQ").unwrap_err();
    assert!(!slip.to_string().contains("QQQQ"));
    assert!(!format!("{key:?}").contains(&key.expose()));
}
