//! Problems of any request: tokens, bodies, headers, ids, versions.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, SeededChannel, Stack, TokenSigner, User, assert_problem};

async fn user() -> User {
    Stack::from_env().sign_up().await
}

pub(super) async fn a_user_reads_the_deployments_metrics() -> Answer {
    user().await.api.get("/api/admin/metrics").await
}

pub(super) async fn a_program_reads_what_it_acts_for() -> Answer {
    let (stack, user) = (Stack::from_env(), user().await);
    let signer = TokenSigner::of(&stack);
    let mut claims = signer.claims(user.id);
    claims["client_id"] = json!(Uuid::new_v4());
    let token = signer.sign(&signer.header(), &claims);
    stack.api(Some(&token)).get("/api/me").await
}

pub(super) async fn a_body_is_larger_than_it_may_be() -> Answer {
    let body = json!({ "return_to": "x".repeat(70_000) });
    user().await.api.post("/api/channels/connect", &body).await
}

pub(super) async fn a_key_comes_with_another_body() -> Answer {
    let user = user().await;
    let key = Uuid::new_v4().to_string();
    let path = "/api/webhooks/endpoints";
    let body = json!({ "url": "https://example.com/one" });
    user.api.post_once(path, &key, &body).await.status(201);
    let body = json!({ "url": "https://example.com/another" });
    user.api.post_once(path, &key, &body).await
}

pub(super) async fn a_field_of_the_body_is_wrong() -> Answer {
    let body = json!({ "display_name": "" });
    user().await.api.patch("/api/me", &body).await
}

pub(super) async fn an_etag_is_malformed() -> Answer {
    let body = json!({ "display_name": "Ada" });
    user().await.api.patch_if("/api/me", "v1", &body).await
}

pub(super) async fn an_id_is_malformed() -> Answer {
    user().await.api.get("/api/channels/7").await
}

pub(super) async fn a_body_is_no_json() -> Answer {
    let path = "/api/channels/connect";
    let user = user().await;
    user.api.post_raw(path, "application/json", "{").await
}

pub(super) async fn a_page_is_too_long() -> Answer {
    user().await.api.get("/api/channels?limit=101").await
}

pub(super) async fn an_eleventh_endpoint_is_made() -> Answer {
    let user = user().await;
    let body = json!({ "url": "https://example.com/hook" });
    for _ in 0..10 {
        let made = user.api.post("/api/webhooks/endpoints", &body).await;
        made.status(201);
    }
    user.api.post("/api/webhooks/endpoints", &body).await
}

pub(super) async fn a_method_is_not_known() -> Answer {
    let request = user().await.api.request(Method::PUT, "/api/me");
    Answer::of(request).await
}

pub(super) async fn an_object_is_not_there() -> Answer {
    let path = format!("/api/channels/{}", Uuid::new_v4());
    user().await.api.get(&path).await
}

pub(super) async fn a_viewer_changes_a_channel() -> Answer {
    let seeded = SeededChannel::new().await;
    let viewer = seeded.stack.sign_up().await;
    let role = "viewer";
    seeded.stack.seeded_member(seeded.channel, viewer.id, role);
    let path = format!("/api/channels/{}", seeded.channel);
    viewer
        .api
        .patch(&path, &json!({ "time_zone": "UTC" }))
        .await
}

pub(super) async fn a_token_has_expired() -> Answer {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let late = Timestamp::now().as_second() - 3600;
    let token = stack.token(&json!({ "sub": user.id, "exp": late })).await;
    stack.api(Some(&token)).get("/api/me").await
}

pub(super) async fn a_token_is_none() -> Answer {
    let stack = Stack::from_env();
    stack.api(Some("not.a.token")).get("/api/me").await
}

pub(super) async fn a_request_has_no_token() -> Answer {
    Stack::from_env().anonymous().get("/api/me").await
}

pub(super) async fn a_body_is_plain_text() -> Answer {
    let path = "/api/channels/connect";
    user().await.api.post_raw(path, "text/plain", "{}").await
}

pub(super) async fn an_older_version_is_changed() -> Answer {
    let user = user().await;
    let body = json!({ "display_name": "Ada" });
    let path = "/api/me";
    user.api.patch(path, &body).await.status(200);
    let stale = user.api.patch_if(path, "\"v1\"", &body).await;
    assert_problem(&stale, 412, "version_mismatch");
    stale
}
