use serde_json::json;

use super::*;

#[test]
fn only_what_changes_is_named() {
    let written = |change: Change| serde_json::to_value(change).unwrap();
    assert_eq!(written(Change::default()), json!({}));
    assert_eq!(
        written(Change::to(UploadState::Scheduled, None)),
        json!({ "state": "scheduled", "reason": null })
    );
    let lost = Change {
        session_outcome: Some(SessionOutcome::Gone),
        ..Change::to(UploadState::OutcomeUnknown, Reason::Reconciling)
    };
    assert_eq!(
        written(lost),
        json!({ "state": "outcome_unknown", "reason": "reconciling", "session_outcome": "gone" })
    );
    let searched = Change {
        searched: Some(Uuid::nil()),
        session_settled: true,
        youtube_publish_at: Some(None),
        ..Change::default()
    };
    assert_eq!(
        written(searched),
        json!({ "looked": Uuid::nil(), "session_settled": true, "youtube_publish_at": null })
    );
}
