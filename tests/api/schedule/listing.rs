//! Lists of uploads.

use serde_json::{Value, json};

use crate::support::Publisher;

fn ids(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect()
}

#[tokio::test]
async fn uploads_are_listed_by_their_time() {
    let publisher = Publisher::new().await;
    let late = publisher.schedule_seeded(96).await.id();
    let early = publisher.schedule_seeded(72).await.id();
    let last = publisher.schedule_seeded(120).await.id();
    let listed = publisher.user.api.all_items("/api/schedule", 2).await;
    assert_eq!(ids(&listed), [early, late, last]);
}

#[tokio::test]
async fn a_list_is_narrowed_to_a_channel_and_a_time() {
    let publisher = Publisher::new().await;
    for hours in [72, 120] {
        publisher.schedule_seeded(hours).await;
    }
    let between = publisher.schedule_seeded(96).await.id();
    let (from, to) = (publisher.hours(80).await, publisher.hours(100).await);
    let channel = publisher.account.channel();
    let path = format!("/api/schedule?from={from}&to={to}&channel_id={channel}");
    let listed = publisher.user.api.get(&path).await.status(200);
    assert_eq!(ids(listed.items()), [between]);
}

#[tokio::test]
async fn nobody_else_lists_them() {
    let publisher = Publisher::new().await;
    publisher.schedule_seeded(72).await;
    let stranger = publisher.stack.sign_up().await;
    let rows = stranger.rows("scheduled_uploads?select=id").await;
    assert_eq!(rows.status(200).json, json!([]));
}
