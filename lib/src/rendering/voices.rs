//! The voices that users are offered.

use serde::Deserialize;
use utoipa::IntoParams;

use clients::revid::Voice;
use platform::config::Config;
use platform::endpoint::{Page, PageSize, Problem, decode_cursor};

/// Which page of the voices.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct VoicesQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// What the deployment offers, in its order. The render service takes other voices too, by their id.
///
/// # Errors
///
/// A cursor that is none of this list.
pub fn voices(config: &Config, query: &VoicesQuery) -> Result<Page<Voice>, Problem> {
    let after: Option<String> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    let voices = config.revid.iter().flat_map(|revid| &revid.voices).cloned();
    let rest = voices.skip_while(|voice| after.as_ref().is_some_and(|after| *after != voice.id));
    let rest = rest.skip(usize::from(after.is_some()));
    Ok(Page::cut(rest.collect(), query.limit.0, |voice| {
        voice.id.clone()
    }))
}
