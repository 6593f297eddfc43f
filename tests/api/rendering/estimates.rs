//! Prices, which cost nothing.

use serde_json::json;

use crate::support::{Answer, Script, SeededChannel};

async fn estimate(seeded: &SeededChannel, script: &Script) -> Answer {
    let body = json!({ "content_id": script.id });
    let answer = seeded.user.api.post("/api/video/estimate", &body).await;
    answer.status(200)
}

#[tokio::test]
async fn an_estimate_is_the_services_own_and_costs_nothing() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script_with(json!({ "credits": 23 })).await;
    let price = estimate(&seeded, &script).await;
    assert_eq!(price.json["credits"], 23);
    assert_eq!(price.json["basis"], "provider");
    assert_eq!(price.json["affordable"], true);
    assert_eq!(price.json["allowance"]["renders_used"], 0);
    assert_eq!(price.json["words"], 11);
    assert_eq!(seeded.usage("renders"), 0);
    assert!(script.charged().await.is_empty());
}

#[tokio::test]
async fn without_an_estimate_the_worst_case_is_shown() {
    let seeded = SeededChannel::new().await;
    let garbage = json!({ "estimate_dialect": "garbage" });
    let script = seeded.seeded_script_with(garbage).await;
    let price = estimate(&seeded, &script).await;
    assert_eq!(
        (&price.json["credits"], &price.json["basis"]),
        (&json!(50), &json!("worst_case"))
    );
}

#[tokio::test]
async fn a_draft_can_be_priced_before_it_is_approved() {
    let seeded = SeededChannel::new().await;
    let draft = seeded.seeded_content("script", "draft");
    estimate(&seeded, &draft).await;
}
