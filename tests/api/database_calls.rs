//! How the functions of the database are called.

use serde_json::json;
use uuid::Uuid;

use crate::support::Stack;

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
