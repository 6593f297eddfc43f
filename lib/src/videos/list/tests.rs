use serde_json::{Value, json};

use super::*;
use scoring::explain;

pub(in crate::videos) fn row(n: u32) -> Value {
    json!({
        "id": format!("00000000-0000-7000-8000-00000000000{n}"),
        "channel_id": "00000000-0000-7000-8000-0000000000aa",
        "youtube_video_id": "abcdefghijk", "title": "Say \"hi\" \u{1F600}", "format": "short", "privacy": "public",
        "published_at": "2026-11-22T09:30:00.120000+00:00", "duration_seconds": 58, "thumbnail_url": null,
        "views": 9_007_199_254_740_993_i64, "likes": 0, "comments": null, "average_view_percentage": 71.25,
        "counted_at": "2026-11-22T10:00:00+00:00", "gone_at": null, "model_version": null, "basis": null,
        "checkpoint_hours": null, "label": null, "withheld": null, "n": null, "score": null, "multiplier": null,
        "raw_multiplier": null, "z_total": null, "confidence": null, "confidence_level": null, "scored_at": null,
        "scores_shown": true, "page_key": null,
    })
}

pub(in crate::videos) fn scored(mut row: Value, change: &Value) -> Value {
    let score = json!({
        "model_version": "v1", "basis": "lifetime", "label": "outlier", "n": 12, "score": 91, "multiplier": 3.5,
        "raw_multiplier": 4.25, "z_total": 2.5, "confidence": 0.75, "confidence_level": "high",
        "scored_at": "2026-11-22T10:05:00+00:00",
    });
    for more in [&score, change] {
        let more = more.as_object().unwrap().clone();
        row.as_object_mut().unwrap().extend(more);
    }
    row
}

fn listed(rows: &Value, limit: usize) -> Value {
    let rows: Vec<Row> = serde_json::from_value(rows.clone()).unwrap();
    serde_json::to_value(page(rows, Sort::Newest, limit)).unwrap()
}

#[test]
fn a_row_becomes_a_video_and_its_values_stay_as_they_are() {
    let page = listed(&json!([row(1)]), 25);
    assert_eq!(page["next_cursor"], json!(null));
    let video = &page["items"][0];
    assert_eq!(video["title"], "Say \"hi\" \u{1F600}");
    assert_eq!(video["published_at"], "2026-11-22T09:30:00.12Z");
    assert_eq!(video["thumbnail_url"], json!(null));
    assert_eq!(video["youtube"]["views"], 9_007_199_254_740_993_i64);
    assert_eq!(video["youtube"]["average_view_percentage"], 71.25);
    assert_eq!(video["youtube"]["counted_at"], "2026-11-22T10:00:00Z");
    assert_eq!(video["score"], json!(null));
    assert_eq!(video["scores_shown"], true);
}

#[test]
fn a_score_is_an_object_of_its_own() {
    let page = listed(&json!([scored(row(1), &json!({}))]), 25);
    assert_eq!(
        page["items"][0]["score"],
        json!({
            "notice": explain::NOTICE, "model_version": "v1", "score": 91, "multiplier": 3.5, "raw_multiplier": 4.25,
            "label": "outlier", "withheld": null, "confidence": 0.75, "confidence_level": "high",
            "basis": "lifetime", "checkpoint_hours": null, "n": 12, "scored_at": "2026-11-22T10:05:00Z",
        })
    );
}

#[test]
fn a_page_goes_on_after_its_last_row_whether_that_was_published_or_not() {
    for (key, expected) in [(json!("2026-11-22"), "2026-11-22"), (json!(null), "")] {
        let mut last = row(2);
        last["page_key"] = key;
        let page = listed(&json!([row(1), last, row(3)]), 2);
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        let after: After = decode_cursor(page["next_cursor"].as_str().unwrap()).unwrap();
        assert_eq!((after.key.as_str(), after.sort), (expected, Sort::Newest));
        assert_eq!(after.id.to_string(), row(2)["id"]);
    }
}
