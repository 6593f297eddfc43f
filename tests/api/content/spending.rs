//! What a generation may cost, and that it is paid once.

use serde_json::json;
use uuid::Uuid;

use crate::support::{SeededChannel, assert_problem};

#[tokio::test]
async fn one_key_makes_one_generation() {
    let seeded = SeededChannel::with_catalogue().await;
    let body = json!({"channel_id": seeded.channel, "topic": "Spoons"});
    let key = Uuid::new_v4().to_string();
    let generate = || {
        seeded
            .user
            .api
            .post_once("/api/generate/ideas", &key, &body)
    };
    let (one, other) = tokio::join!(generate(), generate());
    let first = if one.status == 201 { &one } else { &other };
    assert_eq!(first.status, 201, "{one}\n{other}");
    for answer in [&one, &other] {
        match answer.status {
            201 => assert_eq!(answer.id(), first.id()),
            _ => assert_problem(answer, 409, "request_in_progress"),
        }
    }
    assert_eq!(generate().await.status(201).json, first.json);
    assert_eq!(seeded.usage("generations"), 1);
}

#[tokio::test]
async fn the_budget_of_a_month_is_not_exceeded() {
    let seeded = SeededChannel::with_catalogue().await;
    let plan = json!({"generation_user_month_micros": 100});
    seeded.stack.seeded_plan(seeded.user.id, &plan);
    let refused = seeded.generate("ideas", json!({"topic": "Stools"})).await;
    assert_problem(&refused, 402, "budget_exhausted");
    assert!(refused.text("/detail").contains("renewed on"), "{refused}");
    assert_eq!(seeded.usage("generations"), 0);
}

#[tokio::test]
async fn the_ceiling_of_a_day_is_not_exceeded() {
    let seeded = SeededChannel::with_catalogue().await;
    let plan = json!({"generation_channel_day": 0});
    seeded.stack.seeded_plan(seeded.user.id, &plan);
    let refused = seeded.generate("ideas", json!({"topic": "Stools"})).await;
    assert_problem(&refused, 429, "generation_limit_reached");
    assert_eq!(seeded.usage("generations"), 0);
}
