use super::*;
use clients::youtube::uploads_playlist::Upload;

fn video(id: &str, privacy: &str) -> VideoResource {
    VideoResource {
        id: id.into(),
        title: "t".into(),
        description: None,
        tags: Vec::new(),
        category_id: None,
        language: None,
        thumbnail_url: None,
        published_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        duration_seconds: None,
        privacy: Some(privacy.into()),
        upload_status: None,
        publish_at: None,
        broadcast: None,
        made_for_kids: None,
        contains_synthetic_media: None,
        views: None,
        likes: None,
        comments: None,
    }
}

#[test]
fn a_private_video_was_never_published_and_a_video_listed_twice_counts_once() {
    let published: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
    let item = |id: &str, published_at| Upload {
        video_id: id.into(),
        published_at,
        ..Upload::default()
    };
    let page = UploadsPage {
        items: vec![
            item("a", Some(published)),
            item("b", None),
            item("c", None),
            item("a", Some(published)),
        ],
        next: None,
        total: Some(3),
    };
    let mut batch = Batch::default();
    batch.add(
        &page,
        vec![
            video("a", "public"),
            video("b", "private"),
            video("c", "unlisted"),
            video("x", "public"),
            video("a", "public"),
        ],
    );
    assert_eq!(batch.videos.len(), 3);
    assert_eq!(batch.videos["a"].published_at, Some(published));
    assert_eq!(batch.videos["b"].published_at, None);
    assert!(batch.videos["c"].published_at.is_some());
}
