//! Renders, and what they cost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{render::Render, settings::Settings};
use crate::{knobs::Knobs, pattern::contains};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Revid {
    pub(super) renders: BTreeMap<String, Render>,
    /// The ids of the renders, oldest first.
    pub(super) order: Vec<String>,
    pub(super) knobs: Knobs,
    pub(super) serial: u64,
    pub(super) credits_charged: u64,
    pub(super) estimates: u64,
    pub(super) dangerous_calls: Vec<String>,
    pub(super) webhooks: Vec<Delivery>,
}

/// One webhook call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(super) pid: String,
    pub(super) attempt: u32,
    pub(super) status: Option<u16>,
    pub(super) at: Timestamp,
}

impl Revid {
    pub(super) fn settings(&self, body: &[u8]) -> Settings {
        self.knobs
            .read(|text| contains(body, text.as_bytes()))
            .unwrap_or_default()
    }

    /// The renders, oldest first.
    pub(super) fn in_order(&self) -> impl DoubleEndedIterator<Item = &Render> {
        self.order.iter().filter_map(|pid| self.renders.get(pid))
    }
}
