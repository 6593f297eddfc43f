//! Every kind of problem: its stable code, HTTP status, whether repeating may help, and its title. This table is the contract
//! that `docs/errors.md` and the OpenAPI document are made from.

use http::StatusCode;

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
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// Whether the same request may succeed later.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }

            /// What it means, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// The kind with this slug.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    AdminOnly "admin_only" FORBIDDEN false "This is for administrators";
    AgentNotAllowed "agent_not_allowed" FORBIDDEN false "The user has not allowed this program to do this";
    AgentRefused "agent_refused" FORBIDDEN false "Programs that act for a user may use /api/mcp only";
    AnswersMissing "answers_missing" UNPROCESSABLE_ENTITY false "A required answer for publishing is missing";
    ApprovalRequired "approval_required" CONFLICT false "The content has to be approved first";
    BannedTopic "banned_topic" UNPROCESSABLE_ENTITY false "The text touches a topic that this channel has banned";
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE false "The body is larger than this route accepts";
    BudgetExhausted "budget_exhausted" PAYMENT_REQUIRED false "The budget for this period is used up";
    ChannelDisconnected "channel_disconnected" CONFLICT false "The channel is not connected to YouTube";
    ChannelMismatch "channel_mismatch" CONFLICT false "Google's consent was given for another channel";
    ChannelTaken "channel_taken" CONFLICT false "The channel belongs to another account";
    ConfirmationInvalid "confirmation_invalid" CONFLICT false "The confirmation is not good for this call";
    ConsentFailed "consent_failed" BAD_REQUEST false "Google's consent did not succeed";
    ConsentRefused "consent_refused" FORBIDDEN false "Consent was refused at Google";
    DailyCapReached "daily_cap_reached" CONFLICT true "The program has used what it may use in a day";
    DatabaseUnavailable "database_unavailable" SERVICE_UNAVAILABLE true "The database does not answer";
    DeadlineExceeded "deadline_exceeded" GATEWAY_TIMEOUT true "The request took too long";
    DuplicateTitle "duplicate_title" CONFLICT false "The title was used a short while ago";
    DuplicateUpload "duplicate_upload" CONFLICT false "This video is scheduled already";
    FeatureUnavailable "feature_unavailable" FORBIDDEN false "The granted permissions do not allow this";
    GenerationBlocked "generation_blocked" UNPROCESSABLE_ENTITY false "The model declined to write this";
    GenerationFailed "generation_failed" BAD_GATEWAY true "The model gave no usable answer";
    GenerationLimitReached "generation_limit_reached" TOO_MANY_REQUESTS true "The channel has had its generations of the day";
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
    QuotaExhausted "quota_exhausted" TOO_MANY_REQUESTS true "YouTube's daily quota is used up";
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
    UploadDayFull "upload_day_full" CONFLICT false "The YouTube uploads of that day are all booked";
    UpstreamFailed "upstream_failed" BAD_GATEWAY true "An outside service gave no usable answer";
    UpstreamUnavailable "upstream_unavailable" SERVICE_UNAVAILABLE true "An outside service does not answer";
    VersionMismatch "version_mismatch" PRECONDITION_FAILED false "The object has changed since it was read";
}
