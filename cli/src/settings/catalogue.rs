//! Every setting of a deployment, which docs/settings.md shows.

use super::{setting::Setting, value::Range};

const CALLS: Range = Range::up_to(100_000_000, "calls a day");
const UNITS: Range = Range::up_to(100_000_000, "units a day");
const CREDITS: Range = Range::up_to(100_000_000, "credits");
const MOST_MONEY: Range = Range::Money {
    most_dollars: 1_000_000,
};

/// The kinds of incident that may be muted.
const INCIDENTS: &[&str] = &[
    "error_rate",
    "work_late",
    "backup_late",
    "quota_low",
    "provider_down",
    "formats_unknown",
    "model_retired",
    "dead_letter",
    "api_down",
];

/// In the order in which they are listed.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    Setting { name: "derived_metrics_accepted_at", range: Range::Day,
        meaning: "The day on which YouTube's derived-metrics amendment was accepted for this project; scores stay hidden without it." },
    Setting { name: "quota_capacity.uploads", range: CALLS,
        meaning: "What Google grants of videos.insert." },
    Setting { name: "quota_capacity.search", range: CALLS,
        meaning: "What Google grants of search.list." },
    Setting { name: "quota_capacity.batch_get_stats", range: CALLS,
        meaning: "What Google grants of videos.batchGetStats." },
    Setting { name: "quota_capacity.units", range: UNITS,
        meaning: "What Google grants of everything else." },
    Setting { name: "quota_headroom.uploads", range: CALLS,
        meaning: "What of the uploads is kept for those that cannot wait." },
    Setting { name: "quota_headroom.search", range: CALLS,
        meaning: "The same of the searches." },
    Setting { name: "quota_headroom.batch_get_stats", range: CALLS,
        meaning: "The same of the statistics." },
    Setting { name: "quota_headroom.units", range: UNITS,
        meaning: "The same of everything else." },
    Setting { name: "generation_limits.user_month_micros", range: MOST_MONEY,
        meaning: "What one user may spend on generation in a month; a plan may say otherwise." },
    Setting { name: "generation_limits.deployment_month_micros", range: MOST_MONEY,
        meaning: "What all users together may." },
    Setting { name: "generation_limits.channel_day", range: Range::up_to(100_000, "generations"),
        meaning: "How often a channel may generate in a day; the plan of whoever asks may say otherwise." },
    Setting { name: "render_limits.renders_per_month", range: Range::up_to(1_000_000, "renders"),
        meaning: "Renders of one user in a month, instead of MAX_VIDEO_GENERATIONS_PER_USER; a plan may say otherwise." },
    Setting { name: "render_limits.credits_per_render", range: CREDITS,
        meaning: "The dearest render that is sent, instead of RENDER_CREDITS_PER_VIDEO." },
    Setting { name: "render_limits.credits_per_day", range: CREDITS,
        meaning: "What all renders of a day may cost, instead of RENDER_CREDITS_PER_DAY." },
    Setting { name: "render_user_share", range: Range::Share,
        meaning: "How much of a day's credits one user may hold; a plan may say otherwise." },
    Setting { name: "alerts.error_rate", range: Range::Share,
        meaning: "From which share of failed requests on the alert error-rate is raised." },
    Setting { name: "alerts.work_late_seconds", range: Range::Whole { least: 60, most: 86_400, unit: "seconds" },
        meaning: "After how long due work that nobody does raises work-late." },
    Setting { name: "alerts.quota_share", range: Range::Share,
        meaning: "From which share of a day's quota on quota-low is raised." },
    Setting { name: "alerts.muted", range: Range::AnyOf(INCIDENTS),
        meaning: "Kinds of alert that nobody is told of." },
    Setting { name: "app_url", range: Range::Address,
        meaning: "Where the scheduler finds the deployment: its APP_URL." },
    Setting { name: "cron_secret", range: Range::Secret(16),
        meaning: "What the scheduler shows the dispatcher: the deployment's CRON_SECRET." },
    Setting { name: "slack_webhook_url", range: Range::Secret(20),
        meaning: "The incoming webhook that alerts are sent to." },
];
