//! A video that waits on YouTube for its time.

use jiff::{SignedDuration, Timestamp};

use super::change::Change;
use super::flow::{Flow, Next, snooze};
use super::work::Work;
use crate::pipeline::Outcome;
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;
use clients::youtube::manage::{OwnVideo, Publication};

/// How long YouTube may take to publish after the time.
const PUBLISH_LAG: SignedDuration = SignedDuration::from_mins(10);
/// A video that waits for its time is checked this often.
const CHECK_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Before a video that is not listed is asked for again.
const UNLISTED_PAUSE: SignedDuration = SignedDuration::from_secs(15);

/// What a private video's own schedule asks for.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// Somebody took it off the schedule.
    HeldPrivate,
    /// Somebody moved it.
    Moved(Timestamp),
    /// Its time is to come, or YouTube may be publishing it now.
    Wait(SignedDuration, &'static str),
    /// YouTube has missed its time.
    Overdue,
}

impl Flow<'_> {
    pub(super) async fn check_scheduled(&self, mut work: Work) -> Next {
        let Some(video) = self.video(&mut work).await? else {
            return Err(self.not_listed(&work).await);
        };
        if video.is_public() {
            return self.published(&work, &video).await;
        }
        if work.upload.reason.is_some() {
            let change = Change {
                reason: Some(None),
                error: Some(None),
                next_attempt_at: Some(None),
                ..Change::default()
            };
            return self.store(&work, change).await;
        }
        match video.upload_status.as_str() {
            "rejected" => return self.fail(&work, Reason::RejectedByYoutube, &video).await,
            "deleted" => return Err(self.needs_attention(&work, Reason::DeletedOnYoutube).await),
            _ => {}
        }
        if let Some(work) = self.update_publication(&work, &video).await? {
            return Ok(work);
        }
        match due(&video, work.upload.publish_at, work.now) {
            Due::HeldPrivate => Err(self.needs_attention(&work, Reason::HeldPrivate).await),
            Due::Moved(at) => {
                let change = Change {
                    publish_at: Some(at),
                    youtube_publish_at: Some(Some(at)),
                    ..Change::default()
                };
                self.store(&work, change).await
            }
            Due::Wait(pause, reason) => Err(snooze(pause, reason)),
            Due::Overdue => {
                self.set_publication(&work, &video, Publication::Now)
                    .await?;
                let change = Change {
                    published_at: Some(work.now),
                    ..Change::to(State::Published, Reason::PublishedLate)
                };
                self.store(&work, change).await
            }
        }
    }

    /// A video that is missing once may only have been left out; missing twice, it is gone.
    async fn not_listed(&self, work: &Work) -> Outcome {
        if work.upload.reason.as_deref() == Some(Reason::NotListed.as_str()) {
            return self.deleted(work).await;
        }
        let wait = |_: &Work| snooze(UNLISTED_PAUSE, "not_listed");
        self.store_then(work, Change::reason(Reason::NotListed), wait)
            .await
    }
}

fn due(video: &OwnVideo, publish_at: Timestamp, now: Timestamp) -> Due {
    let late = now.duration_since(publish_at);
    let scheduled = video.publish_at.filter(|_| video.privacy == "private");
    match scheduled {
        // Around the time itself YouTube may be in the middle of publishing.
        None if late.is_negative() || late > PUBLISH_LAG => Due::HeldPrivate,
        // The newer decision counts.
        Some(moved) if moved.as_second() != publish_at.as_second() && moved > now => {
            Due::Moved(moved)
        }
        // A little after the time, so that one check is enough.
        _ if late.is_negative() => {
            let left = SignedDuration::from_secs(3) - late;
            Due::Wait(left.min(CHECK_EVERY), "publish_time")
        }
        _ if late <= PUBLISH_LAG => Due::Wait(SignedDuration::from_secs(20), "youtube_publishes"),
        _ => Due::Overdue,
    }
}

#[cfg(test)]
mod tests {
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
}
