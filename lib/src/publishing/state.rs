//! Where an upload is, why it is there, and what its user can do about it. Which state may follow which is said and decided by
//! `private.upload_successors` in the database.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the publication of a video has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
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
    /// The session no longer answers: only a search of the channel tells whether there is a video.
    OutcomeUnknown,
    /// Called off by a user.
    Cancelled,
    /// Ended for good without a public video.
    Failed,
}

impl UploadState {
    /// Every state.
    pub const ALL: [Self; 10] = [
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

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Published | Self::Cancelled | Self::Failed)
    }
}

display_as_serialized!(UploadState);

macro_rules! reasons {
    ($( $name:ident = $slug:literal: $what:literal, $next:expr; )+) => {
        /// Why an upload is where it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Reason {
            $($name,)+
        }

        impl Reason {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it is written in the database and in the API.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }

            /// What happened, as a sentence for the user.
            pub(crate) fn explanation(self) -> &'static str {
                match self { $(Self::$name => $what,)+ }
            }

            /// What the user can do about it, as a sentence; none when nothing needs to be done.
            pub(crate) fn next_action(self) -> Option<&'static str> {
                match self { $(Self::$name => $next,)+ }
            }

            /// The reason with this slug.
            pub(crate) fn from_slug(slug: &str) -> Option<Self> {
                match slug { $($slug => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

reasons! {
    // While it waits by itself.
    RenderRunning = "render_running":
        "The render is not finished yet; the upload starts as soon as it is.", None;
    ChannelBusy = "channel_busy":
        "Another video of this channel is being uploaded; this one is next in line.", None;
    UploadQuotaUsedUp = "upload_quota_used_up":
        "Today's YouTube uploads of this service are used up; the upload starts after midnight in Los Angeles.",
        Some("Nothing, if the publish time lies after next_attempt_at. Otherwise move it to a later time.");
    QuotaUsedUp = "quota_used_up":
        "Today's YouTube requests of this service are used up; it goes on after midnight in Los Angeles.", None;
    UploadShareUsedUp = "upload_share_used_up":
        "This channel has had its share of today's YouTube uploads of this service; the upload starts after midnight in Los Angeles.",
        Some("Nothing, if the publish time lies after next_attempt_at. Otherwise move it to a later time.");
    TooManyFailedStarts = "too_many_failed_starts":
        "YouTube refused five of this channel's uploads today, and each counts as one of the day's; the upload starts after midnight in Los Angeles.",
        Some("Put right what last_error names before then.");
    ChannelUploadLimit = "channel_upload_limit":
        "YouTube accepts no more uploads from this channel within 24 hours; the next attempt comes a day later.",
        Some("Nothing, if the publish time lies after next_attempt_at. Otherwise move it to a later time.");
    YoutubeUnavailable = "youtube_unavailable":
        "YouTube does not answer as it should at the moment; the upload goes on from the byte it has reached.", None;
    YoutubeProcessing = "youtube_processing":
        "YouTube is still working on the file.", None;
    NotListed = "not_listed":
        "YouTube does not list the video at the moment; it is looked for again in a moment.", None;
    Reconciling = "reconciling":
        "The upload's session no longer answers. The channel is being searched for the video before anything is sent again.", None;

    // Until somebody acts.
    GrantRevoked = "grant_revoked":
        "Google no longer accepts the access that was granted to this channel.",
        Some("Connect the channel again; the upload then goes on by itself.");
    ScopeMissing = "scope_missing":
        "The access granted to this channel does not include managing its videos.",
        Some("Connect the channel again and leave every permission ticked; the upload then goes on by itself.");
    ChannelDisconnected = "channel_disconnected":
        "The channel is not connected.",
        Some("Connect the channel again; the upload then goes on by itself.");
    ChannelMissing = "channel_missing":
        "The Google account that was connected has no YouTube channel.",
        Some("Create the channel on YouTube, connect it again, then resume this upload.");
    ChannelBlocked = "channel_blocked":
        "YouTube has closed or suspended this account, or does not let it upload.",
        Some("Settle it with YouTube, then resume this upload.");
    RenderFailed = "render_failed":
        "The render ended without a video file.",
        Some("Render the script again and schedule the new render; cancel this one.");
    RenderUnconfirmed = "render_unconfirmed":
        "The render was recognised by its time alone, so its video may be another one.",
        Some("Watch the video, then confirm or reject the render; the upload then goes on by itself.");
    FileUnavailable = "file_unavailable":
        "The rendered file cannot be fetched any more, or is not the file it was.",
        Some("Render the script again and schedule the new render; cancel this one.");
    MetadataRejected = "metadata_rejected":
        "YouTube refuses the title, description, tags, category or time.",
        Some("Change what last_error names, then resume this upload.");
    SlotMissed = "slot_missed":
        "The publish time passed before the upload could be finished.",
        Some("Move it to a new time, or cancel it.");
    OutcomeAmbiguous = "outcome_ambiguous":
        "More than one video on the channel could be this upload.",
        Some("Delete the surplus copies in YouTube Studio, then resume this upload.");
    DeletedOnYoutube = "deleted_on_youtube":
        "The video was deleted on YouTube.",
        Some("Resume with a new time to upload it again, or cancel it.");
    HeldPrivate = "held_private":
        "The video is no longer scheduled on YouTube: somebody changed it in YouTube Studio.",
        Some("Move it to a new time to schedule it again, or publish it in YouTube Studio.");
    AttemptsExhausted = "attempts_exhausted":
        "Every attempt failed; last_error tells how.",
        Some("Resume this upload when the cause is gone; it goes on where it stopped.");
    YoutubeRefused = "youtube_refused":
        "YouTube refused the upload; last_error tells why.",
        Some("Put right what last_error names, then resume this upload, or cancel it.");

    // At the end.
    OnTime = "on_time":
        "YouTube published it at its time.", None;
    MadePublicByHand = "made_public_by_hand":
        "Somebody published it on YouTube before its time.", None;
    PublishedLate = "published_late":
        "YouTube did not publish it at its time; we did.", None;
    CancelledByUser = "cancelled_by_user":
        "It was cancelled; nothing of it is on YouTube.", None;
    KeptPrivate = "kept_private":
        "It was cancelled after the upload: the video stays on YouTube as private and is not scheduled.",
        Some("Delete the video in YouTube Studio if you do not want to keep it.");
    RejectedByYoutube = "rejected_by_youtube":
        "YouTube rejected the video; last_error tells why.",
        Some("Appeal in YouTube Studio, or render a changed script and schedule that.");
    ProcessingFailed = "processing_failed":
        "YouTube could not process the file.",
        Some("Render the script again and schedule the new render.");
}

#[cfg(test)]
mod tests;
