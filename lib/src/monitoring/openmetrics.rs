//! The metrics as OpenMetrics text 1.0. What covers a window of 24 hours is a gauge, because it may go down.

use std::fmt::Write as _;

use super::metrics::{Measured, Metrics, Quota};

/// One family after the other.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Begins a family.
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {help}");
    }

    /// A sample; nothing when there is no value.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Into<Option<f64>>) {
        let Some(value) = value.into() else {
            return;
        };
        self.0.push_str(name);
        if !labels.is_empty() {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
                .collect();
            let _ = write!(self.0, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of one gauge without labels.
    fn gauge(&mut self, name: &str, unit: &str, help: &str, value: impl Into<Option<f64>>) {
        self.family(name, "gauge", unit, help);
        self.sample(name, &[], value);
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the format knows floats only, and these counts are far below 2^52"
)]
fn number(value: u64) -> f64 {
    value as f64
}

/// The whole document.
pub(super) fn text(metrics: &Metrics) -> String {
    let mut text = Text::default();
    application(&mut text, metrics);
    outside(&mut text, metrics);
    inside(&mut text, metrics);
    text.0.push_str("# EOF\n");
    text.0
}

fn application(text: &mut Text, metrics: &Metrics) {
    let application = &metrics.application;
    let name = "catalyst_requests";
    text.family(
        name,
        "gauge",
        "",
        "Requests of the last 24 hours by operation.",
    );
    for used in &application.operations {
        text.sample(
            name,
            &[("operation", &used.operation)],
            number(used.requests),
        );
    }
    let name = "catalyst_request_errors";
    text.family(
        name,
        "gauge",
        "",
        "Requests of the last 24 hours that were answered with 500 or more.",
    );
    for used in &application.operations {
        text.sample(name, &[("operation", &used.operation)], number(used.errors));
    }
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
        number(application.slow),
    );
    let name = "catalyst_request_duration_seconds";
    text.family(
        name,
        "gaugehistogram",
        "seconds",
        "Response times of the last 24 hours.",
    );
    let mut below = 0;
    for bucket in &application.response_time.histogram {
        below += bucket.requests;
        let bound = bucket
            .below_ms
            .map_or_else(|| "+Inf".to_owned(), |ms| (number(ms) / 1e3).to_string());
        text.sample(&format!("{name}_bucket"), &[("le", &bound)], number(below));
    }
    text.sample(&format!("{name}_gcount"), &[], number(below));
    let average = application.response_time.average.unwrap_or_default();
    text.sample(&format!("{name}_gsum"), &[], number(below) * average / 1e3);
    let name = "catalyst_uptime_ratio";
    text.family(
        name,
        "gauge",
        "ratio",
        "Measured share of minutes in which the deployment was well.",
    );
    let ratio = |measured: Option<Measured>| measured.map(|measured| measured.ratio);
    text.sample(
        name,
        &[("window", "24h")],
        ratio(application.uptime.last_24h),
    );
    text.sample(
        name,
        &[("window", "30d")],
        ratio(application.uptime.last_30d),
    );
}

fn outside(text: &mut Text, metrics: &Metrics) {
    let usage = &metrics.api_usage;
    for (name, help, value) in [
        (
            "catalyst_provider_calls",
            "Attempts of calls to outside services in the last 24 hours.",
            (|used| number(used.calls)) as fn(&super::metrics::ProviderUse) -> f64,
        ),
        (
            "catalyst_provider_errors",
            "Attempts of the last 24 hours that a service did not answer as it should.",
            |used| number(used.errors),
        ),
        (
            "catalyst_provider_throttled",
            "Attempts of the last 24 hours that a service asked to be made later.",
            |used| number(used.throttled),
        ),
    ] {
        text.family(name, "gauge", "", help);
        for (service, used) in &usage.providers {
            text.sample(name, &[("service", service)], value(used));
        }
    }
    for (name, help, value) in [
        (
            "catalyst_youtube_quota_left",
            "What is left of YouTube's quota of the day.",
            (|quota| number(quota.left)) as fn(&Quota) -> f64,
        ),
        (
            "catalyst_youtube_quota_capacity",
            "What YouTube's quota of a day holds.",
            |quota| number(quota.capacity),
        ),
    ] {
        text.family(name, "gauge", "", help);
        for quota in &usage.youtube_quota {
            text.sample(name, &[("bucket", &quota.bucket)], value(quota));
        }
    }
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
        number(usage.revid_credits_today),
    );
}

fn inside(text: &mut Text, metrics: &Metrics) {
    let (database, pipeline) = (&metrics.database, &metrics.pipeline);
    for (name, unit, help, value) in [
        (
            "catalyst_database_connections",
            "",
            "Connections of clients.",
            Some(number(database.connections)),
        ),
        (
            "catalyst_database_connections_max",
            "",
            "Connections that the database takes.",
            Some(number(database.connections_max)),
        ),
        (
            "catalyst_database_size_bytes",
            "bytes",
            "Size of the database.",
            Some(number(database.size_bytes)),
        ),
        (
            "catalyst_database_oldest_transaction_seconds",
            "seconds",
            "Age of the oldest open transaction.",
            Some(database.oldest_transaction_seconds.unwrap_or_default()),
        ),
        (
            "catalyst_users",
            "",
            "Users.",
            Some(number(metrics.user_activity.total)),
        ),
        (
            "catalyst_users_active",
            "",
            "Users who made a request in the last 24 hours.",
            Some(number(metrics.user_activity.active_24h)),
        ),
        (
            "catalyst_steps_dead",
            "",
            "Dead letters.",
            Some(number(pipeline.dead)),
        ),
        (
            "catalyst_steps_due",
            "",
            "Steps that are due and that nobody has claimed.",
            Some(number(pipeline.due)),
        ),
        (
            "catalyst_steps_oldest_due_seconds",
            "seconds",
            "For how long the work that is due longest has waited.",
            Some(pipeline.oldest_due_seconds.unwrap_or_default()),
        ),
        (
            "catalyst_backup_age_seconds",
            "seconds",
            "Age of the last verified backup; absent before the first one.",
            pipeline
                .last_verified_backup_at
                .map(|at| metrics.timestamp.duration_since(at).as_secs_f64()),
        ),
        (
            "catalyst_incidents_open",
            "",
            "Incidents that are not over.",
            Some(number(metrics.incidents.len() as u64)),
        ),
    ] {
        text.gauge(name, unit, help, value);
    }
    let name = "catalyst_queue_steps";
    text.family(name, "gauge", "", "Steps that wait or run, by queue.");
    for (queue, steps) in &pipeline.queues {
        text.sample(name, &[("queue", queue)], number(*steps));
    }
    let name = "catalyst_records_dropped";
    text.family(name, "counter", "", "Records that were lost.");
    text.sample(
        &format!("{name}_total"),
        &[],
        number(metrics.records_dropped),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_missing_values_left_out() {
        let mut text = Text::default();
        text.gauge("a", "", "Help.", None);
        text.sample("a", &[("x", "say \"no\"\\\n")], 1.5);
        assert_eq!(
            text.0,
            "# TYPE a gauge\n# HELP a Help.\na{x=\"say \\\"no\\\"\\\\\\n\"} 1.5\n"
        );
    }
}
