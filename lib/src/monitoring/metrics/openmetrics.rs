//! The metrics as OpenMetrics text 1.0. What covers a window of 24 hours is a gauge, because it may go down.

use super::application::{Application, Measured};
use super::exposition::Text;
use super::percentile::float;
use super::usage::{ApiUsage, Database, ProviderUse, Quota};
use super::view::{Metrics, UserActivity};

/// The whole document.
pub(super) fn text(metrics: &Metrics) -> String {
    let mut text = Text::default();
    application(&mut text, metrics);
    providers(&mut text, &metrics.api_usage);
    quota_and_costs(&mut text, &metrics.api_usage);
    database(&mut text, &metrics.database);
    users(&mut text, &metrics.user_activity);
    pipeline(&mut text, metrics);
    text.end()
}

fn application(text: &mut Text, metrics: &Metrics) {
    let application = &metrics.application;
    let operations = &application.operations;
    text.gauges(
        "catalyst_requests",
        "Requests of the last 24 hours by operation.",
        "operation",
        operations
            .iter()
            .map(|used| (&used.operation, used.requests)),
    );
    text.gauges(
        "catalyst_request_errors",
        "Requests of the last 24 hours that were answered with 500 or more.",
        "operation",
        operations.iter().map(|used| (&used.operation, used.errors)),
    );
    text.gauge(
        "catalyst_request_error_ratio",
        "",
        "Share of the requests of the last 24 hours that were answered with 500 or more.",
        application.error_rate,
    );
    text.gauge(
        "catalyst_requests_slow",
        "",
        "Requests of the last 24 hours that took more than two seconds.",
        float(application.slow),
    );
    response_times(text, application);
    let name = "catalyst_uptime_ratio";
    let help = "Measured share of minutes in which the deployment was well.";
    text.family(name, "gauge", "ratio", help);
    let ratio = |measured: Option<Measured>| measured.map(|measured| measured.ratio);
    let uptime = &application.uptime;
    text.sample(name, &[("window", "24h")], ratio(uptime.last_24h));
    text.sample(name, &[("window", "30d")], ratio(uptime.last_30d));
}

fn response_times(text: &mut Text, application: &Application) {
    let name = "catalyst_request_duration_seconds";
    let help = "Response times of the last 24 hours.";
    text.family(name, "gaugehistogram", "seconds", help);
    let mut below = 0;
    for bucket in &application.response_time.histogram {
        below += bucket.requests;
        let bound = bucket
            .below_ms
            .map_or_else(|| "+Inf".to_owned(), |ms| (float(ms) / 1e3).to_string());
        text.sample(&format!("{name}_bucket"), &[("le", &bound)], float(below));
    }
    text.sample(&format!("{name}_gcount"), &[], float(below));
    let average = application.response_time.average.unwrap_or_default();
    text.sample(&format!("{name}_gsum"), &[], float(below) * average / 1e3);
}

fn providers(text: &mut Text, usage: &ApiUsage) {
    let providers = |value: fn(&ProviderUse) -> u64| {
        let providers = usage.providers.iter();
        providers.map(move |(service, used)| (service, value(used)))
    };
    text.gauges(
        "catalyst_provider_calls",
        "Attempts of calls to outside services in the last 24 hours.",
        "service",
        providers(|used| used.calls),
    );
    text.gauges(
        "catalyst_provider_errors",
        "Attempts of the last 24 hours that a service did not answer as it should.",
        "service",
        providers(|used| used.errors),
    );
    text.gauges(
        "catalyst_provider_throttled",
        "Attempts of the last 24 hours that a service asked to be made later.",
        "service",
        providers(|used| used.throttled),
    );
}

fn quota_and_costs(text: &mut Text, usage: &ApiUsage) {
    let quotas = |value: fn(&Quota) -> u64| {
        let quotas = usage.youtube_quota.iter();
        quotas.map(move |quota| (&quota.bucket, value(quota)))
    };
    text.gauges(
        "catalyst_youtube_quota_left",
        "What is left of YouTube's quota of the day.",
        "bucket",
        quotas(|quota| quota.left),
    );
    text.gauges(
        "catalyst_youtube_quota_capacity",
        "What YouTube's quota of a day holds.",
        "bucket",
        quotas(|quota| quota.capacity),
    );
    text.gauge(
        "catalyst_gemini_cost_dollars",
        "dollars",
        "Cost of generation in this month.",
        usage.gemini_cost_usd,
    );
    text.gauge(
        "catalyst_revid_credits",
        "credits",
        "Credits of the render service of today.",
        float(usage.revid_credits_today),
    );
}

fn database(text: &mut Text, database: &Database) {
    text.gauge(
        "catalyst_database_connections",
        "",
        "Connections of clients.",
        float(database.connections),
    );
    text.gauge(
        "catalyst_database_connections_max",
        "",
        "Connections that the database takes.",
        float(database.connections_max),
    );
    text.gauge(
        "catalyst_database_size_bytes",
        "bytes",
        "Size of the database.",
        float(database.size_bytes),
    );
    text.gauge(
        "catalyst_database_oldest_transaction_seconds",
        "seconds",
        "Age of the oldest open transaction.",
        database.oldest_transaction_seconds.unwrap_or_default(),
    );
}

fn users(text: &mut Text, users: &UserActivity) {
    text.gauge("catalyst_users", "", "Users.", float(users.total));
    text.gauge(
        "catalyst_users_active",
        "",
        "Users who made a request in the last 24 hours.",
        float(users.active_24h),
    );
}

fn pipeline(text: &mut Text, metrics: &Metrics) {
    let pipeline = &metrics.pipeline;
    text.gauge(
        "catalyst_steps_dead",
        "",
        "Dead letters.",
        float(pipeline.dead),
    );
    text.gauge(
        "catalyst_steps_due",
        "",
        "Steps that are due and not claimed.",
        float(pipeline.due),
    );
    text.gauge(
        "catalyst_steps_oldest_due_seconds",
        "seconds",
        "For how long the work that is due longest has waited.",
        pipeline.oldest_due_seconds.unwrap_or_default(),
    );
    text.gauge(
        "catalyst_backup_age_seconds",
        "seconds",
        "Age of the last verified backup; absent before the first one.",
        pipeline
            .last_verified_backup_at
            .map(|at| metrics.timestamp.duration_since(at).as_secs_f64()),
    );
    text.gauge(
        "catalyst_incidents_open",
        "",
        "Incidents that are not over.",
        float(metrics.incidents.len() as u64),
    );
    let queues = pipeline.queues.iter();
    text.gauges(
        "catalyst_queue_steps",
        "Steps that wait or run, by queue.",
        "queue",
        queues.map(|(queue, steps)| (queue, *steps)),
    );
    let name = "catalyst_records_dropped";
    text.family(name, "counter", "", "Records that were lost.");
    let total = float(metrics.records_dropped);
    text.sample(&format!("{name}_total"), &[], total);
}
