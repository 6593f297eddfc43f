//! What was asked of the models and what it cost.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{knobs::Knobs, pattern::contains};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Gemini {
    pub(super) knobs: Knobs,
    pub(super) calls: u64,
    pub(super) answered: u64,
    pub(super) prompt_tokens: u64,
    pub(super) candidates_tokens: u64,
    pub(super) thoughts_tokens: u64,
    pub(super) by_model: BTreeMap<String, u64>,
    pub(super) violations: Vec<String>,
    #[serde(skip)]
    pub(super) requests: VecDeque<Value>,
    pub(super) serial: u64,
}

/// Settings; each may be set for all calls or for those whose body holds a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    pub(super) api_key: Option<String>,
    pub(super) models_page_size: usize,
    pub(super) chunk_chars: usize,
    pub(super) header_delay_ms: u64,
    pub(super) chunk_delay_ms: u64,
    pub(super) thoughts: Option<u64>,
    pub(super) html_404: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: None,
            models_page_size: 50,
            chunk_chars: 60,
            header_delay_ms: 0,
            chunk_delay_ms: 0,
            thoughts: None,
            html_404: true,
        }
    }
}

impl Gemini {
    pub(super) fn settings(&self, body: &[u8]) -> Settings {
        self.knobs
            .read(|text| contains(body, text.as_bytes()))
            .unwrap_or_default()
    }
}
