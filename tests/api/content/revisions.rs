//! Editing, deciding, rating and archiving.

use serde_json::{Value, json};

use crate::support::{SeededChannel, assert_problem};

#[tokio::test]
async fn an_edit_is_a_new_revision_and_ends_the_approval() {
    let seeded = SeededChannel::with_catalogue().await;
    let api = &seeded.user.api;
    let script = seeded.generated_script().await;
    let path = seeded.path(&script);
    let approved = seeded.change(&script, json!({"decision": "approve"})).await;
    let approved = approved.status(200);
    assert_eq!(approved.json["approved_hash"], script.json["content_hash"]);

    let mut output = script.json["output"].clone();
    output["hook"] = json!("One board. One bench. Watch.");
    let edit = json!({"output": output});
    let stale = api.patch_if(&path, "\"v2\"", &edit).await;
    assert_problem(&stale, 412, "version_mismatch");
    let etag = approved.header("etag").expect("an etag").to_owned();
    let edited = api.patch_if(&path, &etag, &edit).await.status(200);
    assert_ne!(edited.id(), script.id());
    assert_eq!(
        edited.header("location"),
        Some(seeded.path(&edited).as_str())
    );
    assert_eq!(
        (&edited.json["revision"], &edited.json["origin"]),
        (&json!(2), &json!("edited"))
    );
    assert_eq!(edited.json["state"], "draft");
    assert_eq!(edited.json["parent_id"], script.json["id"]);
    assert_eq!(edited.json["inspired_by"], script.json["inspired_by"]);

    let before = api.get(&path).await.status(200);
    assert_eq!(before.json["state"], "superseded");
    assert_eq!(
        before.json["output"], script.json["output"],
        "what was written does not change"
    );
    assert_eq!(before.json["revisions"].as_array().map(Vec::len), Some(2));
    let again = seeded.change(&script, json!({"decision": "approve"})).await;
    assert_problem(&again, 409, "invalid_state");
}

#[tokio::test]
async fn two_revisions_are_compared_word_by_word() {
    let seeded = SeededChannel::with_catalogue().await;
    let api = &seeded.user.api;
    let script = seeded.generated_script().await;
    let mut output = script.json["output"].clone();
    let before = output["title"].as_str().expect("a title").to_owned();
    output["title"] = json!(format!("{before} again"));
    let edited = seeded.change(&script, json!({"output": output})).await;
    let edited = edited.status(200);

    let diff = api.get(&format!("{}/diff", seeded.path(&edited))).await;
    let diff = diff.status(200);
    assert_eq!(diff.json["with"], script.json["id"]);
    let title = json!({"pointer": "/title", "change": "edited", "pieces": [
        {"change": "kept", "text": before}, {"change": "added", "text": " again"},
    ]});
    assert_eq!(diff.json["changes"], json!([title]));
    let back = format!("{}/diff?with={}", seeded.path(&script), edited.id());
    let back = api.get(&back).await.status(200);
    assert_eq!(back.json["changes"][0]["pieces"][1]["change"], "removed");

    // A first revision was made from none; another piece is nothing to compare with.
    let first = api.get(&format!("{}/diff", seeded.path(&script))).await;
    assert_eq!(first.status(200).json["changes"][0]["change"], "added");
    let other = seeded.generated_script().await;
    let mixed = format!("{}/diff?with={}", seeded.path(&script), other.id());
    assert_problem(&api.get(&mixed).await, 400, "invalid_query");
    let missing = format!(
        "{}/diff?with={}",
        seeded.path(&script),
        uuid::Uuid::new_v4()
    );
    assert_problem(&api.get(&missing).await, 404, "not_found");
}

#[tokio::test]
async fn an_approval_of_other_text_than_there_is_is_refused() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.generated_script().await;
    let mut output = script.json["output"].clone();
    output["hook"] = json!("One board. One bench. Watch.");
    let edited = seeded.change(&script, json!({"output": output})).await;
    let approval = json!({"decision": "approve", "content_hash": script.text("/content_hash")});
    let refused = seeded.change(&edited.status(200), approval).await;
    assert_problem(&refused, 409, "invalid_state");
}

#[tokio::test]
async fn a_rating_is_given_and_taken_back() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.generated_script().await;
    let rating = json!({"rating": 4, "reason": "Good hook."});
    let rated = seeded.change(&script, rating).await.status(200);
    assert_eq!(
        (&rated.json["rating"], &rated.json["rating_reason"]),
        (&json!(4), &json!("Good hook."))
    );
    let unrated = seeded.change(&script, json!({"rating": null})).await;
    assert_eq!(unrated.status(200).json["rating"], Value::Null);
}

#[tokio::test]
async fn a_rejection_keeps_its_reason() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.generated_script().await;
    let decision = json!({"decision": "reject", "reason": "Too short."});
    let rejected = seeded.change(&script, decision).await.status(200);
    assert_eq!(rejected.json["decision_reason"], "Too short.");
}

#[tokio::test]
async fn archived_content_is_listed_only_when_it_is_asked_for() {
    let seeded = SeededChannel::with_catalogue().await;
    let api = &seeded.user.api;
    let script = seeded.generated_script().await;
    api.delete(&seeded.path(&script)).await.status(204);
    let path = format!("/api/content?root_id={}", script.id());
    assert_eq!(api.get(&path).await.status(200).items(), [json!(null); 0]);
    let archived = api.get(&format!("{path}&state=archived")).await;
    assert_eq!(archived.status(200).items()[0]["id"], script.json["id"]);
}

#[tokio::test]
async fn one_part_is_regenerated_and_the_rest_stays() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.generated_script().await;
    let anew = seeded
        .generate(
            "script",
            json!({"regenerate": script.id(), "part": "hook", "notes": "start with a question"}),
        )
        .await
        .status(201);
    assert_eq!(
        (&anew.json["revision"], &anew.json["origin"]),
        (&json!(2), &json!("regenerated"))
    );
    assert_eq!(anew.json["output"]["beats"], script.json["output"]["beats"]);
    assert_eq!(anew.json["output"]["title"], script.json["output"]["title"]);
    assert_eq!(anew.json["brief"]["topic"], script.json["brief"]["topic"]);
    assert_eq!(anew.json["brief"]["notes"], "start with a question");
}
