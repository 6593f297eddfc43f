//! Keys that change.

use crate::support::Stack;

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
