//! How the functions of the database are called.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Function, Stack, TokenSigner, plain_client};

#[tokio::test]
async fn a_null_argument_reaches_its_function_as_a_null() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    user.api.get("/api/me").await.status(200);
    let hash = Uuid::new_v4().simple().to_string();
    let consent = json!({
        "p_user": user.id, "p_id": Uuid::new_v4(), "p_state_hash": hash, "p_code_verifier": "v1.a.b.c",
        "p_channel": null, "p_return_to": null,
    });
    stack.engine("begin_connect", &consent).await.status(200);
    assert_eq!(
        stack.sql(&format!(
            "select channel_id is null, return_to is null from private.oauth_states where state_hash = '{hash}'"
        )),
        "t|t"
    );
    // A JSON null would be taken for an Idempotency-Key; an empty text is no number.
    let settle = json!({
        "p_user": user.id, "p_idempotency": null, "p_step": Uuid::new_v4(), "p_action": "retry", "p_reason": null,
    });
    let absent = stack.engine("settle_failure", &settle).await.status(404);
    assert_eq!(absent.json["message"], "not_found");
    let profile =
        json!({ "p_user": user.id, "p_version": null, "p_changes": { "display_name": null } });
    let changed = stack.engine("update_profile", &profile).await.status(200);
    assert!(changed.json["display_name"].is_null(), "{changed}");
    // Parameters of `engine` have no defaults: what is left out is no call of the function.
    stack
        .engine(
            "update_profile",
            &json!({ "p_user": user.id, "p_changes": {} }),
        )
        .await
        .status(404);
}

/// A secret key of the new style is no token: sent as one it is refused, or ignored where it is the API key as well.
#[tokio::test]
async fn case_s08_a_secret_key_of_either_style_works_and_is_no_bearer_of_its_own() {
    let stack = Stack::from_env();
    let signer = TokenSigner::of(&stack);
    let (secret, legacy) = (&stack.secret_key, &signer.service_role_key);
    let call = async |key: Option<&str>, bearer: Option<&str>| {
        let url = format!("{}/rest/v1/rpc/pipeline_status", stack.supabase_url);
        let mut request = plain_client().post(url).header("content-profile", "engine");
        if let Some(key) = key {
            request = request.header("apikey", key);
        }
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        Answer::of(request.json(&json!({}))).await.status
    };
    for (key, bearer, wanted) in [
        (Some(secret), None, 200),
        (Some(secret), Some(secret), 200),
        (Some(legacy), Some(legacy), 200),
        (Some(&stack.publishable_key), Some(secret), 401),
        (None, Some(secret), 401),
        (None, Some(legacy), 401),
    ] {
        let status = call(key.map(String::as_str), bearer.map(String::as_str)).await;
        assert_eq!(status, wanted, "{key:?} {bearer:?}");
    }
    let user = stack.sign_up().await;
    for settings in [
        [
            ("SUPABASE_SECRET_KEY", secret.as_str()),
            ("SUPABASE_SERVICE_ROLE_KEY", ""),
        ],
        [
            ("SUPABASE_SECRET_KEY", ""),
            ("SUPABASE_SERVICE_ROLE_KEY", legacy.as_str()),
        ],
    ] {
        let function = Function::start(env!("CARGO_BIN_EXE_api_me"), &settings).await;
        let request = function
            .request(Method::GET, "/api/me")
            .bearer_auth(&user.access_token);
        Answer::of(request).await.status(200);
    }
}
