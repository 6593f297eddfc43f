//! Is there a video? Decides from the channel's own videos, when a session no longer answers, what has become of an upload.
//!
//! A session that is gone may have completed before it went. Sending again without a search would make a second video.

use jiff::{SignedDuration, Timestamp};

use super::work::UploadSession;
use crate::publishing::{metadata, upload::Upload};
use clients::youtube::manage::OwnVideo;

/// YouTube's clock and ours may differ by this much.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(10);
/// Pauses between searches while the upload may have completed: a new video need not be listed at once.
const PAUSES: [SignedDuration; 3] = [
    SignedDuration::from_secs(30),
    SignedDuration::from_secs(120),
    SignedDuration::from_secs(300),
];

/// What a search has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The upload is this video.
    Found(String),
    /// Several videos could be it.
    Ambiguous(Vec<String>),
    /// Nothing yet; to be searched again after this time.
    SearchAgain(SignedDuration),
    /// There is no video of this upload.
    None,
}

/// How far back in time videos are candidates.
pub(super) fn since(opened_at: Timestamp) -> Timestamp {
    opened_at - CLOCK_SLACK
}

/// Decides from the channel's newest videos that are not other uploads of ours. `in_flight`: how many bytes may have been on
/// their way beside what the session had when it last answered.
pub(super) fn decide(
    session: &UploadSession,
    upload: &Upload,
    in_flight: u64,
    videos: &[OwnVideo],
) -> Verdict {
    let marker = &*metadata::marker(upload.id.0);
    let live = || {
        videos
            .iter()
            .filter(|video| video.upload_status != "deleted")
    };
    if let Some(verdict) = verdict(live().filter(|video| has_marker(video, marker))) {
        return verdict;
    }
    // Somebody may have taken the marker off: then size, title and time together have to do.
    let recent = || {
        live().filter(|video| {
            let since = since(session.opened_at);
            video.title == upload.title
                && video.uploaded_at.is_some_and(|at| at >= since)
                && !has_other_marker(video, marker)
        })
    };
    let is_same = |video: &&OwnVideo| video.file_size == Some(session.bytes_total);
    if let Some(verdict) = verdict(recent().filter(is_same)) {
        return verdict;
    }
    let undecided = recent().any(|video| video.file_size.is_none());
    let may_be_complete = session.bytes_sent.saturating_add(in_flight) >= session.bytes_total;
    let searches = usize::try_from(session.searches).unwrap_or(usize::MAX);
    match PAUSES.get(searches) {
        Some(pause) if may_be_complete || undecided => Verdict::SearchAgain(*pause),
        _ if undecided => Verdict::Ambiguous(ids(recent())),
        _ => Verdict::None,
    }
}

/// One match is the upload, several are for a person.
fn verdict<'a>(matches: impl Iterator<Item = &'a OwnVideo>) -> Option<Verdict> {
    let mut ids = ids(matches);
    match ids.len() {
        0 => None,
        1 => ids.pop().map(Verdict::Found),
        _ => Some(Verdict::Ambiguous(ids)),
    }
}

fn ids<'a>(videos: impl Iterator<Item = &'a OwnVideo>) -> Vec<String> {
    videos.map(|video| video.id.clone()).collect()
}

fn has_marker(video: &OwnVideo, marker: &str) -> bool {
    video
        .tags
        .iter()
        .any(|tag| tag.eq_ignore_ascii_case(marker))
        || video
            .file_name
            .as_deref()
            .is_some_and(|name| name.starts_with(marker))
}

/// Another upload of ours: certainly not this one.
fn has_other_marker(video: &OwnVideo, marker: &str) -> bool {
    let ours = |tag: &str| tag.len() == marker.len() && tag.starts_with("cce-");
    video
        .tags
        .iter()
        .any(|tag| ours(tag) && !tag.eq_ignore_ascii_case(marker))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use serde_json::json;

    use super::*;

    fn video(id: &str, tags: &[&str], size: Option<u64>) -> OwnVideo {
        OwnVideo {
            id: id.to_owned(),
            title: "Title".to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            uploaded_at: "2026-11-22T10:01:00Z".parse().ok(),
            upload_status: "uploaded".to_owned(),
            file_size: size,
            ..OwnVideo::default()
        }
    }

    fn judged(videos: &[OwnVideo], bytes_sent: u64, searches: u32) -> Verdict {
        let at = "2026-11-22T10:00:00Z";
        let id = Uuid::from_u128(1);
        let session = json!({
            "id": id, "bytes_total": 100, "bytes_sent": bytes_sent, "looks": searches, "opened_at": at,
        });
        let upload = json!({
            "id": id, "channel_id": id, "render_id": id, "state": "outcome_unknown", "intent": "publish",
            "title": "Title", "description": "", "tags": [], "category_id": "22", "made_for_kids": false,
            "altered_content": false, "notify_subscribers": true, "publish_at": at, "local_time": "2026-11-22T10:00:00",
            "time_zone": "UTC", "bytes_sent": 0, "thumbnail": "none", "state_changed_at": at, "version": 1,
            "created_at": at, "updated_at": at,
        });
        let session = serde_json::from_value(session).unwrap();
        let upload = serde_json::from_value(upload).unwrap();
        decide(&session, &upload, 20, videos)
    }

    fn mine() -> String {
        metadata::marker(Uuid::from_u128(1))
    }

    #[test]
    fn the_marker_decides() {
        let marked = video("a", &["x", &mine()], Some(7));
        assert_eq!(
            judged(&[marked.clone(), video("b", &[], Some(100))], 0, 0),
            Verdict::Found("a".into())
        );
        assert_eq!(
            judged(&[marked.clone(), video("b", &[&mine()], None)], 0, 0),
            Verdict::Ambiguous(vec!["a".into(), "b".into()])
        );
        let named = OwnVideo {
            file_name: Some(format!("{}.mp4", mine())),
            ..video("c", &[], None)
        };
        assert_eq!(judged(&[named], 0, 0), Verdict::Found("c".into()));
        let deleted = OwnVideo {
            upload_status: "deleted".into(),
            ..marked
        };
        assert_eq!(judged(&[deleted], 0, 0), Verdict::None);
    }

    #[test]
    fn without_the_marker_size_title_and_time_must_agree() {
        assert_eq!(
            judged(&[video("a", &[], Some(100))], 0, 0),
            Verdict::Found("a".into())
        );
        assert_eq!(
            judged(
                &[video("a", &[], Some(100)), video("b", &[], Some(100))],
                0,
                0
            ),
            Verdict::Ambiguous(vec!["a".into(), "b".into()])
        );
        let other_marker = metadata::marker(Uuid::from_u128(2));
        for other in [
            video("a", &[], Some(99)),
            video("a", &[&other_marker], Some(100)),
            OwnVideo {
                title: "Other".into(),
                ..video("a", &[], Some(100))
            },
            OwnVideo {
                uploaded_at: "2026-11-22T09:49:00Z".parse().ok(),
                ..video("a", &[], Some(100))
            },
            OwnVideo {
                uploaded_at: None,
                ..video("a", &[], Some(100))
            },
        ] {
            assert_eq!(
                judged(std::slice::from_ref(&other), 0, 0),
                Verdict::None,
                "{other:?}"
            );
        }
    }

    #[test]
    fn an_upload_that_cannot_be_complete_is_searched_for_once() {
        assert_eq!(judged(&[], 79, 0), Verdict::None);
        for (searches, pause) in PAUSES.iter().enumerate() {
            assert_eq!(
                judged(&[], 80, u32::try_from(searches).unwrap()),
                Verdict::SearchAgain(*pause)
            );
        }
        assert_eq!(judged(&[], 100, 3), Verdict::None);
    }

    #[test]
    fn a_video_whose_size_is_never_told_is_left_to_a_person() {
        assert!(matches!(
            judged(&[video("a", &[], None)], 0, 0),
            Verdict::SearchAgain(_)
        ));
        assert_eq!(
            judged(&[video("a", &[], None)], 0, 3),
            Verdict::Ambiguous(vec!["a".into()])
        );
    }
}
