use super::*;
use serde_json::json;

#[test]
fn a_row_becomes_a_render() {
    let row = json!({
        "id": "0198c0de-0000-7000-8000-000000000001", "channel_id": "0198c0de-0000-7000-8000-000000000002",
        "content_id": null, "state": "ready", "progress": 100,
        "request": {"script": "x", "aspect": "9:16", "language": "en", "footage": "stock-video", "quality": "pro",
            "resolution": "1080p", "captions": "middle", "music": true},
        "estimated_credits": 10, "estimate_basis": "provider", "cost_basis": "reported", "credits_used": 9,
        "file_bytes": 5, "file_content_type": "video/mp4", "file_sha256": null, "file_duration_seconds": 38.000,
        "thumbnail_url": null, "error": null, "found_by": "answer", "submitted_at": "2026-11-22T16:00:00.5+00:00",
        "finished_at": null, "version": 3, "created_at": "2026-11-22T16:00:00+00:00", "updated_at": "2026-11-22T16:00:00+00:00",
        "something_new": 1,
    });
    let render: Render = serde_json::from_value(row).unwrap();
    assert_eq!(render.state, State::Ready);
    assert_eq!(render.file.as_ref().unwrap().duration_seconds, Some(38.0));
    let shown = serde_json::to_value(&render).unwrap();
    assert_eq!(shown["cost"]["credits_used"], 9);
    assert_eq!(shown["file"]["size_bytes"], 5);
}
