use serde_json::json;

use super::*;

fn changes(body: serde_json::Value) -> MeChanges {
    serde_json::from_value(body).unwrap()
}

#[test]
fn null_clears_and_absence_keeps() {
    let cleared = changes(json!({"display_name": null}));
    assert_eq!(cleared.display_name, Some(None));
    assert_eq!(
        serde_json::to_value(&cleared).unwrap(),
        json!({"display_name": null})
    );
    assert!(cleared.check().is_ok());
    let zone = changes(json!({"time_zone": "Asia/Kathmandu"}));
    assert_eq!(zone.display_name, None);
    assert!(zone.check().is_ok());
}

#[test]
fn unsound_profiles_are_refused() {
    for body in [
        json!({}),
        json!({"display_name": ""}),
        json!({"display_name": "  "}),
        json!({"display_name": "x".repeat(81)}),
        json!({"time_zone": "Mars/Olympus"}),
    ] {
        assert!(changes(body.clone()).check().is_err(), "{body}");
    }
    assert!(serde_json::from_value::<MeChanges>(json!({"email": "x"})).is_err());
}
