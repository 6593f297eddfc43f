//! What the model is sent.

use serde_json::json;

use super::mark;
use crate::support::{Answer, SeededChannel, StandIn, plain_client};

#[tokio::test]
async fn strangers_titles_are_never_instructions() {
    let seeded = SeededChannel::with_catalogue().await;
    let mark = mark();
    seeded
        .generate("ideas", json!({"topic": mark}))
        .await
        .status(201);
    let url = format!(
        "{}/_control/requests?body_contains={mark}",
        StandIn::Gemini.url()
    );
    let requests = Answer::of(plain_client().get(url)).await.ok();
    let request = &requests.json["requests"][0];
    assert_eq!(requests.json["count"], 1, "{requests}");
    let body = &request["body"];
    assert_eq!(body["store"], false);
    let system = body["systemInstruction"].to_string();
    assert!(
        !system.contains("Ignore previous") && !system.contains(&mark),
        "{system}"
    );
    assert!(
        !body["generationConfig"]
            .to_string()
            .contains("Ignore previous")
    );
    let parts: Vec<&str> = body["contents"][0]["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .filter_map(|part| part["text"].as_str())
        .collect();
    let holding: Vec<&&str> = parts
        .iter()
        .filter(|part| part.contains("Ignore previous"))
        .collect();
    assert_eq!(holding.len(), 1, "{parts:?}");
    assert!(holding[0].starts_with("<videos>") && holding[0].ends_with("</videos>"));
    assert_eq!(
        holding[0].matches("</videos>").count(),
        1,
        "nothing inside ends the block: {}",
        holding[0]
    );
    assert!(
        parts
            .iter()
            .any(|part| part.starts_with("<brief>") && part.contains(&mark))
    );
    assert_eq!(
        body["generationConfig"]["responseMimeType"],
        "application/json"
    );
}
