//! Topics that a channel has banned, and what is only warned of.

use serde_json::{Value, json};

use super::mark;
use crate::support::{SeededChannel, StandIn, assert_problem, assert_problem_at};

impl SeededChannel {
    /// A channel that wants to hear nothing of casinos.
    async fn without_casinos() -> Self {
        let seeded = Self::with_catalogue().await;
        let path = format!("/api/channels/{}", seeded.channel);
        let banned = json!({"banned_topics": ["casino", "weight loss"]});
        seeded.user.api.patch(&path, &banned).await.status(200);
        seeded
    }
}

#[tokio::test]
async fn a_banned_topic_is_refused_before_anything_is_spent() {
    let seeded = SeededChannel::without_casinos().await;
    let asked = seeded
        .generate("ideas", json!({"topic": "My Casinos tour"}))
        .await;
    assert_problem_at(&asked, 422, "banned_topic", "/topic");
    assert_eq!(seeded.usage("generations"), 0);
}

#[tokio::test]
async fn what_the_platform_forbids_is_refused_for_every_channel() {
    let seeded = SeededChannel::with_catalogue().await;
    let notes = json!({"notes": "how to buy views"});
    let asked = seeded.generate("ideas", notes).await;
    assert_problem_at(&asked, 422, "banned_topic", "/notes");
}

#[tokio::test]
async fn a_banned_topic_in_the_models_answer_is_never_shown() {
    let seeded = SeededChannel::without_casinos().await;
    let title = |text: &str| json!({"title": text, "why": "w", "inspired_by": []});
    let five: Vec<Value> = (0..4)
        .map(|i| title(&format!("Chair number {i}")))
        .chain([title("A casino table")])
        .collect();
    let mark = mark();
    let answer = json!({"kind": "x", "json": {"titles": five}});
    let fault = json!({"body_contains": mark, "times": 0, "answer": answer});
    StandIn::Gemini.fault(&fault).await;
    let brief = json!({"topic": mark, "count": 5});
    let written = seeded.generate("titles", brief).await;
    assert_problem(&written, 422, "banned_topic");
    let row = seeded.left_by(&written).await;
    assert_eq!(
        (&row.json["failure"]["code"], &row.json["usage"]["calls"]),
        (&json!("banned_topic"), &json!(2))
    );
}

#[tokio::test]
async fn a_banned_topic_in_an_edit_is_refused() {
    let seeded = SeededChannel::without_casinos().await;
    let script = seeded.generated_script().await;
    let mut output = script.json["output"].clone();
    output["call_to_action"] = json!("Meet me at the casino.");
    let edited = seeded.change(&script, json!({"output": output})).await;
    assert_problem_at(&edited, 422, "banned_topic", "/output");
}

#[tokio::test]
async fn likeness_to_the_catalogue_and_phrases_to_avoid_are_warnings() {
    let seeded = SeededChannel::with_catalogue().await;
    seeded.stack.sql(&format!(
        "update public.channels set brand_voice = '{{\"phrases_to_avoid\": [\"alone in winter\"]}}' where id = '{}'",
        seeded.channel
    ));
    let script = seeded.generated_script().await;
    let mut output = script.json["output"].clone();
    output["title"] = json!("Building a log cabin alone, in winter!");
    let edited = seeded
        .user
        .api
        .patch(&seeded.path(&script), &json!({"output": output}))
        .await
        .status(200);
    let codes: Vec<&str> = edited.json["warnings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|warning| warning["code"].as_str())
        .collect();
    assert!(codes.contains(&"similar_title"), "{edited}");
}
