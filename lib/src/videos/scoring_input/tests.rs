use super::*;

/// A channel of so many videos, one a day.
pub(in crate::videos) fn channel(count: i64) -> Input {
    input(86_400.0 * 400.0, None, rows(count))
}

fn rows(count: i64) -> Vec<VideoRow> {
    (0..count)
        .map(|day| VideoRow {
            id: Uuid::from_u128(day as u128),
            youtube_video_id: format!("v{day:03}"),
            published_at: (day * 86_400) as f64,
            format: Some(Format::Long),
            views: Some(1000.0 + day as f64),
            likes: Some(10.0),
            comments: None,
            analytics_at: None,
            snapshots: vec![(
                Basis::PublicViews,
                (day * 86_400 + 172_800) as f64,
                500.0,
                Some(4.0),
                Some(1.0),
                None,
            )],
        })
        .collect()
}

#[test]
fn seconds_keep_their_microseconds() {
    assert_eq!(
        time(1_700_000_000.123_456),
        "2023-11-14T22:13:20.123456Z".parse().expect("a time")
    );
}
