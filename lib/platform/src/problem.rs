//! The one error of the API: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! [`Kind`] is the contract: `docs/errors.md` and the OpenAPI document are made from it. `detail` is for the person who
//! called; `source` goes to the log and nowhere else.

use std::time::Duration;

use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! kinds {
    ($($variant:ident $code:literal $status:ident $retry:literal $title:literal;)*) => {
        /// Every problem the API can answer with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $title] $variant,)*
        }

        impl Kind {
            /// All kinds, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Stable slug, the `code` of the body.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// Whether the same request may succeed later.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }

            /// What it means, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// The kind with this slug.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    AdminOnly "admin_only" FORBIDDEN false "This is for administrators";
    AnswersMissing "answers_missing" UNPROCESSABLE_ENTITY false "A required answer for publishing is missing";
    ApprovalRequired "approval_required" CONFLICT false "The content has to be approved first";
    BannedTopic "banned_topic" UNPROCESSABLE_ENTITY false "The text touches a topic that this channel has banned";
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE false "The body is larger than this route accepts";
    BudgetExhausted "budget_exhausted" PAYMENT_REQUIRED false "The budget for this period is used up";
    ChannelDisconnected "channel_disconnected" CONFLICT false "The channel is not connected to YouTube";
    ChannelMismatch "channel_mismatch" CONFLICT false "Google's consent was given for another channel";
    ChannelTaken "channel_taken" CONFLICT false "The channel belongs to another account";
    ConsentFailed "consent_failed" BAD_REQUEST false "Google's consent did not succeed";
    ConsentRefused "consent_refused" FORBIDDEN false "Consent was refused at Google";
    DatabaseUnavailable "database_unavailable" SERVICE_UNAVAILABLE true "The database does not answer";
    DeadlineExceeded "deadline_exceeded" GATEWAY_TIMEOUT true "The request took too long";
    DuplicateTitle "duplicate_title" CONFLICT false "The title was used a short while ago";
    DuplicateUpload "duplicate_upload" CONFLICT false "This video is scheduled already";
    FeatureUnavailable "feature_unavailable" FORBIDDEN false "The granted permissions do not allow this";
    GenerationBlocked "generation_blocked" UNPROCESSABLE_ENTITY false "The model declined to write this";
    GenerationFailed "generation_failed" BAD_GATEWAY true "The model gave no usable answer";
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY false "The Idempotency-Key was used with another request";
    Internal "internal" INTERNAL_SERVER_ERROR true "Something went wrong on our side";
    InvalidBody "invalid_body" UNPROCESSABLE_ENTITY false "A field of the body is not acceptable";
    InvalidHeader "invalid_header" BAD_REQUEST false "A header is not acceptable";
    InvalidId "invalid_id" BAD_REQUEST false "The id in the path is malformed";
    InvalidJson "invalid_json" BAD_REQUEST false "The body is not JSON";
    InvalidQuery "invalid_query" BAD_REQUEST false "A query parameter is not acceptable";
    InvalidState "invalid_state" CONFLICT false "The object's state does not allow this";
    LimitReached "limit_reached" CONFLICT false "There are as many of these as there may be";
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED false "The route does not know this method";
    NoChannel "no_channel" UNPROCESSABLE_ENTITY false "The Google account has no YouTube channel";
    NotConfigured "not_configured" SERVICE_UNAVAILABLE false "This deployment is not set up for this";
    NotFound "not_found" NOT_FOUND false "There is no such object";
    PublishTimePast "publish_time_past" UNPROCESSABLE_ENTITY false "The publish time lies in the past";
    QuotaExhausted "quota_exhausted" TOO_MANY_REQUESTS true "A daily quota is used up";
    RateLimited "rate_limited" TOO_MANY_REQUESTS true "Too many requests";
    RenderInProgress "render_in_progress" CONFLICT false "This script is being rendered already";
    RenderTooCostly "render_too_costly" UNPROCESSABLE_ENTITY false "The render would cost more than one video may";
    RequestInProgress "request_in_progress" CONFLICT true "The same request is still running";
    RoleTooLow "role_too_low" FORBIDDEN false "Your role on the channel does not allow this";
    SlotTaken "slot_taken" CONFLICT false "Another video is too close to this time";
    StaleFence "stale_fence" CONFLICT false "The work was taken over";
    StateExpired "state_expired" BAD_REQUEST false "The consent was started too long ago or used already";
    TokenExpired "token_expired" UNAUTHORIZED false "The access token has expired";
    TokenInvalid "token_invalid" UNAUTHORIZED false "The access token is not valid";
    TokenMissing "token_missing" UNAUTHORIZED false "An access token is required";
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE false "The body must be application/json";
    UpstreamFailed "upstream_failed" BAD_GATEWAY true "An outside service gave no usable answer";
    UpstreamUnavailable "upstream_unavailable" SERVICE_UNAVAILABLE true "An outside service does not answer";
    VersionMismatch "version_mismatch" PRECONDITION_FAILED false "The object has changed since it was read";
}

/// A problem on its way to the client.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    instance: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// One field that is not acceptable.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// The rule, and what would be right.
    pub message: String,
}

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of the kind's description.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// What it means, in a few words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Stable slug to branch on.
    pub code: &'static str,
    /// What happened and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The object that shows what came of the request, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The fields that are not acceptable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Id of the request, to be named when asking for help.
    pub request_id: String,
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            instance: None,
            retry_after: None,
            source: None,
        }
    }

    /// The one answer for a foreign object and an absent one.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound).detail("No such object.")
    }

    /// An internal problem; the cause goes to the log only.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal).source(source)
    }

    /// Says what happened and what would be right. Never upstream or SQL text.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names a field and its rule.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            pointer: pointer.into(),
            message: message.into(),
        });
        self
    }

    /// Names the object that shows what came of the request, by its path.
    #[must_use]
    pub fn instance(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// When to try again, at the earliest.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The cause, for the log.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Seconds for `Retry-After`, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|d| d.as_secs() + u64::from(d.subsec_nanos() > 0))
    }

    /// The cause and its causes, for the log.
    #[must_use]
    pub fn source_text(&self) -> Option<String> {
        let mut error: &dyn std::error::Error = self.source.as_deref()?;
        let mut text = error.to_string();
        while let Some(source) = error.source() {
            text.push_str(": ");
            text.push_str(&source.to_string());
            error = source;
        }
        Some(text)
    }

    /// The body to send.
    #[must_use]
    pub fn into_body(self, request_id: &str) -> ProblemBody {
        ProblemBody {
            type_uri: format!("/docs/errors#{}", self.kind.code()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            code: self.kind.code(),
            detail: self.detail,
            instance: self.instance,
            errors: self.errors,
            retryable: self.kind.retryable(),
            request_id: request_id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_sorted_and_found_again() {
        let codes: Vec<_> = Kind::ALL.iter().map(|k| k.code()).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        assert!(codes.is_sorted());
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        }
    }

    #[test]
    fn the_source_never_reaches_the_body() {
        let problem = Problem::internal(std::io::Error::other("password=hunter"));
        assert!(problem.source_text().unwrap().contains("hunter"));
        let body = serde_json::to_string(&problem.into_body("r1")).unwrap();
        assert!(!body.contains("hunter") && body.contains("\"code\":\"internal\""));
    }
}
