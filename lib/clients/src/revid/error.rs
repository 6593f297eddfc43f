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

macro_rules! fail_codes {
    ($($(#[$doc:meta])* $code:ident $slug:literal [$($said:literal),*] $advice:literal;)*) => {
        /// Why a render failed, by the provider's own text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FailCode {
            $($(#[$doc])* $code,)*
        }

        impl FailCode {
            /// Finds the code for a text of the provider; case does not matter, anything new is [`FailCode::Other`].
            pub fn of(text: &str) -> Self {
                let text = text.to_lowercase();
                let codes: &[(Self, &[&str])] = &[$((Self::$code, &[$($said),*]),)*];
                let found = codes.iter().find(|(_, said)| said.iter().any(|said| text.contains(said)));
                found.map_or(Self::Other, |(code, _)| *code)
            }

            /// The stable name of the code, as the API shows it.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$code => $slug,)* }
            }

            /// What the user should know and do.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$code => $advice,)* }
            }
        }
    };
}

// The name in the API, what the provider says (the first that fits is meant), and the advice.
fail_codes! {
    /// `Invalid API key`.
    KeyRefused "provider_key_refused" ["invalid api key", "missing api key", "unauthorized"]
        "The render service does not accept this deployment's key. The operator has been told; try again later.";
    /// `insufficient_credits`.
    InsufficientCredits "insufficient_credits" ["insufficient_credits", "insufficient credits", "not enough credits", "out of credits"]
        "The render service's account is out of credits. The operator has been told; try again later.";
    /// A feature that the account's plan does not hold.
    PlanLocked "provider_plan_locked" ["upgrade your plan", "plan does not", "not available on your plan"]
        "The render service's plan does not include what was asked for. Choose stock footage, standard quality or 1080p.";
    /// The request was not what the service expects: ours to repair.
    BadRequest "request_refused" ["workflow is required", "unknown workflow", "cannot read properties of undefined"]
        "The render service did not accept the request. This is a fault of ours and has been recorded.";
    /// `scrape failed`: a source page could not be read.
    SourceUnreadable "source_unreadable" ["scrape failed", "403 from source"]
        "A page that the video builds on could not be read. Put its text into the script instead.";
    /// `script too long`.
    ScriptTooLong "script_too_long" ["script too long"]
        "The script is too long for one video. Shorten it, approve it again and render the new version.";
    /// `voice unavailable`.
    VoiceUnavailable "voice_unavailable" ["voice unavailable"]
        "The chosen voice is not available. Choose another voice and render again.";
    /// `nsfw content detected`.
    ContentRefused "content_refused" ["nsfw"]
        "The render service refused the content as unsafe. Change the script and approve it again.";
    /// `media generation timed out`.
    MediaTimedOut "media_timed_out" ["media generation timed out"]
        "Making the pictures took too long. Render again with stock footage or standard quality.";
    /// `Invalid media file`.
    InvalidMedia "invalid_media" ["invalid media file"]
        "A media file could not be used. Check that its address is public and that it is a picture or a video.";
    /// Cancelled at the provider.
    CancelledThere "cancelled_at_provider" []
        "The render was cancelled at the render service.";
    /// A text that is new to us.
    Other "render_failed" []
        "The render service could not make this video. Render again; if it fails again, change the script.";
}

impl FailCode {
    /// Whether the cause is the deployment's, so that its operator must hear of it.
    pub const fn concerns_operator(self) -> bool {
        matches!(
            self,
            Self::KeyRefused | Self::InsufficientCredits | Self::PlanLocked | Self::BadRequest
        )
    }
}
