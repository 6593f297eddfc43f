use serde_json::Value;

use super::*;

fn video() -> OwnVideo {
    OwnVideo::read(Item(&json!({
        "id": "abc",
        "snippet": {"title": "T", "tags": ["a", "cce-1"], "publishedAt": "2026-11-22T10:00:00Z"},
        "status": {
            "uploadStatus": "processed", "privacyStatus": "private", "publishAt": "2026-12-01T15:00:00Z",
            "license": "creativeCommon", "embeddable": true, "publicStatsViewable": false, "madeForKids": false,
            "selfDeclaredMadeForKids": false, "containsSyntheticMedia": true
        },
        "fileDetails": {"fileSize": "1234", "fileName": "cce-1.mp4"},
        "processingDetails": {"processingStatus": "succeeded"}
    })))
    .unwrap()
}

#[test]
fn a_video_is_read_with_its_numbers_as_text() {
    let video = video();
    assert_eq!(video.file_size, Some(1234));
    assert_eq!(video.publish_at, "2026-12-01T15:00:00Z".parse().ok());
    assert!(!video.is_public());
    assert!(OwnVideo::read(Item(&json!({"snippet": {}}))).is_none());
    let bare = OwnVideo::read(Item(&json!({"id": "x"}))).unwrap();
    assert_eq!(bare.upload_status, "");
}

#[test]
fn case_y13_an_update_sends_everything_back() {
    let kept = json!({
        "license": "creativeCommon", "embeddable": true, "publicStatsViewable": false,
        "selfDeclaredMadeForKids": false, "containsSyntheticMedia": true
    });
    let with = |more: Value| {
        let mut whole = kept.as_object().unwrap().clone();
        whole.extend(more.as_object().unwrap().clone());
        Value::Object(whole)
    };
    let later = "2026-12-02T15:00:00.4Z".parse().unwrap();
    assert_eq!(
        status(&video(), Publication::At(later)),
        with(json!({"privacyStatus": "private", "publishAt": "2026-12-02T15:00:00Z"}))
    );
    assert_eq!(
        status(&video(), Publication::Never),
        with(json!({"privacyStatus": "private"}))
    );
    // madeForKids is read-only; publishAt must go, or YouTube refuses the rest.
    assert_eq!(
        status(&video(), Publication::Now),
        with(json!({"privacyStatus": "public"}))
    );
}
