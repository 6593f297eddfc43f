//! What was asked of the models and what it cost.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Knobs, contains, settings};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Gemini {
    pub(crate) knobs: Knobs,
    pub(crate) calls: u64,
    pub(crate) answered: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) candidates_tokens: u64,
    pub(crate) thoughts_tokens: u64,
    pub(crate) by_model: BTreeMap<String, u64>,
    pub(crate) violations: Vec<String>,
    #[serde(skip)]
    pub(crate) requests: VecDeque<Value>,
    pub(crate) serial: u64,
}

settings! {
    /// Settings; each may be set for all calls or for those whose body holds a text.
    Settings {
        api_key: Option<String> = None,
        models_page_size: usize = 50,
        chunk_chars: usize = 60,
        header_delay_ms: u64 = 0,
        chunk_delay_ms: u64 = 0,
        thoughts: Option<u64> = None,
        html_404: bool = true,
    }
}

impl Gemini {
    pub(crate) fn settings(&self, body: &[u8]) -> Settings {
        self.knobs
            .read(|text| contains(body, text.as_bytes()))
            .unwrap_or_default()
    }
}
