//! What counts as an access token: only what Supabase Auth signed for a signed-in user, in time, for us.

use serde_json::json;

use crate::support::{Stack, assert_problem};

#[tokio::test]
async fn a_token_is_judged_by_every_claim_that_matters() {
    let stack = Stack::from_env();
    let now = jiff::Timestamp::now().as_second();
    let user = stack.sign_up().await;
    stack
        .api(Some(&stack.token(&json!({ "sub": user.id })).await))
        .get("/api/me")
        .await
        .status(200);

    let refused = [
        ("token_expired", json!({ "exp": now - 3600 })),
        ("token_invalid", json!({ "exp": null })),
        ("token_invalid", json!({ "nbf": now + 3600 })),
        ("token_invalid", json!({ "aud": "somebody-else" })),
        ("token_invalid", json!({ "aud": null })),
        (
            "token_invalid",
            json!({ "iss": "https://elsewhere.example/auth/v1" }),
        ),
        ("token_invalid", json!({ "iss": null })),
        ("token_invalid", json!({ "role": "service_role" })),
        ("token_invalid", json!({ "role": "anon" })),
        ("token_invalid", json!({ "sub": null })),
        ("token_invalid", json!({ "sub": "not-an-id" })),
    ];
    for (code, mut claims) in refused {
        if claims.get("sub").is_none() {
            claims["sub"] = json!(user.id);
        }
        let answer = stack
            .api(Some(&stack.token(&claims).await))
            .get("/api/me")
            .await;
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (401, Some(code)),
            "{claims}: {answer}"
        );
    }
}

#[tokio::test]
async fn an_audience_may_be_a_list() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let token = stack
        .token(&json!({ "sub": user.id, "aud": ["other", "authenticated"] }))
        .await;
    stack.api(Some(&token)).get("/api/me").await.status(200);
}

#[tokio::test]
async fn the_account_of_a_token_must_exist() {
    let stack = Stack::from_env();
    let answer = stack
        .api(Some(&stack.token(&json!({})).await))
        .get("/api/me")
        .await;
    assert_problem(&answer, 401, "token_invalid");
}

#[tokio::test]
async fn what_is_no_signed_token_is_refused() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let (signed, signature) = user.access_token.rsplit_once('.').expect("three parts");
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    let payload = signed.split_once('.').expect("two parts").1;
    // {"alg":"none","typ":"JWT"} and {"alg":"HS256","typ":"JWT"}
    for token in [
        format!("{signed}.{flipped}{}", &signature[1..]),
        format!("{signed}."),
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}."),
        format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{payload}.{signature}"),
        signed.to_owned(),
        stack.publishable_key.clone(),
        stack.secret_key.clone(),
        "undefined".to_owned(),
        "a".repeat(10_000),
    ] {
        let answer = stack.api(Some(&token)).get("/api/me").await;
        assert_problem(&answer, 401, "token_invalid");
    }
}

#[tokio::test]
async fn tokens_of_the_old_and_of_the_new_key_are_good_after_a_rotation() {
    let stack = Stack::from_env();
    let before = stack.sign_up().await;
    before.api.get("/api/me").await.status(200);
    stack.rotate_signing_keys().await;
    let after = stack.sign_up().await;
    after.api.get("/api/me").await.status(200);
    before.api.get("/api/me").await.status(200);
    after.rows("users?select=id").await.status(200);
    before.rows("users?select=id").await.status(200);
}
