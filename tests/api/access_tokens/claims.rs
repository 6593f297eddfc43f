//! Tokens that are signed rightly, and whose claims are missing, of another type, another's, or out of time.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Hostile, Victim, changed};
use crate::support::{Stack, TokenSigner, assert_problem};

#[tokio::test]
async fn a_token_with_all_its_claims_passes() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let signer = TokenSigner::of(&stack);
    let now = Timestamp::now().as_second();
    for (name, value) in [
        ("aud", json!(["authenticated"])),
        ("aud", json!(["something", "authenticated"])),
        ("exp", json!(now + 600_000)),
        ("nbf", json!(now - 1)),
        (
            "app_metadata",
            json!({ "role": "admin", "provider": "email" }),
        ),
    ] {
        let token = signer.sign(
            &signer.header(),
            &changed(&signer, user.id, name, value.clone()),
        );
        let answer = stack.api(Some(&token)).get("/api/me").await;
        assert_eq!(answer.status, 200, "{name} {value}: {answer}");
    }
}

#[tokio::test]
async fn a_token_of_an_account_that_is_gone_is_refused() {
    let stack = Stack::from_env();
    let token = TokenSigner::of(&stack).token(Uuid::new_v4());
    let answer = stack.api(Some(&token)).get("/api/me").await;
    assert_problem(&answer, 401, "token_invalid");
}

#[tokio::test]
async fn a_token_whose_time_is_over_says_so() {
    let victim = Victim::new().await;
    let now = Timestamp::now().as_second();
    for late in [31, 3600] {
        let claims = changed(&victim.signer, victim.user.id, "exp", json!(now - late));
        let token = victim.signer.sign(&victim.signer.header(), &claims);
        let answer = victim.stack.api(Some(&token)).get("/api/me").await;
        assert_problem(&answer, 401, "token_expired");
    }
}

#[tokio::test]
async fn a_token_out_of_its_time_is_refused() {
    let victim = Victim::new().await;
    let now = Timestamp::now().as_second();
    let mut tokens = Hostile::new();
    for (name, value) in [
        ("exp", now - 30),
        ("exp", 0),
        ("exp", i64::MIN),
        ("exp", i64::MAX),
        ("exp", now + 9 * 86_400),
        ("exp", (now + 3600) * 1000),
        ("nbf", now + 90),
        ("nbf", i64::MAX),
        ("nbf", (now + 90) * 1000),
        ("iat", now + 90),
        ("iat", i64::MAX),
    ] {
        let claims = changed(&victim.signer, victim.user.id, name, json!(value));
        tokens.push((
            format!("{name} {value}"),
            victim.signer.sign(&victim.signer.header(), &claims),
        ));
    }
    victim.assert_refused(&tokens).await;
}

#[tokio::test]
async fn a_token_with_claims_that_are_not_ours_is_refused() {
    let victim = Victim::new().await;
    let mut tokens = Hostile::new();
    claims(&victim.signer, victim.user.id, &mut tokens);
    victim.assert_refused(&tokens).await;
}

/// Claims that are missing, of another type, or another's. All signed with the right key.
fn claims(signer: &TokenSigner, user: Uuid, tokens: &mut Hostile) {
    let mut push = |name: &str, value: Value| {
        let token = signer.sign(
            &signer.header(),
            &changed(signer, user, name, value.clone()),
        );
        tokens.push((format!("{name} {value}"), token));
    };
    let now = Timestamp::now().as_second();
    let types = [
        json!("text"),
        json!((now + 3600).to_string()),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(null),
        json!([]),
        json!([[]]),
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
        for value in &types {
            push(name, value.clone());
        }
        if name != "app_metadata" {
            push(name, json!({}));
        }
        if !["nbf", "iat"].contains(&name) {
            push(name, json!(-1));
        }
    }
    push("app_metadata", json!(["admin"]));
    push("app_metadata", json!({ "role": ["admin"] }));
    let issuer = signer.claims(user)["iss"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for other in [
        String::new(),
        "supabase".into(),
        format!("{issuer}/"),
        format!("{issuer} "),
        issuer.to_uppercase(),
        issuer.trim_end_matches("/auth/v1").into(),
        format!("{issuer}@attacker.example"),
        "https://attacker.example/auth/v1".into(),
    ] {
        push("iss", json!(other));
    }
    push("iss", json!([issuer]));
    for other in [
        json!(""),
        json!("anon"),
        json!("Authenticated"),
        json!("authenticated "),
        json!(["other"]),
        json!([["authenticated"]]),
        json!(["authenticated", 1]),
    ] {
        push("aud", other);
    }
    for other in [
        "",
        "anon",
        "service_role",
        "postgres",
        "Authenticated",
        "authenticated ",
        "admin",
    ] {
        push("role", json!(other));
    }
    push("role", json!(["authenticated"]));
    for other in [
        String::new(),
        "0".into(),
        user.simple().to_string(),
        user.urn().to_string(),
        user.braced().to_string(),
        format!("{user} "),
        format!("{user}' or true"),
        Uuid::nil().to_string(),
        Uuid::new_v4().to_string(),
    ] {
        push("sub", json!(other));
    }
    push("sub", json!([user]));
    for name in ["iss", "aud", "exp", "sub", "role"] {
        let mut claims = signer.claims(user);
        claims.as_object_mut().expect("an object").remove(name);
        tokens.push((format!("no {name}"), signer.sign(&signer.header(), &claims)));
        let text = signer.claims(user).to_string();
        let twice = format!("{{\"{name}\":{},{}", signer.claims(user)[name], &text[1..]);
        tokens.push((
            format!("{name} twice"),
            signer.sign_text(signer.header().to_string(), twice),
        ));
    }
}
