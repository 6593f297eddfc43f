//! YouTube's settings.

use serde::{Deserialize, Serialize};

/// Settings; each may be set for all accounts or for one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(super) quota_units: u64,
    pub(super) quota_uploads: u64,
    pub(super) quota_batch_stats: u64,
    pub(super) quota_search: u64,
    pub(super) own_quota: bool,
    pub(super) queries_per_minute: Option<u64>,
    pub(super) exhausted_units_status: u16,
    pub(super) failed_starts_are_charged: bool,
    pub(super) final_status: u16,
    pub(super) new_location_on_308: bool,
    pub(super) session_seconds: i64,
    pub(super) forget_completed_sessions: bool,
    pub(super) session_gone_status: u16,
    pub(super) misaligned_status: u16,
    pub(super) gap_status: u16,
    pub(super) visibility_delay_seconds: i64,
    pub(super) processing_polls: u32,
    pub(super) processing_seconds: i64,
    pub(super) processing_outcome: String,
    pub(super) unprocessed_duration: Option<String>,
    pub(super) channel_upload_limit: Option<u64>,
    pub(super) thumbnails: String,
    pub(super) long_uploads_status: String,
    pub(super) short_pages: bool,
    pub(super) refuse_large_pages: bool,
    pub(super) uploads_playlist_missing: bool,
    pub(super) omit_some_stats: bool,
    pub(super) file_details: bool,
    pub(super) slug_sets_file_name: bool,
    pub(super) publish_at_is_ignored: bool,
    pub(super) analytics_delay_days: i64,
    pub(super) reach_ctr_in_percent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            quota_units: 10_000,
            quota_uploads: 100,
            quota_batch_stats: 10_000,
            quota_search: 100,
            own_quota: false,
            queries_per_minute: None,
            exhausted_units_status: 403,
            failed_starts_are_charged: true,
            final_status: 201,
            new_location_on_308: false,
            session_seconds: 604_800,
            forget_completed_sessions: false,
            session_gone_status: 404,
            misaligned_status: 400,
            gap_status: 503,
            visibility_delay_seconds: 0,
            processing_polls: 2,
            processing_seconds: 600,
            processing_outcome: "succeeded".to_owned(),
            unprocessed_duration: None,
            channel_upload_limit: None,
            thumbnails: "allowed".to_owned(),
            long_uploads_status: "allowed".to_owned(),
            short_pages: false,
            refuse_large_pages: false,
            uploads_playlist_missing: false,
            omit_some_stats: false,
            file_details: true,
            slug_sets_file_name: true,
            publish_at_is_ignored: false,
            analytics_delay_days: 3,
            reach_ctr_in_percent: false,
        }
    }
}
