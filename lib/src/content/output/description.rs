//! Descriptions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::chapters::Chapter;

/// Description with chapters, and tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The whole text as it is published, chapters and links included; at most 5,000 bytes.
    pub description: String,
    /// The chapters that YouTube will find in the text; what is sent is ignored.
    #[serde(default)]
    pub chapters: Vec<Chapter>,
    /// At most 463 characters together, counting commas and quotation marks: what YouTube allows less our marker.
    pub tags: Vec<String>,
}
