//! Disconnecting.

use serde_json::json;

use crate::support::{Creator, StandIn, assert_problem};

#[tokio::test]
async fn disconnecting_revokes_at_google_and_erases() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(10).await;
    let path = format!("/api/channels/{}", account.channel());
    creator.user.api.delete(&path).await.status(204);
    assert_problem(&creator.user.api.get(&path).await, 404, "not_found");
    assert_problem(&creator.user.api.delete(&path).await, 404, "not_found");
    assert_eq!(account.live_grants().await, 0);
    assert_eq!(
        creator.stack.count(&format!(
            "select count(*) from public.videos where channel_id = '{}'",
            account.channel()
        )),
        0
    );
    let anew = creator
        .user
        .consent(&account.name, &json!({}))
        .await
        .status(200);
    assert_eq!(anew.id(), account.channel().to_string());
}

#[tokio::test]
async fn an_erasure_that_google_delays_is_finished_in_the_background() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(2).await;
    let path = format!("/api/channels/{}", account.channel());
    let fault = json!({"operation": "revoke", "error": "unavailable", "times": 4});
    account.fault(StandIn::Google, fault).await;
    let answer = creator.user.api.delete(&path).await;
    assert!(matches!(answer.status, 202 | 204), "{answer}");
    creator.user.api.until_gone(&creator.stack, &path).await;
    assert_eq!(account.live_grants().await, 0);
}
