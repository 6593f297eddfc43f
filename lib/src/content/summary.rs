//! Generated content as lists show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::billing::CostBasis;
use super::failure::Failure;
use super::request::ContentKind;
use super::row::{Origin, State};
use clients::gemini::Micros;
use platform::ids::{ChannelId, ContentId};

/// The columns that are read.
pub(super) const COLUMNS: &str = "id,channel_id,kind,root_id,parent_id,revision,origin,part,state,title,failure,source_id,\
source_item,content_hash,selected,cost_micros,cost_basis,rating,decided_at,started_at,finished_at,version,created_at";

/// One revision of a piece of content, without its text: `GET /api/content/{id}` has all of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContentSummary {
    /// Its id.
    pub id: ContentId,
    /// Whose it is.
    pub channel_id: ChannelId,
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
    /// SHA-256 of the output: name it when you approve.
    pub content_hash: Option<String>,
    /// The approved item of a list.
    pub selected: Option<i32>,
    /// What it cost, in millionths of a US dollar.
    #[schema(value_type = i64)]
    pub cost_micros: Micros,
    /// How that is known.
    pub cost_basis: CostBasis,
    /// 1 to 5.
    pub rating: Option<i16>,
    /// When it was approved or rejected.
    pub decided_at: Option<Timestamp>,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// Counts changes of rating and decision; what the `ETag` names.
    pub version: i64,
    /// When the row was made.
    pub created_at: Timestamp,
}
