//! An upload as it is stored and as users see it.

use std::borrow::Cow;

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::state::{Reason, UploadState};
use platform::ids::{ChannelId, RenderId, UploadId};

/// The publication of one render on one channel.
// `remote` makes the derived code inherent, so that whatever reads an upload also explains it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(remote = "Self")]
pub struct Upload {
    /// Id.
    pub id: UploadId,
    /// The channel it goes to.
    pub channel_id: ChannelId,
    /// The render it publishes.
    pub render_id: RenderId,
    /// How far it has come.
    pub state: UploadState,
    /// Why it is in this state, as a stable slug; null when the state says it all.
    pub reason: Option<String>,
    /// The reason as a sentence.
    pub explanation: Option<Cow<'static, str>>,
    /// What you can do about it; null when nothing needs to be done.
    pub next_action: Option<Cow<'static, str>>,
    /// It was cancelled after bytes were sent, and the video is being kept from publication: `withdrawal` says how far that
    /// is.
    #[serde(default)]
    #[schema(required = true)]
    pub cancelling: bool,
    /// Of a cancelled upload whose video may be on YouTube: whether YouTube has taken it off its schedule. Null when there is
    /// nothing to withdraw, or YouTube has confirmed it.
    pub withdrawal: Option<Withdrawal>,
    #[serde(skip_serializing)]
    #[schema(ignore)]
    pub(super) intent: Intent,
    /// When the user was told that the video could not be withdrawn.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    pub(super) withdrawal_notice_at: Option<Timestamp>,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Tags. One more, which marks the video as this upload, is added on YouTube.
    pub tags: Vec<String>,
    /// YouTube's category.
    pub category_id: String,
    /// Language of title and description.
    pub language: Option<String>,
    /// Whether it is made for kids.
    pub made_for_kids: bool,
    /// Whether it shows realistic altered or synthetic content.
    pub altered_content: bool,
    /// Whether subscribers are told when it is published.
    pub notify_subscribers: bool,
    /// When YouTube publishes it.
    pub publish_at: Timestamp,
    /// The same on the clocks of `time_zone`.
    #[schema(value_type = String, example = "2026-11-24T18:00:00")]
    pub local_time: DateTime,
    /// The IANA time zone in which the time was chosen.
    pub time_zone: String,
    /// The publish time that YouTube was last told.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    pub(super) youtube_publish_at: Option<Timestamp>,
    /// When YouTube was last told another one.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    pub(super) told_at: Option<Timestamp>,
    /// YouTube's id of the video, once it has one.
    pub youtube_video_id: Option<String>,
    /// Where the video is, once it has an id.
    pub youtube_url: Option<String>,
    /// Size of the file, once it is known.
    pub bytes_total: Option<u64>,
    /// How much of it YouTube has.
    pub bytes_sent: u64,
    /// When it goes on by itself, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong last.
    #[schema(value_type = Option<UploadError>)]
    pub last_error: Option<Value>,
    /// What has become of the picture; its failure never touches the upload.
    pub thumbnail: Thumbnail,
    /// Why the picture was not set.
    #[schema(value_type = Option<UploadError>)]
    pub thumbnail_error: Option<Value>,
    /// When it was seen to be public.
    pub published_at: Option<Timestamp>,
    /// When its state last changed.
    pub state_changed_at: Timestamp,
    /// Counts changes; what the `ETag` names.
    pub version: i64,
    /// When it was scheduled.
    pub created_at: Timestamp,
    /// When it was last touched.
    pub updated_at: Timestamp,
}

/// What went wrong with an upload or its picture.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what steps write")]
struct UploadError {
    /// Stable slug.
    code: String,
    /// What happened.
    message: String,
}

/// Columns of [`Upload`] in `scheduled_uploads`, without those that only its step reads.
pub(super) const COLUMNS: &str = "id,channel_id,render_id,state,reason,intent,withdrawal_notice_at,title,description,tags,category_id,\
    language,made_for_kids,altered_content,notify_subscribers,publish_at,time_zone,local_time,youtube_video_id,\
    bytes_total,bytes_sent,next_attempt_at,last_error,thumbnail,thumbnail_error,published_at,state_changed_at,version,\
    created_at,updated_at";

/// How far a cancelled upload's video is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// Not yet: it is tried until YouTube confirms it.
    Pending,
    /// YouTube refuses, or does not answer in time. It is tried on, but see to it in YouTube Studio.
    Refused,
}

/// Whether the render's picture becomes the video's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thumbnail {
    /// YouTube chooses.
    None,
    /// It will be set once the video is on YouTube.
    Wanted,
    /// It is set.
    Set,
    /// It could not be set.
    Failed,
}

/// What is to become of an upload. Kept private when it was cancelled after bytes were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Intent {
    Publish,
    KeepPrivate,
}

const NOT_YET_WITHDRAWN: &str = "It is cancelled but not yet withdrawn: YouTube has not confirmed that the video stays private.";
const NOT_WITHDRAWN: &str = "It is cancelled, but YouTube does not let us withdraw the video: it may go public at its time.";

impl Upload {
    /// Whether YouTube has, or may have, a video of it.
    pub(super) fn may_be_on_youtube(&self) -> bool {
        let is_open = matches!(
            self.state,
            UploadState::Uploading | UploadState::OutcomeUnknown
        );
        is_open || self.youtube_video_id.is_some()
    }

    fn explained(mut self) -> Self {
        let reason = self.reason.as_deref().and_then(Reason::from_slug);
        self.explanation = reason.map(|reason| reason.explanation().into());
        self.next_action = reason.and_then(Reason::next_action).map(Cow::from);
        self.cancelling = self.intent == Intent::KeepPrivate && !self.state.is_final();
        self.withdrawal = self.cancelling.then_some(match self.withdrawal_notice_at {
            None => Withdrawal::Pending,
            Some(_) => Withdrawal::Refused,
        });
        match self.withdrawal {
            Some(Withdrawal::Pending) => self.explanation = Some(NOT_YET_WITHDRAWN.into()),
            Some(Withdrawal::Refused) => {
                let video = self.youtube_video_id.as_deref();
                let page = video.map_or(String::new(), |id| format!("/video/{id}/edit"));
                let advice = format!(
                    "Set the video to private in YouTube Studio: https://studio.youtube.com{page}"
                );
                let behind = |first: &str, then: Option<Cow<'static, str>>| -> Cow<'static, str> {
                    then.map_or(first.to_owned(), |then| format!("{first} {then}"))
                        .into()
                };
                self.explanation = Some(behind(NOT_WITHDRAWN, self.explanation.take()));
                self.next_action = Some(behind(&advice, self.next_action.take()));
            }
            None => {}
        }
        let video = self.youtube_video_id.as_ref();
        self.youtube_url = video.map(|id| format!("https://www.youtube.com/watch?v={id}"));
        self
    }
}

impl<'de> Deserialize<'de> for Upload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer).map(Self::explained)
    }
}

impl Serialize for Upload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}
