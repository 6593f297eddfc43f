//! From ideas to a description.

use serde_json::{Value, json};

use crate::support::SeededChannel;

#[tokio::test]
async fn ideas_name_the_videos_that_inspired_them() {
    let seeded = SeededChannel::with_catalogue().await;
    let ideas = seeded
        .generate("ideas", json!({"count": 3}))
        .await
        .status(201);
    assert_eq!(ideas.json["state"], "draft");
    assert_eq!(
        ideas.json["output"]["ideas"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(ideas.header("location"), Some(seeded.path(&ideas).as_str()));
    assert_eq!(ideas.version(), Some(2));
    let shown = ideas.json["inspired_by"].as_array().expect("a list");
    assert!(!shown.is_empty(), "{ideas}");
    let named = &ideas.json["output"]["ideas"][0]["inspired_by"];
    for id in named.as_array().expect("a list") {
        assert!(
            shown.iter().any(|video| video["video_id"] == *id),
            "{ideas}"
        );
    }
}

#[tokio::test]
async fn content_says_what_it_cost_and_which_model_answered() {
    let seeded = SeededChannel::with_catalogue().await;
    let ideas = seeded
        .generate("ideas", json!({"count": 3}))
        .await
        .status(201);
    assert!(ideas.json["cost_micros"].as_i64() > Some(0), "{ideas}");
    assert_eq!(ideas.json["cost_basis"], "reported");
    assert!(ideas.json["usage"]["thinking_tokens"].as_u64() > Some(0));
    assert_eq!(ideas.json["model_answered"], "gemini-3.8-flash");
    assert_eq!(seeded.usage("reserved_micros"), 0, "everything is settled");
    assert_eq!(seeded.usage("generations"), 1);
}

#[tokio::test]
async fn an_idea_becomes_titles_a_script_and_a_description() {
    let seeded = SeededChannel::with_catalogue().await;
    let ideas = seeded
        .generate("ideas", json!({"count": 3}))
        .await
        .status(201);
    let brief = json!({"source_id": ideas.id(), "source_item": 1, "count": 5});
    let titles = seeded.generate("titles", brief).await.status(201);
    assert_eq!(titles.json["source_item"], 1);
    let approval =
        json!({"decision": "approve", "item": 2, "content_hash": titles.text("/content_hash")});
    let approved = seeded.change(&titles, approval).await.status(200);
    assert_eq!(
        (&approved.json["state"], &approved.json["selected"]),
        (&json!("approved"), &json!(2))
    );

    // The approved title is taken without being named.
    let brief = json!({"source_id": titles.id(), "target_seconds": 120});
    let script = seeded.generate("script", brief).await.status(201);
    assert_eq!(script.json["source_item"], 2);
    assert!(script.json["output"]["estimated_seconds"].as_u64() > Some(0));

    let brief = json!({"source_id": script.id()});
    let description = seeded.generate("description", brief).await.status(201);
    let output = &description.json["output"];
    let text = output["description"].as_str().expect("a text");
    for chapter in output["chapters"].as_array().expect("a list") {
        assert!(
            text.contains(chapter["title"].as_str().expect("a title")),
            "{text}"
        );
    }
    assert!(!output["tags"].as_array().expect("a list").is_empty());
}

#[tokio::test]
async fn content_is_listed_in_pages_the_newest_first() {
    let seeded = SeededChannel::with_catalogue().await;
    let mut made = Vec::new();
    for status in ["draft", "approved", "rejected", "draft"] {
        made.push(seeded.seeded_content("script", status).id.to_string());
    }
    made.reverse();
    let path = format!("/api/content?channel_id={}", seeded.channel);
    let listed = seeded.user.api.all_items(&path, 3).await;
    let listed: Vec<&str> = listed
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    assert_eq!(listed, made);
    let page = seeded.user.api.get(&format!("{path}&limit=4")).await;
    assert_eq!(page.status(200).json["next_cursor"], Value::Null);
}
