//! Disconnecting.

use serde_json::json;

use crate::support::{Account, Creator, StandIn, assert_problem};

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

#[tokio::test]
async fn a_grant_that_another_channel_lives_on_ends_with_the_last_of_them() {
    let (creator, other) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let brand = Account::with_videos(1).await;
    account
        .change(&json!({ "channel": brand.youtube_channel_id }))
        .await;
    let second = other.user.consent(&account.name, &json!({})).await;
    let second = format!("/api/channels/{}", second.status(200).id());
    assert!(!second.contains(&account.channel().to_string()));

    let erased = creator.user.api.delete("/api/me").await;
    assert!(matches!(erased.status, 202 | 204), "{erased}");
    let left = format!(
        "select count(*) from auth.users where id = '{}'",
        creator.user.id
    );
    let stack = &creator.stack;
    stack.until_sql("the end of the account", &left, "0").await;
    assert!(
        account.live_grants().await > 0,
        "somebody else's channel has lost its permission"
    );

    other.user.api.delete(&second).await;
    other.user.api.until_gone(stack, &second).await;
    assert_eq!(account.live_grants().await, 0);
}

#[tokio::test]
async fn a_permission_that_cannot_be_opened_is_not_said_to_be_given_back() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(1).await;
    let stack = &creator.stack;
    stack.sql(&format!(
        "update private.channel_credentials set refresh_token = 'v1.k.AAAA.AAAA' where channel_id = '{}'",
        account.channel()
    ));
    let path = format!("/api/channels/{}", account.channel());
    creator.user.api.delete(&path).await;
    creator.user.api.until_gone(stack, &path).await;
    let told = format!(
        "select details ->> 'revoked' from public.system_logs where user_id = '{}' and event_type = 'channel.erased'",
        creator.user.id
    );
    assert_eq!(stack.sql(&told), "false");
    assert!(account.live_grants().await > 0);
}

#[tokio::test]
async fn a_channel_whose_owner_was_deleted_elsewhere_is_erased_and_its_grant_ended() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(1).await;
    let stack = &creator.stack;
    // As Supabase's dashboard does it, past every function of ours.
    stack.sql(&format!(
        "delete from auth.users where id = '{}'",
        creator.user.id
    ));
    stack.sql("select private.erase_orphans()");
    let left = format!(
        "select count(*) from public.channels where id = '{}'",
        account.channel()
    );
    stack.until_sql("the end of the channel", &left, "0").await;
    assert_eq!(account.live_grants().await, 0);
}

#[tokio::test]
async fn a_user_who_is_being_erased_connects_nothing() {
    let creator = Creator::new().await;
    let account = Account::with_videos(1).await;
    let page = creator.user.begin_consent(&json!({})).await;
    let back = creator.user.approve(&page, &account.name).await;
    creator.stack.sql(&format!(
        "update public.users set erasing_at = private.now() where id = '{}'",
        creator.user.id
    ));
    let finished = creator.user.return_from_google(&back).await;
    assert_problem(&finished, 409, "invalid_state");
    assert_eq!(account.code_exchanges().await, 0);
    let begun = creator
        .user
        .api
        .post("/api/channels/connect", &json!({}))
        .await;
    assert_problem(&begun, 409, "invalid_state");
}

#[tokio::test]
async fn a_permission_that_is_confirmed_while_channels_are_purged_keeps_its_channel() {
    let creator = Creator::new().await;
    let channel = creator.user.connect_channel(1).await.channel();
    let stack = &creator.stack;
    stack.sql(&format!(
        "update private.channel_credentials set refreshed_at = private.now() - interval '40 days' where channel_id = '{channel}';
         update public.channels set purge_told_at = private.now() - interval '8 days', purge_at = private.now() - interval '1 minute'
         where id = '{channel}'"
    ));
    let confirmation = format!(
        "update private.channel_credentials set refreshed_at = private.now() where channel_id = '{channel}'"
    );
    let confirmation = stack.begin(&confirmation).await;
    let purging = std::sync::Arc::clone(stack);
    let purged =
        tokio::task::spawn_blocking(move || purging.sql("select private.purge_unverified()"));
    let waits = "select count(*) from pg_stat_activity
         where wait_event_type = 'Lock' and query = 'select private.purge_unverified()'";
    stack.until_sql("a purge that waits", waits, "1").await;
    confirmation.commit();
    purged.await.expect("a purge");
    let path = format!("/api/channels/{channel}");
    let kept = creator.user.api.get(&path).await.status(200);
    assert_eq!(kept.json["state"], "connected");
    assert_eq!(kept.json["purge_at"], json!(null));
}
