use serde_json::json;

use super::super::claims::tests::claims;
use super::*;

#[test]
fn only_keys_for_signatures_are_taken() {
    let key = |extra: serde_json::Value| {
        let mut key = json!({
            "kty": "EC", "crv": "P-256", "kid": "k",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        key.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        usable(key)
    };
    assert!(key(json!({})).is_some());
    assert!(key(json!({"use": "sig", "alg": "ES256", "key_ops": ["verify"]})).is_some());
    for wrong in [
        json!({"use": "enc"}),
        json!({"kid": null}),
        json!({"crv": "P-384"}),
        json!({"kty": "oct", "k": "AAAA"}),
        json!({"kty": "nonsense"}),
    ] {
        assert!(key(wrong.clone()).is_none(), "{wrong}");
    }
}

proptest::proptest! {
    #[test]
    fn no_key_makes_the_reader_panic(kty in "EC|RSA|OKP|oct|\\PC{0,8}", n in "\\PC{0,60}", e in "\\PC{0,60}") {
        let _ = usable(json!({"kty": kty, "crv": "P-256", "kid": n, "n": n, "e": e, "x": e, "y": n, "k": n}));
        let _ = parse(n.as_bytes());
    }
}

#[test]
fn a_signature_is_verified_once_and_only_a_good_one_is_remembered() {
    let verified = VerifiedTokens::default();
    let good = || Ok(serde_json::from_value::<Claims>(claims()).unwrap());
    let again = || -> Result<Claims, Rejection> { panic!("verified already") };
    for n in 0..REMEMBERED {
        assert!(verified.claims(&format!("token {n}"), good).is_ok());
    }
    let first = verified.claims("token 0", again).unwrap();
    assert_eq!(first.sub, verified.claims("token 1", again).unwrap().sub);
    let bad = || Err(Rejection::Signature);
    for _ in 0..2 {
        let forged = verified.claims("forged", bad);
        assert_eq!(forged.err(), Some(Rejection::Signature));
    }
    assert!(verified.claims("one more", good).is_ok());
    assert_eq!(verified.tokens().len(), 1, "memory is bounded");
}
