//! How much of everything a deployment uses in a month of 30 days, from docs/scaling.md's assumptions and measurements.

use serde::Serialize;

/// What is given, and what is assumed of a channel and of a video.
#[derive(Clone, Copy, Debug, clap::Args, Serialize)]
pub(super) struct Load {
    /// Connected channels; each has one owner.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) channels: u32,
    /// Videos that are generated, rendered and published in a month, of all channels together.
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    pub(super) videos: u32,
    /// Videos that a channel has.
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(super) catalogue: u32,
    /// Requests that a channel's owner causes in a day.
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub(super) requests_per_day: u32,
    /// Credits that a render costs.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) credits_per_video: u32,
    /// Size of a rendered file in MB.
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(super) file_mb: u32,
    /// Months since the first day: counters and files add up.
    #[arg(long, default_value_t = 12, value_name = "N")]
    pub(super) months: u32,
}

const DAYS: f64 = 30.0;
/// The database asks the deployment for its health once a minute.
const PROBES: f64 = DAYS * 24.0 * 60.0;
/// A synchronisation and a scoring of each channel a day.
const STEPS_PER_CHANNEL_DAY: f64 = 2.0;
/// Claims of a render and an upload.
const STEPS_PER_VIDEO: f64 = 15.0;
/// How long a request, a probe and a step keep an instance, in seconds; a dispatch runs eight steps at a time.
const REQUEST_SECONDS: f64 = 0.05;
const STEP_SECONDS: f64 = 1.5 / 8.0;
/// What they compute meanwhile.
const REQUEST_CPU_SECONDS: f64 = 0.001;
const STEP_CPU_SECONDS: f64 = 0.010;
/// What the platform gives an instance.
const INSTANCE_GB: f64 = 2.0;
/// Bytes in the database, with indexes: an empty one; of a video; of a counter; of a record of a request, kept a week.
const EMPTY_BYTES: f64 = 50e6;
const VIDEO_BYTES: f64 = 480.0;
const COUNTER_BYTES: f64 = 250.0;
const RECORD_BYTES: f64 = 250.0;
/// What a request and a step read of the Data API.
const READ_BYTES: f64 = 10e3;
/// A video's ideas, script and metadata.
const TOKENS_IN: f64 = 8_000.0;
const TOKENS_OUT: f64 = 4_000.0;

/// What is used in the last of these months.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Usage {
    pub(super) million_calls: f64,
    pub(super) cpu_hours: f64,
    pub(super) memory_gb_hours: f64,
    pub(super) database_gb: f64,
    pub(super) storage_gb: f64,
    pub(super) egress_gb: f64,
    pub(super) active_users: f64,
    pub(super) million_tokens_in: f64,
    pub(super) million_tokens_out: f64,
    pub(super) credits: f64,
    pub(super) uploads_per_day: f64,
    pub(super) quota_units_per_day: f64,
}

impl Usage {
    /// What this load uses. Instances are counted as if each served one request at a time, and counters before
    /// `private.thin_snapshots` thins them: both are upper bounds.
    pub(super) fn of(load: &Load) -> Self {
        let (channels, videos) = (f64::from(load.channels), f64::from(load.videos));
        let (catalogue, months) = (f64::from(load.catalogue), f64::from(load.months));
        let requests = channels * f64::from(load.requests_per_day) * DAYS;
        let steps = channels * STEPS_PER_CHANNEL_DAY * DAYS + videos * STEPS_PER_VIDEO;
        // pg_cron starts one a minute while anything is due.
        let dispatches = PROBES.min(steps);
        let seconds = (requests + PROBES) * REQUEST_SECONDS + steps * STEP_SECONDS;
        let cpu_seconds = (requests + PROBES) * REQUEST_CPU_SECONDS + steps * STEP_CPU_SECONDS;
        let counters = channels * catalogue * DAYS * months;
        let database = EMPTY_BYTES
            + channels * catalogue * VIDEO_BYTES
            + counters * COUNTER_BYTES
            + requests / DAYS * 7.0 * RECORD_BYTES;
        let file_gb = f64::from(load.file_mb) / 1e3;
        Self {
            million_calls: (requests + PROBES + dispatches) / 1e6,
            cpu_hours: cpu_seconds / 3600.0,
            memory_gb_hours: seconds * INSTANCE_GB / 3600.0,
            database_gb: database / 1e9,
            storage_gb: videos * file_gb * months,
            // Each file leaves once, for YouTube.
            egress_gb: (requests + steps) * READ_BYTES / 1e9 + videos * file_gb,
            active_users: channels,
            million_tokens_in: videos * TOKENS_IN / 1e6,
            million_tokens_out: videos * TOKENS_OUT / 1e6,
            credits: videos * f64::from(load.credits_per_video),
            uploads_per_day: videos / DAYS,
            // Fifty videos a unit, daily and once more a week, and the channel itself.
            quota_units_per_day: channels * ((catalogue / 50.0).ceil() * (1.0 + 1.0 / 7.0) + 1.5),
        }
    }
}
