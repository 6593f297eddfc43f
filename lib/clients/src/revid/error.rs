//! What can go wrong, sorted by what to do about it.

use std::time::Duration;

use crate::transport::TransportError;

/// Why a submit gave no job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// It certainly did not reach the service. Safe to repeat.
    #[error("the submit was not sent ({0})")]
    NotSent(String),
    /// The service is busy and started nothing. Safe to repeat, later.
    #[error("the service asks to wait")]
    RateLimited(Option<Duration>),
    /// The account has no credits left. The operator must buy some.
    #[error("the provider's account is out of credits")]
    OutOfCredit(String),
    /// The key is not accepted. The operator must repair it.
    #[error("the provider does not accept our key")]
    Auth(String),
    /// The request was refused; the same request will be refused again.
    #[error("the provider refused the request ({})", code.slug())]
    Rejected {
        /// What was wrong with it.
        code: FailCode,
        /// The provider's own words, kept for the operator.
        message: String,
    },
    /// It may have been accepted, and paid. Never to be repeated.
    #[error("the submit's outcome is unknown ({0})")]
    Unknown(String),
}

/// Why a question that costs nothing got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PollError {
    /// The service does not know this job, or does not know it yet.
    #[error("the provider does not know the job")]
    NotFound,
    /// Too many questions.
    #[error("the provider asks to wait")]
    RateLimited(Option<Duration>),
    /// No answer, or a fault of the service.
    #[error("the provider is unavailable ({0})")]
    Unavailable(String),
    /// The key is not accepted.
    #[error("the provider does not accept our key")]
    Auth,
    /// A refusal that our configuration causes: a redirect, a block by its outer wall.
    #[error("the provider refuses our calls ({0})")]
    Refused(String),
    /// An answer that cannot be read.
    #[error("the provider's answer cannot be read ({0})")]
    Malformed(String),
}

impl From<TransportError> for PollError {
    fn from(error: TransportError) -> Self {
        Self::Unavailable(error.kind().to_owned())
    }
}

/// Why a render failed, by the provider's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailCode {
    /// `Invalid API key`.
    KeyRefused,
    /// `insufficient_credits`.
    InsufficientCredits,
    /// A feature that the account's plan does not hold.
    PlanLocked,
    /// The request was not what the service expects: ours to repair.
    BadRequest,
    /// `scrape failed`: a source page could not be read.
    SourceUnreadable,
    /// `script too long`.
    ScriptTooLong,
    /// `voice unavailable`.
    VoiceUnavailable,
    /// `nsfw content detected`.
    ContentRefused,
    /// `media generation timed out`.
    MediaTimedOut,
    /// `Invalid media file`.
    InvalidMedia,
    /// Cancelled at the provider.
    CancelledThere,
    /// A text that is new to us.
    Other,
}

impl FailCode {
    /// Finds the code for a text of the provider; case does not matter, anything new is [`FailCode::Other`].
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let has = |needle: &str| text.contains(needle);
        if has("invalid api key") || has("missing api key") || has("unauthorized") {
            Self::KeyRefused
        } else if has("insufficient_credits")
            || has("insufficient credits")
            || has("not enough credits")
            || has("out of credits")
        {
            Self::InsufficientCredits
        } else if has("upgrade your plan")
            || has("plan does not")
            || has("not available on your plan")
        {
            Self::PlanLocked
        } else if has("workflow is required")
            || has("unknown workflow")
            || has("cannot read properties of undefined")
        {
            Self::BadRequest
        } else if has("scrape failed") || has("403 from source") {
            Self::SourceUnreadable
        } else if has("script too long") {
            Self::ScriptTooLong
        } else if has("voice unavailable") {
            Self::VoiceUnavailable
        } else if has("nsfw") {
            Self::ContentRefused
        } else if has("media generation timed out") {
            Self::MediaTimedOut
        } else if has("invalid media file") {
            Self::InvalidMedia
        } else {
            Self::Other
        }
    }

    /// The stable name of the code, as the API shows it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::KeyRefused => "provider_key_refused",
            Self::InsufficientCredits => "insufficient_credits",
            Self::PlanLocked => "provider_plan_locked",
            Self::BadRequest => "request_refused",
            Self::SourceUnreadable => "source_unreadable",
            Self::ScriptTooLong => "script_too_long",
            Self::VoiceUnavailable => "voice_unavailable",
            Self::ContentRefused => "content_refused",
            Self::MediaTimedOut => "media_timed_out",
            Self::InvalidMedia => "invalid_media",
            Self::CancelledThere => "cancelled_at_provider",
            Self::Other => "render_failed",
        }
    }

    /// What the user should know and do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::KeyRefused => {
                "The render service does not accept this deployment's key. The operator has been told; try again later."
            }
            Self::InsufficientCredits => {
                "The render service's account is out of credits. The operator has been told; try again later."
            }
            Self::PlanLocked => {
                "The render service's plan does not include what was asked for. Choose stock footage, standard quality or 1080p."
            }
            Self::BadRequest => {
                "The render service did not accept the request. This is a fault of ours and has been recorded."
            }
            Self::SourceUnreadable => {
                "A page that the video builds on could not be read. Put its text into the script instead."
            }
            Self::ScriptTooLong => {
                "The script is too long for one video. Shorten it, approve it again and render the new version."
            }
            Self::VoiceUnavailable => {
                "The chosen voice is not available. Choose another voice and render again."
            }
            Self::ContentRefused => {
                "The render service refused the content as unsafe. Change the script and approve it again."
            }
            Self::MediaTimedOut => {
                "Making the pictures took too long. Render again with stock footage or standard quality."
            }
            Self::InvalidMedia => {
                "A media file could not be used. Check that its address is public and that it is a picture or a video."
            }
            Self::CancelledThere => "The render was cancelled at the render service.",
            Self::Other => {
                "The render service could not make this video. Render again; if it fails again, change the script."
            }
        }
    }

    /// Whether the cause is the deployment's, so that its operator must hear of it.
    #[must_use]
    pub const fn concerns_operator(self) -> bool {
        matches!(
            self,
            Self::KeyRefused | Self::InsufficientCredits | Self::PlanLocked | Self::BadRequest
        )
    }
}
