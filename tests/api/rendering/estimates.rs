//! Prices, which cost nothing.

use serde_json::json;

use crate::support::{Answer, OVER, Script, SeededChannel, assert_problem};

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
async fn without_an_estimate_nothing_is_priced_or_rendered() {
    let seeded = SeededChannel::new().await;
    let garbage = json!({ "estimate_dialect": "garbage" });
    let script = seeded.seeded_script_with(garbage).await;
    let body = json!({ "content_id": script.id });
    for path in ["/api/video/estimate", "/api/video/render"] {
        let refused = seeded.user.api.post(path, &body).await;
        assert_problem(&refused, 503, "upstream_unavailable");
        assert!(
            refused
                .text("/detail")
                .contains("what this video would cost"),
            "{refused}"
        );
    }
    assert_eq!(seeded.usage("renders"), 0);
    assert!(script.charged().await.is_empty());
}

#[tokio::test]
async fn a_price_that_rose_before_the_submit_goes_back_to_the_user() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script_with(json!({ "credits": 12 })).await;
    // The request was made while it still cost ten.
    let hash = seeded.stack.sql(&format!(
        "select approved_hash from public.generated_content where id = '{}'",
        script.id
    ));
    let request = json!({
        "script": format!("Honey, {}.", script.mark), "aspect": "9:16", "language": "en", "footage": "stock-video",
        "quality": "pro", "resolution": "1080p", "captions": "middle", "music": true,
    });
    let asked = json!({
        "p_user": seeded.user.id, "p_idempotency": null, "p_content": script.id, "p_content_hash": hash,
        "p_request": request, "p_credits": 10, "p_estimate_basis": "provider",
        "p_limits": { "renders_per_month": 1000, "credits_per_render": 100, "credits_per_day": 1_000_000 },
    });
    let asked = seeded.stack.engine("request_render", &asked).await.ok();
    let failed = seeded.follow_render(&asked.id(), OVER).await;
    assert_eq!(failed.json["error"]["code"], "price_rose", "{failed}");
    assert_eq!(failed.json["cost"]["basis"], "none");
    assert_eq!(seeded.usage("renders"), 0);
    assert!(script.charged().await.is_empty());
}

#[tokio::test]
async fn a_draft_can_be_priced_before_it_is_approved() {
    let seeded = SeededChannel::new().await;
    let draft = seeded.seeded_content("script", "draft");
    estimate(&seeded, &draft).await;
}
