//! RevID's settings; a render keeps those of its submission.

use serde::{Deserialize, Serialize};

/// Settings; each may be set for all renders or for those whose request holds a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(super) api_key: Option<String>,
    pub(super) auth_error_status: u16,
    pub(super) dialect: String,
    pub(super) id_style: String,
    pub(super) polls_per_state: u32,
    pub(super) ready_after_seconds: i64,
    pub(super) ready_after_real_ms: Option<i64>,
    pub(super) outcome: String,
    pub(super) ready_without_url_polls: u32,
    pub(super) unknown_status: Option<String>,
    pub(super) not_found_polls: u32,
    pub(super) webhook: String,
    pub(super) webhook_tries: u32,
    pub(super) file: String,
    pub(super) file_bytes: u64,
    pub(super) file_life_seconds: Option<i64>,
    pub(super) duration_seconds: u32,
    pub(super) credits: u64,
    pub(super) estimate: Option<u64>,
    pub(super) estimate_dialect: String,
    pub(super) balance: Option<u64>,
    pub(super) insufficient: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: None,
            auth_error_status: 401,
            dialect: "observed".to_owned(),
            id_style: "plain".to_owned(),
            polls_per_state: 1,
            ready_after_seconds: 180,
            ready_after_real_ms: None,
            outcome: "ready".to_owned(),
            ready_without_url_polls: 0,
            unknown_status: None,
            not_found_polls: 0,
            webhook: "normal".to_owned(),
            webhook_tries: 1,
            file: "mp4".to_owned(),
            file_bytes: 1_500_000,
            file_life_seconds: None,
            duration_seconds: 38,
            credits: 10,
            estimate: None,
            estimate_dialect: "creditsEstimate".to_owned(),
            balance: None,
            insufficient: "402".to_owned(),
        }
    }
}
