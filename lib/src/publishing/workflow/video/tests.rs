use super::*;

fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_mins(minutes)
}

/// What is due of a video whose time is noon.
fn judged(privacy: &str, publish_at: Option<Timestamp>, now: Timestamp) -> Due {
    let video = OwnVideo {
        privacy: privacy.to_owned(),
        publish_at,
        ..OwnVideo::default()
    };
    due(&video, at(0), now)
}

#[test]
fn a_scheduled_video_is_waited_for_until_youtube_has_missed_its_time() {
    let scheduled = |now| judged("private", Some(at(0)), now);
    let wait = |seconds, reason| Due::Wait(SignedDuration::from_secs(seconds), reason);
    assert_eq!(scheduled(at(-24 * 60)), wait(6 * 3600, "publish_time"));
    assert_eq!(scheduled(at(-1)), wait(63, "publish_time"));
    assert_eq!(scheduled(at(10)), wait(20, "youtube_publishes"));
    assert_eq!(scheduled(at(11)), Due::Overdue);
}

#[test]
fn what_somebody_did_to_the_schedule_counts() {
    assert_eq!(judged("private", Some(at(60)), at(-5)), Due::Moved(at(60)));
    assert_eq!(judged("private", None, at(-5)), Due::HeldPrivate);
    assert_eq!(judged("unlisted", Some(at(0)), at(11)), Due::HeldPrivate);
    assert!(matches!(judged("private", None, at(1)), Due::Wait(..)));
}
