//! Settings of a channel, and requests that are refused for a field.

use serde_json::json;

use crate::support::{Creator, assert_problem, assert_problem_at};

#[tokio::test]
async fn settings_are_changed_by_version() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(1).await;
    let api = &creator.user.api;
    let path = format!("/api/channels/{}", account.channel());
    let etag = api.get(&path).await.ok().header("etag").unwrap().to_owned();
    let settings = json!({
        "time_zone": "America/New_York", "minimum_gap_minutes": 120,
        "posting_slots": [{"weekday": 2, "time": "18:00"}, {"weekday": 5, "time": "09:30"}],
        "brand_voice": {"register": "calm", "phrases_to_avoid": ["smash that button"]}, "banned_topics": ["politics"]
    });
    let changed = api.patch_if(&path, &etag, &settings).await.status(200);
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&changed.json[name], value, "{name}");
    }
    assert_eq!(changed.json["brand_voice_version"], 2);
    let voices = api.get(&format!("{path}/brand-voices")).await.status(200);
    let voices = voices.json["items"].as_array().expect("a page").iter();
    let voices = voices.map(|kept| (kept["version"].clone(), kept["voice"].clone()));
    assert_eq!(
        voices.collect::<Vec<_>>(),
        [
            (json!(2), settings["brand_voice"].clone()),
            (json!(1), json!({}))
        ]
    );
    assert_problem(
        &api.patch_if(&path, &etag, &settings).await,
        412,
        "version_mismatch",
    );
    assert_problem(
        &api.patch_if(&path, "\"nonsense\"", &settings).await,
        412,
        "version_mismatch",
    );
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_refused_with_its_field() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(1).await;
    let path = format!("/api/channels/{}", account.channel());
    for (body, pointer) in [
        (json!({"time_zone": "Europe/Atlantis"}), "/time_zone"),
        (
            json!({"minimum_gap_minutes": 20000}),
            "/minimum_gap_minutes",
        ),
        (
            json!({"posting_slots": [{"weekday": 8, "time": "18:00"}]}),
            "/posting_slots/0/weekday",
        ),
        (
            json!({"posting_slots": [{"weekday": 1, "time": "6pm"}]}),
            "/posting_slots/0/time",
        ),
        (
            json!({"brand_voice": {"structure": [""]}}),
            "/brand_voice/structure/0",
        ),
        (
            json!({"banned_topics": ["x".repeat(101)]}),
            "/banned_topics/0",
        ),
        (json!({}), ""),
    ] {
        let refused = creator.user.api.patch(&path, &body).await;
        assert_problem_at(&refused, 422, "invalid_body", pointer);
    }
}

#[tokio::test]
async fn a_consent_leads_back_to_our_own_pages_only() {
    let creator = Creator::new().await;
    for (body, pointer) in [
        (json!({"channel_id": "x"}), "/channel_id"),
        (json!({"return_to": "//evil.example"}), "/return_to"),
        (json!({"return_to": "https://evil.example"}), "/return_to"),
        (json!({"login_hint": ""}), "/login_hint"),
    ] {
        let refused = creator.user.api.post("/api/channels/connect", &body).await;
        assert_problem_at(&refused, 422, "invalid_body", pointer);
    }
}
