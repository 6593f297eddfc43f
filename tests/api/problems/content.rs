//! Problems of generating and rendering.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, PATIENCE, SeededChannel, StandIn, until};

async fn generate_with(fault: Value) -> Answer {
    let seeded = SeededChannel::new().await;
    seeded.generate_with("titles", fault).await
}

pub(super) async fn the_model_declines() -> Answer {
    generate_with(json!({ "answer": "prompt_blocked", "times": 0 })).await
}

pub(super) async fn the_model_gives_no_usable_answer() -> Answer {
    generate_with(json!({ "answer": "max_tokens", "times": 0 })).await
}

pub(super) async fn the_model_refuses_the_deployment() -> Answer {
    generate_with(json!({ "error": "suspended", "times": 0 })).await
}

pub(super) async fn the_model_is_overloaded() -> Answer {
    generate_with(json!({ "error": "overloaded", "times": 0 })).await
}

pub(super) async fn a_brief_names_a_banned_topic() -> Answer {
    let seeded = SeededChannel::new().await;
    let notes = json!({ "notes": "how to buy views" });
    seeded.generate("ideas", notes).await
}

pub(super) async fn the_generations_of_the_day_are_used_up() -> Answer {
    let seeded = SeededChannel::new().await;
    let plan = json!({ "generation_channel_day": 0 });
    seeded.stack.seeded_plan(seeded.user.id, &plan);
    seeded.generate("ideas", json!({ "topic": "Stools" })).await
}

pub(super) async fn a_generation_is_repeated_while_it_runs() -> Answer {
    let seeded = SeededChannel::new().await;
    let topic = format!("mark{}", Uuid::new_v4().simple());
    let slow = json!({ "body_contains": topic, "delay_ms": 5000 });
    let slow = StandIn::Gemini.fault(&slow).await;
    let key = Uuid::new_v4().to_string();
    let body = json!({ "channel_id": seeded.channel, "topic": topic });
    let generate = || {
        let (api, key, body) = (seeded.user.api.clone(), key.clone(), body.clone());
        async move { api.post_once("/api/generate/ideas", &key, &body).await }
    };
    let first = tokio::spawn(generate());
    until(
        "the call of the model",
        PATIENCE,
        async || match StandIn::Gemini.hits(slow).await {
            0 => Err("none".to_owned()),
            _ => Ok(()),
        },
    )
    .await;
    let second = generate().await;
    first.await.expect("an answer").status(201);
    second
}

pub(super) async fn a_draft_is_to_be_rendered() -> Answer {
    let seeded = SeededChannel::new().await;
    let draft = seeded.seeded_content("script", "draft");
    seeded.request_render(&draft).await
}

pub(super) async fn the_renders_of_the_month_are_used_up() -> Answer {
    let seeded = SeededChannel::new().await;
    let plan = json!({ "renders_per_month": 0 });
    seeded.stack.seeded_plan(seeded.user.id, &plan);
    seeded.request_render(&seeded.seeded_script()).await
}

pub(super) async fn a_script_is_rendered_twice_at_once() -> Answer {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({ "outcome": "stuck" }))
        .await;
    seeded.render_until(&script, &["rendering"]).await;
    seeded.request_render(&script).await
}

pub(super) async fn a_render_costs_more_than_one_may() -> Answer {
    let seeded = SeededChannel::new().await;
    let costly = seeded.seeded_script_with(json!({ "credits": 101 })).await;
    seeded.request_render(&costly).await
}
