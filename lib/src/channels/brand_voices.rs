//! The brand voices that a channel has had.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::brand_voice::BrandVoice;
use super::channel;
use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem};
use platform::ids::ChannelId;

/// A brand voice as it was from a time on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BrandVoiceVersion {
    /// Its id.
    pub id: Uuid,
    /// Its number; `voice_version` of what was written under it.
    pub version: i32,
    /// The voice.
    pub voice: BrandVoice,
    /// Since when.
    pub created_at: Timestamp,
}

/// Which page of the voices.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct BrandVoicesQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// The voices of a channel, newest first.
///
/// # Errors
///
/// `not_found`; `invalid_query` for a cursor of another list.
pub async fn brand_voices(
    db: &Db,
    channel: ChannelId,
    query: &BrandVoicesQuery,
) -> Result<Page<BrandVoiceVersion>, Problem> {
    let rows = db
        .from("brand_voices")
        .select("id,version,voice,created_at");
    let rows = rows.eq("channel_id", channel);
    let cursor = query.cursor.as_deref();
    let rows = keyset::descending(rows, "created_at", cursor, query.limit)?;
    channel::get(db, channel).await?;
    let rows = rows.rows().await?;
    Ok(Page::cut(
        rows,
        query.limit.0,
        |voice: &BrandVoiceVersion| (voice.created_at, voice.id),
    ))
}
