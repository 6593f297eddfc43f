use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://project.example/auth/v1";

pub(in crate::auth) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "authenticated", "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
        "sub": "7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f", "role": "authenticated",
        "app_metadata": { "provider": "email", "providers": ["email"] }, "is_anonymous": false, "amr": [{ "method": "password" }],
    })
}

fn check(claims: &str) -> Result<(), Rejection> {
    let claims: Claims = serde_json::from_str(claims).map_err(|_| Rejection::Claims)?;
    claims.check(ISSUER, NOW)
}

fn with(name: &str, value: Value) -> Result<(), Rejection> {
    let mut claims = claims();
    claims[name] = value;
    check(&claims.to_string())
}

#[test]
fn a_token_of_the_project_passes() {
    assert_eq!(check(&claims().to_string()), Ok(()));
    assert_eq!(with("aud", json!(["other", "authenticated"])), Ok(()));
    for optional in ["nbf", "iat", "app_metadata"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(optional);
        assert_eq!(check(&claims.to_string()), Ok(()), "{optional}");
    }
}

#[test]
fn a_token_that_names_no_program_rightly_is_nobodys() {
    let program = json!("9a8b7c6d-5e4f-4a2b-8c0d-9e8f7a6b5c4d");
    assert_eq!(with("client_id", program), Ok(()));
    for wrong in [
        json!(null),
        json!(""),
        json!(7),
        json!("client"),
        json!(["9a8b7c6d-5e4f-4a2b-8c0d-9e8f7a6b5c4d"]),
    ] {
        let refused = with("client_id", wrong.clone());
        assert_eq!(refused, Err(Rejection::Claims), "{wrong}");
    }
}

#[test]
fn clocks_may_differ_by_thirty_seconds() {
    assert_eq!(with("exp", json!(NOW - 29)), Ok(()));
    assert_eq!(with("exp", json!(NOW - 30)), Err(Rejection::Expired));
    for name in ["nbf", "iat"] {
        assert_eq!(with(name, json!(NOW + 30)), Ok(()), "{name}");
        assert_eq!(
            with(name, json!(NOW + 31)),
            Err(Rejection::Claims),
            "{name}"
        );
    }
    assert_eq!(with("exp", json!(NOW + 604_830)), Ok(()));
    assert_eq!(with("exp", json!(NOW + 604_831)), Err(Rejection::Claims));
}

#[test]
fn arrays_in_the_place_of_objects_and_repeated_claims_are_refused() {
    let list = json!([
        ISSUER,
        "authenticated",
        NOW + 3600,
        NOW,
        NOW,
        "7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f",
        "authenticated"
    ]);
    assert!(check(&list.to_string()).is_err());
    assert!(with("app_metadata", json!(["admin"])).is_err());
    for name in ["sub", "role", "exp", "aud", "iss", "app_metadata"] {
        let text = claims().to_string();
        let repeated = format!("{{\"{name}\":{},{}", claims()[name], &text[1..]);
        assert!(check(&repeated).is_err(), "{name}");
    }
}

#[test]
fn a_claim_of_another_type_is_refused() {
    let wrong = [
        json!("1800003600"),
        json!(1.5),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(null),
        json!([]),
        json!({}),
        json!(true),
    ];
    for name in [
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "sub",
        "role",
        "app_metadata",
    ] {
        for value in &wrong {
            let right = ["nbf", "iat"].contains(&name) && *value == json!(-1)
                || name == "app_metadata" && *value == json!({});
            assert_eq!(with(name, value.clone()).is_ok(), right, "{name} {value}");
        }
    }
    for sub in [
        "urn:uuid:7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f",
        "7f3c7f3a0a5c4a8e9f0f5a5f5a5f5a5f",
        "{7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f}",
    ] {
        assert!(with("sub", json!(sub)).is_err(), "{sub}");
    }
}

proptest! {
    #[test]
    fn no_claims_make_the_check_panic(claims in "\\PC{0,200}", exp: i64, nbf: i64, iat: i64) {
        let _ = check(&claims);
        for (name, value) in [("exp", exp), ("nbf", nbf), ("iat", iat)] {
            let _ = with(name, json!(value));
        }
    }
}
