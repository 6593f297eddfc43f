//! YouTube's settings.

use crate::settings;

settings! {
    /// Settings; each may be set for all accounts or for one.
    Settings {
        quota_units: u64 = 10_000,
        quota_uploads: u64 = 100,
        quota_batch_stats: u64 = 10_000,
        quota_search: u64 = 100,
        own_quota: bool = false,
        queries_per_minute: Option<u64> = None,
        exhausted_units_status: u16 = 403,
        failed_starts_are_charged: bool = true,
        final_status: u16 = 201,
        new_location_on_308: bool = false,
        session_seconds: i64 = 604_800,
        forget_completed_sessions: bool = false,
        session_gone_status: u16 = 404,
        misaligned_status: u16 = 400,
        gap_status: u16 = 503,
        visibility_delay_seconds: i64 = 0,
        processing_polls: u32 = 2,
        processing_seconds: i64 = 600,
        processing_outcome: String = "succeeded".into(),
        unprocessed_duration: Option<String> = None,
        channel_upload_limit: Option<u64> = None,
        thumbnails: String = "allowed".into(),
        long_uploads_status: String = "allowed".into(),
        short_pages: bool = false,
        refuse_large_pages: bool = false,
        uploads_playlist_missing: bool = false,
        omit_some_stats: bool = false,
        file_details: bool = true,
        slug_sets_file_name: bool = true,
        publish_at_is_ignored: bool = false,
        analytics_delay_days: i64 = 3,
        reach_ctr_in_percent: bool = false,
    }
}
