//! Generated content as the API shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    billing::CostBasis, brief::Brief, failure::Failure, inspiration::Inspiration, output::Output,
    request::ContentKind, warning::Warning,
};
use clients::gemini::Micros;
use platform::ids::{ChannelId, ContentId};

/// The columns that are read.
pub(super) const COLUMNS: &str = "id,channel_id,created_by,kind,root_id,parent_id,revision,origin,part,state,title,failure,\
source_id,source_item,brief,output,content_hash,selected,warnings,inspired_by,voice_version,prompt_version,seed,\
model_asked,model_answered,usage,cost_micros,cost_basis,price_version,rating,rating_reason,approved_hash,decided_by,\
decided_at,decision_reason,started_at,finished_at,version,created_at";

/// One revision of a piece of content.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Content {
    /// Its id.
    pub id: ContentId,
    /// Whose it is.
    pub channel_id: ChannelId,
    /// Who had it made; null when that account is gone.
    pub created_by: Option<Uuid>,
    /// What it is.
    pub kind: ContentKind,
    /// First revision of the same piece.
    pub root_id: Uuid,
    /// The revision it was edited or regenerated from.
    pub parent_id: Option<Uuid>,
    /// Number among the revisions of the piece.
    pub revision: i32,
    /// How it came to be.
    pub origin: Origin,
    /// The part that was written anew when not all of it was.
    pub part: Option<String>,
    /// How far it is.
    pub state: State,
    /// Its title; of ideas and titles that of the approved item, else of the first. A description has none.
    pub title: Option<String>,
    /// Why there is no output.
    pub failure: Option<Failure>,
    /// What it builds on.
    pub source_id: Option<Uuid>,
    /// Which item of that.
    pub source_item: Option<i32>,
    /// What was asked for.
    #[schema(value_type = Brief)]
    pub brief: Value,
    /// The text, in the form of its kind.
    #[schema(value_type = Option<Output>)]
    pub output: Option<Value>,
    /// SHA-256 of the output: name it when you approve.
    pub content_hash: Option<String>,
    /// The approved item of a list.
    pub selected: Option<i32>,
    /// What is worth a second look; it stops nothing.
    #[schema(value_type = Vec<Warning>)]
    pub warnings: Vec<Value>,
    /// The channel's own videos that the model was shown, with their scores then.
    pub inspired_by: Vec<Inspiration>,
    /// Version of the brand voice.
    pub voice_version: i32,
    /// Version of the prompt.
    pub prompt_version: String,
    /// Seed of the model.
    pub seed: i32,
    /// The model that was asked.
    pub model_asked: String,
    /// The model that answered.
    pub model_answered: Option<String>,
    /// Calls and tokens.
    pub usage: TokenUsage,
    /// What it cost, in millionths of a US dollar.
    #[schema(value_type = i64)]
    pub cost_micros: Micros,
    /// How that is known.
    pub cost_basis: CostBasis,
    /// Version of the price list it was computed with.
    pub price_version: String,
    /// 1 to 5.
    pub rating: Option<i16>,
    /// Why.
    pub rating_reason: Option<String>,
    /// The hash that was approved.
    pub approved_hash: Option<String>,
    /// Who approved or rejected it.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why it was rejected.
    pub decision_reason: Option<String>,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// Counts changes of rating and decision; what the `ETag` names.
    pub version: i64,
    /// When the row was made.
    pub created_at: Timestamp,
}

/// How a revision came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Written by the model.
    Generated,
    /// Written by the model once more.
    Regenerated,
    /// Edited by a person.
    Edited,
}

/// The state of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ContentState)]
pub enum State {
    /// Being written.
    Generating,
    /// There to be read.
    Draft,
    /// Approved: these words and no others.
    Approved,
    /// Rejected, with a reason.
    Rejected,
    /// Was approved; an edit or another revision took its place.
    Superseded,
    /// There is no output.
    Failed,
    /// Taken out of the lists.
    Archived,
}

display_as_serialized!(State);

/// Calls and tokens of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TokenUsage {
    /// Calls to the model.
    pub calls: u32,
    /// Input, cached input included.
    pub input_tokens: u64,
    /// Input from the cache.
    pub cached_tokens: u64,
    /// Visible output.
    pub output_tokens: u64,
    /// Thinking, billed as output.
    pub thinking_tokens: u64,
}

/// A revision with the other revisions of its piece.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContentDetail {
    /// The revision.
    #[serde(flatten)]
    pub content: Content,
    /// All revisions of the piece, the newest first.
    pub revisions: Vec<Revision>,
}

/// One revision among others.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Revision {
    /// Its id.
    pub id: ContentId,
    /// Its number.
    pub revision: i32,
    /// How it came to be.
    pub origin: Origin,
    /// How far it is.
    pub state: State,
    /// The revision it came from.
    pub parent_id: Option<Uuid>,
    /// SHA-256 of its output.
    pub content_hash: Option<String>,
    /// Its rating.
    pub rating: Option<i16>,
    /// When the row was made.
    pub created_at: Timestamp,
}

impl Content {
    /// The output in its form; null while there is none.
    pub(super) fn typed(&self) -> Option<Output> {
        Output::read(self.kind, self.output.clone()?).ok()
    }
}
