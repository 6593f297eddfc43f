//! The body of an error answer.

use serde::Serialize;
use utoipa::ToSchema;

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
