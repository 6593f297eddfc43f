//! `/api/me`: the profile.

use serde_json::json;

use crate::support::{Creator, Stack, assert_problem, assert_problem_at};

#[tokio::test]
async fn a_new_user_has_a_profile_with_limits_and_usage() {
    let creator = Creator::new().await;
    let me = creator.user.api.get("/api/me").await.status(200);
    assert_eq!(me.id(), creator.user.id.to_string());
    assert_eq!(me.json["time_zone"], "UTC");
    assert_eq!(me.json["limits"]["renders_per_month"], 50);
    assert_eq!(me.json["usage"]["renders"], 0);
    assert_eq!(me.version(), Some(1));
}

#[tokio::test]
async fn a_profile_is_edited_by_version() {
    let creator = Creator::new().await;
    let api = &creator.user.api;
    api.get("/api/me").await.status(200);
    let changed = api
        .patch_if(
            "/api/me",
            "\"v1\"",
            &json!({"display_name": "Ada", "time_zone": "Asia/Kathmandu"}),
        )
        .await
        .status(200);
    assert_eq!(changed.json["display_name"], "Ada");
    assert_eq!(changed.version(), Some(2));
    let stale = api
        .patch_if("/api/me", "\"v1\"", &json!({"display_name": "Eve"}))
        .await;
    assert_problem(&stale, 412, "version_mismatch");
    let cleared = api
        .patch("/api/me", &json!({"display_name": null}))
        .await
        .status(200);
    assert!(cleared.json["display_name"].is_null());
    assert_eq!(cleared.json["time_zone"], "Asia/Kathmandu");
}

#[tokio::test]
async fn a_profile_that_is_wrong_is_refused_with_its_field() {
    let creator = Creator::new().await;
    let api = &creator.user.api;
    for (body, pointer) in [
        (json!({}), ""),
        (json!({"display_name": ""}), "/display_name"),
        (json!({"display_name": "x".repeat(81)}), "/display_name"),
        (json!({"time_zone": "Mars/Olympus"}), "/time_zone"),
        (json!({"time_zone": "CET"}), "/time_zone"),
    ] {
        let answer = api.patch("/api/me", &body).await;
        assert_problem_at(&answer, 422, "invalid_body", pointer);
    }
}

#[tokio::test]
async fn erasing_an_account_and_signing_up_again_brings_no_new_budget() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    user.api.get("/api/me").await.status(200);
    stack.sql(&format!(
        "insert into public.usage_counters (user_id, period, generations, cost_micros, renders, render_credits)
         values ('{}', private.usage_period(private.now()), 7, 4999990, 49, 300)",
        user.id
    ));
    user.api.delete("/api/me").await.status(204);
    let again = stack.sign_up_as(user.email.clone()).await;
    assert_ne!(again.id, user.id);
    let me = again.api.get("/api/me").await.status(200);
    for (name, used) in [
        ("generations", 7),
        ("cost_micros", 4_999_990),
        ("renders", 49),
        ("render_credits", 300),
    ] {
        assert_eq!(me.json["usage"][name], used, "{name}");
    }
    let other = stack.sign_up().await;
    let me = other.api.get("/api/me").await.status(200);
    assert_eq!(me.json["usage"]["renders"], 0);
}
