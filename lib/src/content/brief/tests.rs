use super::*;
use serde_json::json;

fn body(value: serde_json::Value) -> GenerateBody {
    let mut value = value;
    value["channel_id"] = json!("00000000-0000-4000-8000-000000000001");
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_regeneration_keeps_what_it_does_not_change() {
    let earlier = Brief {
        topic: Some("Cabins".to_owned()),
        target_seconds: Some(60),
        ..Brief::default()
    };
    let brief = Brief::of(
        &body(json!({"notes": " shorter ", "topic": "  "})),
        Some(&earlier),
    );
    assert_eq!(brief.topic.as_deref(), Some("Cabins"));
    assert_eq!(brief.notes.as_deref(), Some("shorter"));
    assert_eq!(brief.seconds(), 60);
}

#[test]
fn every_field_out_of_range_is_named() {
    let brief = Brief::of(
        &body(
            json!({"topic": "x".repeat(301), "language": "English please", "form": "short", "target_seconds": 181, "count": 4}),
        ),
        None,
    );
    let problem = brief.check(ContentKind::Titles).unwrap_err().into_body("r");
    let pointers: Vec<_> = problem
        .errors
        .iter()
        .filter_map(|error| error.pointer.as_deref())
        .collect();
    assert_eq!(
        pointers,
        ["/topic", "/language", "/target_seconds", "/count"]
    );
    assert!(Brief::default().check(ContentKind::Script).is_ok());
}

#[test]
fn an_unknown_field_is_refused() {
    let wrong = serde_json::from_value::<GenerateBody>(
        json!({"channel_id": "00000000-0000-4000-8000-000000000001", "titel": "x"}),
    );
    assert!(wrong.is_err());
}
