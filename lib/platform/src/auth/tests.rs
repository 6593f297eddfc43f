use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::claims::tests::claims;
use super::*;

/// What becomes of `token` at a project with a secret of its own and no other keys.
fn verified(token: &str) -> Result<Caller, Rejection> {
    judged(token, Some("of this project"))
}

/// The same where `SUPABASE_JWT_SECRET` is this.
fn judged(token: &str, secret: Option<&str>) -> Result<Caller, Rejection> {
    let config = Config::read(&|name| match name {
        "SUPABASE_URL" | "APP_URL" => Some("http://127.0.0.1:1".to_owned()),
        "SUPABASE_ANON_KEY" | "SUPABASE_SECRET_KEY" => Some("key".to_owned()),
        "SUPABASE_JWT_SECRET" => secret.map(ToOwned::to_owned),
        _ => None,
    })
    .unwrap();
    let jwks = Jwks::new("http://127.0.0.1:1/keys".parse().unwrap());
    let service = AuthService::new("http://127.0.0.1:1/user".parse().unwrap(), "key".into());
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(verify(&config, &jwks, &service, token))
}

fn signed(secret: &str) -> String {
    let mut claims = claims();
    let now = jiff::Timestamp::now().as_second();
    claims["iss"] = json!("http://127.0.0.1:1/auth/v1");
    for (name, at) in [("exp", now + 3600), ("iat", now), ("nbf", now)] {
        claims[name] = json!(at);
    }
    let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

#[test]
fn a_secret_that_is_configured_is_trusted_and_no_other() {
    assert!(verified(&signed("of this project")).is_ok());
    assert!(verified(&signed("of another one")).is_err());
}

#[test]
fn case_s07_a_token_of_the_legacy_secret_names_the_variable_that_is_missing() {
    // With or without a `kid`: projects on the legacy secret stamp one, too.
    for kid in [None, Some("legacy".to_owned())] {
        let header = jsonwebtoken::Header {
            kid,
            ..Default::default()
        };
        let key = jsonwebtoken::EncodingKey::from_secret(b"of this project");
        let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
        let refused = judged(&token, None).unwrap_err();
        assert!(
            refused.to_string().contains("SUPABASE_JWT_SECRET"),
            "{refused}"
        );
    }
    let mut parts = signed("of this project");
    parts.replace_range(
        ..parts.find('.').unwrap(),
        &URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#),
    );
    assert_eq!(judged(&parts, None).unwrap_err(), Rejection::UnknownKey);
}

proptest! {
    #[test]
    fn no_text_is_a_token_and_none_panics(text in "\\PC{0,300}", dots in 0usize..4) {
        let token = [text.as_str(); 4][..dots + 1].join(".");
        prop_assert!(verified(&token).is_err());
    }

    #[test]
    fn no_other_byte_anywhere_leaves_a_token(at: prop::sample::Index, byte in any::<u8>()) {
        let right = signed("of this project");
        let mut bytes = right.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let token = String::from_utf8_lossy(&bytes);
        prop_assert!(token == right || verified(&token).is_err());
    }
}
