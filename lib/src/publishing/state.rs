//! The states of an upload, what may follow what, and what a reason means for the user.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the publication of a video has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// Written down, not yet due to go anywhere.
    Draft,
    /// Waits for its render, its channel or for quota.
    Scheduled,
    /// Has its turn: the file is checked and the session is opened.
    Preparing,
    /// A session is stored; bytes may be on their way.
    Uploading,
    /// YouTube has all bytes and works on them.
    Processing,
    /// On YouTube as private, to be published by YouTube at its time.
    OnYoutube,
    /// Public.
    Published,
    /// Stands still until somebody does what the reason says.
    NeedsAttention,
    /// The session no longer answers: only a look at the channel tells whether there is a video.
    OutcomeUnknown,
    /// Called off by a user.
    Cancelled,
    /// Ended for good without a public video.
    Failed,
}

impl UploadState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Scheduled,
        Self::Preparing,
        Self::Uploading,
        Self::Processing,
        Self::OnYoutube,
        Self::Published,
        Self::NeedsAttention,
        Self::OutcomeUnknown,
        Self::Cancelled,
        Self::Failed,
    ];

    /// As it is written in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Preparing => "preparing",
            Self::Uploading => "uploading",
            Self::Processing => "processing",
            Self::OnYoutube => "on_youtube",
            Self::Published => "published",
            Self::NeedsAttention => "needs_attention",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The states that may follow this one. `private.upload_successors` in the database says the same and decides.
    #[must_use]
    pub fn successors(self) -> &'static [Self] {
        use UploadState as S;
        match self {
            S::Draft => &[S::Scheduled, S::Cancelled],
            S::Scheduled => &[S::Preparing, S::NeedsAttention, S::Cancelled, S::Failed],
            S::Preparing => &[
                S::Scheduled,
                S::Uploading,
                S::NeedsAttention,
                S::Cancelled,
                S::Failed,
            ],
            S::Uploading => &[
                S::Scheduled,
                S::Processing,
                S::OutcomeUnknown,
                S::NeedsAttention,
                S::Cancelled,
                S::Failed,
            ],
            // Never back to sending: first the channel says whether there is a video.
            S::OutcomeUnknown => &[S::Scheduled, S::Processing, S::NeedsAttention, S::Cancelled],
            S::Processing => &[
                S::OnYoutube,
                S::Published,
                S::NeedsAttention,
                S::Cancelled,
                S::Failed,
            ],
            S::OnYoutube => &[S::Published, S::NeedsAttention, S::Cancelled, S::Failed],
            S::NeedsAttention => &[
                S::Scheduled,
                S::OutcomeUnknown,
                S::Processing,
                S::OnYoutube,
                S::Published,
                S::Cancelled,
            ],
            S::Published | S::Cancelled | S::Failed => &[],
        }
    }

    /// Whether `next` may follow.
    #[must_use]
    pub fn can_become(self, next: Self) -> bool {
        self.successors().contains(&next)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.successors().is_empty()
    }
}

impl fmt::Display for UploadState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

macro_rules! reasons {
    ($( $(#[doc = $doc:literal])+ $name:ident = $slug:literal: $what:literal, $next:expr; )+) => {
        /// Why an upload is where it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Reason {
            $( $(#[doc = $doc])+ $name, )+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it is written in the database and in the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }

            /// What happened, as a sentence for the user.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => $what,)+ }
            }

            /// What the user can do about it, as a sentence; none when nothing needs to be done.
            #[must_use]
            pub fn next_action(self) -> Option<&'static str> {
                match self { $(Self::$name => $next,)+ }
            }

            /// The reason with this slug.
            #[must_use]
            pub fn from_slug(slug: &str) -> Option<Self> {
                match slug { $($slug => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

reasons! {
    // While it waits by itself.
    /// The render is not finished.
    RenderRunning = "render_running":
        "The render is not finished yet; the upload starts as soon as it is.", None;
    /// Another upload of the channel has its turn.
    ChannelBusy = "channel_busy":
        "Another video of this channel is being uploaded; this one is next in line.", None;
    /// The project's uploads of the day are used up.
    UploadQuotaUsedUp = "upload_quota_used_up":
        "Today's YouTube uploads of this service are used up; the upload starts after midnight in Los Angeles.",
        Some("Nothing, if the publish time lies after next_attempt_at. Otherwise move it to a later time.");
    /// The project's other calls of the day are used up.
    QuotaUsedUp = "quota_used_up":
        "Today's YouTube requests of this service are used up; it goes on after midnight in Los Angeles.", None;
    /// The channel's own daily limit of uploads.
    ChannelUploadLimit = "channel_upload_limit":
        "YouTube accepts no more uploads from this channel within 24 hours; the next attempt comes a day later.",
        Some("Nothing, if the publish time lies after next_attempt_at. Otherwise move it to a later time.");
    /// An outside service had a fault that is expected to pass.
    YoutubeUnavailable = "youtube_unavailable":
        "YouTube does not answer as it should at the moment; the upload goes on from the byte it has reached.", None;
    /// YouTube is still working on the file.
    YoutubeProcessing = "youtube_processing":
        "YouTube is still working on the file.", None;
    /// The video is not listed.
    NotListed = "not_listed":
        "YouTube does not list the video at the moment; it is looked for again in a moment.", None;
    /// The channel is looked through.
    Reconciling = "reconciling":
        "The upload's session no longer answers. The channel is being searched for the video before anything is sent again.", None;

    // Until somebody acts.
    /// Google says the grant is gone.
    GrantRevoked = "grant_revoked":
        "Google no longer accepts the access that was granted to this channel.",
        Some("Connect the channel again; the upload then goes on by itself.");
    /// A scope is missing.
    ScopeMissing = "scope_missing":
        "The access granted to this channel does not include managing its videos.",
        Some("Connect the channel again and leave every permission ticked; the upload then goes on by itself.");
    /// The channel is disconnected.
    ChannelDisconnected = "channel_disconnected":
        "The channel is not connected.",
        Some("Connect the channel again; the upload then goes on by itself.");
    /// The Google account has no channel.
    ChannelMissing = "channel_missing":
        "The Google account that was connected has no YouTube channel.",
        Some("Create the channel on YouTube, connect it again, then resume this upload.");
    /// The account is closed or suspended.
    ChannelBlocked = "channel_blocked":
        "YouTube has closed or suspended this account, or does not let it upload.",
        Some("Settle it with YouTube, then resume this upload.");
    /// The render ended without a file.
    RenderFailed = "render_failed":
        "The render ended without a video file.",
        Some("Render the script again and schedule the new render; cancel this one.");
    /// The file cannot be fetched.
    FileUnavailable = "file_unavailable":
        "The rendered file cannot be fetched any more, or is not the file it was.",
        Some("Render the script again and schedule the new render; cancel this one.");
    /// YouTube refuses the metadata.
    MetadataRejected = "metadata_rejected":
        "YouTube refuses the title, description, tags, category or time.",
        Some("Change what last_error names, then resume this upload.");
    /// The slot is over.
    SlotMissed = "slot_missed":
        "The publish time passed before the upload could be finished.",
        Some("Move it to a new time, or cancel it.");
    /// More than one video matches.
    OutcomeAmbiguous = "outcome_ambiguous":
        "More than one video on the channel could be this upload.",
        Some("Delete the surplus copies in YouTube Studio, then resume this upload.");
    /// The video is gone.
    DeletedOnYoutube = "deleted_on_youtube":
        "The video was deleted on YouTube.",
        Some("Resume with a new time to upload it again, or cancel it.");
    /// The schedule was taken off by hand.
    HeldPrivate = "held_private":
        "The video is no longer scheduled on YouTube: somebody changed it in YouTube Studio.",
        Some("Move it to a new time to schedule it again, or publish it in YouTube Studio.");
    /// All attempts are used.
    AttemptsExhausted = "attempts_exhausted":
        "Every attempt failed; last_error tells how.",
        Some("Resume this upload when the cause is gone; it goes on where it stopped.");
    /// YouTube answers in a way nothing can be made of.
    YoutubeRefused = "youtube_refused":
        "YouTube refused the upload; last_error tells why.",
        Some("Put right what last_error names, then resume this upload, or cancel it.");

    // At the end.
    /// Published by YouTube's clock.
    OnTime = "on_time":
        "YouTube published it at its time.", None;
    /// Somebody published it before its time.
    MadePublicByHand = "made_public_by_hand":
        "Somebody published it on YouTube before its time.", None;
    /// We had to publish it.
    PublishedLate = "published_late":
        "YouTube did not publish it at its time; we did.", None;
    /// Called off before anything was on YouTube.
    CancelledByUser = "cancelled_by_user":
        "It was cancelled; nothing of it is on YouTube.", None;
    /// Called off with the video kept.
    KeptPrivate = "kept_private":
        "It was cancelled after the upload: the video stays on YouTube as private and is not scheduled.",
        Some("Delete the video in YouTube Studio if you do not want to keep it.");
    /// YouTube rejects the video.
    RejectedByYoutube = "rejected_by_youtube":
        "YouTube rejected the video; last_error tells why.",
        Some("Appeal in YouTube Studio, or render a changed script and schedule that.");
    /// YouTube cannot read the file.
    ProcessingFailed = "processing_failed":
        "YouTube could not process the file.",
        Some("Render the script again and schedule the new render.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_outcome_never_leads_back_to_sending() {
        for next in [UploadState::Preparing, UploadState::Uploading] {
            assert!(!UploadState::OutcomeUnknown.can_become(next));
        }
        assert!(UploadState::OutcomeUnknown.can_become(UploadState::Processing));
    }

    #[test]
    fn final_states_are_final_and_every_other_can_be_cancelled() {
        for state in UploadState::ALL {
            assert!(!state.can_become(state), "{state}");
            match state {
                UploadState::Published | UploadState::Cancelled | UploadState::Failed => {
                    assert!(state.is_final());
                }
                _ => assert!(state.can_become(UploadState::Cancelled), "{state}"),
            }
        }
    }

    #[test]
    fn every_state_can_be_reached_and_can_end() {
        for state in UploadState::ALL {
            let mut seen = vec![state];
            let mut next = 0;
            while let Some(at) = seen.get(next).copied() {
                for successor in at.successors() {
                    if !seen.contains(successor) {
                        seen.push(*successor);
                    }
                }
                next += 1;
            }
            assert!(seen.iter().any(|state| state.is_final()), "{state}");
            let reached = UploadState::ALL.iter().any(|from| from.can_become(state));
            assert!(reached || state == UploadState::Draft, "{state}");
        }
    }

    #[test]
    fn slugs_are_those_of_the_api() {
        for state in UploadState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
            assert_eq!(Reason::from_slug(reason.as_str()), Some(*reason));
            for sentence in [Some(reason.explanation()), reason.next_action()]
                .into_iter()
                .flatten()
            {
                assert!(
                    sentence.ends_with('.') && sentence.starts_with(char::is_uppercase),
                    "{sentence}"
                );
            }
        }
    }
}
