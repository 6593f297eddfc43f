//! The metrics as OpenMetrics text 1.0. What covers a window of 24 hours is a gauge, because it may go down.

use std::fmt::Write as _;

use super::response_time::{ResponseTime, float};
use super::view::{Measured, Metrics, ProviderUse, Quota};

/// Writes families of one gauge: `name unit help = value;`. With `by label` there is a sample for each value of the label:
/// `name help = (labelled, value) …;`.
macro_rules! gauges {
    ($text:ident by $label:literal: $($name:literal $help:literal = $samples:expr;)+) => {
        $($text.gauges($name, $help, $label, $samples);)+
    };
    ($text:ident: $($name:literal $unit:literal $help:literal = $value:expr;)+) => {
        $(
            $text.family($name, "gauge", $unit, $help);
            $text.sample($name, &[], $value);
        )+
    };
}

/// The whole document.
pub(super) fn text(metrics: &Metrics) -> String {
    let mut text = Text::default();
    application(&mut text, metrics);
    outside(&mut text, metrics);
    inside(&mut text, metrics);
    let name = "catalyst_records_dropped";
    text.family(name, "counter", "", "Records that were lost.");
    let total = float(metrics.records_dropped);
    text.sample(&format!("{name}_total"), &[], total);
    text.0 + "# EOF\n"
}

fn application(text: &mut Text, metrics: &Metrics) {
    let application = &metrics.application;
    let operations = || application.operations.iter();
    gauges! { text by "operation":
        "catalyst_requests" "Requests of the last 24 hours by operation."
            = operations().map(|used| (&used.operation, used.requests));
        "catalyst_request_errors" "Requests of the last 24 hours that were answered with 500 or more."
            = operations().map(|used| (&used.operation, used.errors));
    }
    gauges! { text:
        "catalyst_request_error_ratio" "" "Share of the requests of the last 24 hours that were answered with 500 or more."
            = application.error_rate;
        "catalyst_requests_slow" "" "Requests of the last 24 hours that took more than two seconds."
            = float(application.slow);
    }
    response_times(text, &application.response_time);
    let name = "catalyst_uptime_ratio";
    let help = "Measured share of minutes in which the deployment was well.";
    text.family(name, "gauge", "ratio", help);
    let ratio = |measured: Option<Measured>| measured.map(|measured| measured.ratio);
    let uptime = &application.uptime;
    text.sample(name, &[("window", "24h")], ratio(uptime.last_24h));
    text.sample(name, &[("window", "30d")], ratio(uptime.last_30d));
}

fn response_times(text: &mut Text, times: &ResponseTime) {
    let name = "catalyst_request_duration_seconds";
    let help = "Response times of the last 24 hours.";
    text.family(name, "gaugehistogram", "seconds", help);
    let mut below = 0;
    for bucket in &times.histogram {
        below += bucket.requests;
        let seconds = bucket.below_ms.map(|ms| (float(ms) / 1e3).to_string());
        let bound = seconds.as_deref().unwrap_or("+Inf");
        text.sample(&format!("{name}_bucket"), &[("le", bound)], float(below));
    }
    text.sample(&format!("{name}_gcount"), &[], float(below));
    let average = times.average.unwrap_or_default();
    text.sample(&format!("{name}_gsum"), &[], float(below) * average / 1e3);
}

/// The services outside: calls, quota and cost.
fn outside(text: &mut Text, metrics: &Metrics) {
    let usage = &metrics.api_usage;
    let providers = |value: fn(&ProviderUse) -> u64| {
        let providers = usage.providers.iter();
        providers.map(move |(service, used)| (service, value(used)))
    };
    gauges! { text by "service":
        "catalyst_provider_calls" "Attempts of calls to outside services in the last 24 hours."
            = providers(|used| used.calls);
        "catalyst_provider_errors" "Attempts of the last 24 hours that a service did not answer as it should."
            = providers(|used| used.errors);
        "catalyst_provider_throttled" "Attempts of the last 24 hours that a service asked to be made later."
            = providers(|used| used.throttled);
    }
    let quotas = |value: fn(&Quota) -> u64| {
        let quotas = usage.youtube_quota.iter();
        quotas.map(move |quota| (&quota.bucket, value(quota)))
    };
    gauges! { text by "bucket":
        "catalyst_youtube_quota_left" "What is left of YouTube's quota of the day." = quotas(|quota| quota.left);
        "catalyst_youtube_quota_capacity" "What YouTube's quota of a day holds." = quotas(|quota| quota.capacity);
    }
    gauges! { text:
        "catalyst_gemini_cost_dollars" "dollars" "Cost of generation in this month." = usage.gemini_cost_micros as f64 / 1e6;
        "catalyst_revid_credits" "credits" "Credits of the render service of today." = float(usage.revid_credits_today);
    }
}

/// What is ours: the database, its users and the work in steps.
fn inside(text: &mut Text, metrics: &Metrics) {
    let (database, users, pipeline) =
        (&metrics.database, &metrics.user_activity, &metrics.pipeline);
    let backup = pipeline.last_verified_backup_at;
    gauges! { text:
        "catalyst_database_connections" "" "Connections of clients." = float(database.connections);
        "catalyst_database_connections_max" "" "Connections that the database takes." = float(database.connections_max);
        "catalyst_database_size_bytes" "bytes" "Size of the database." = float(database.size_bytes);
        "catalyst_database_oldest_transaction_seconds" "seconds" "Age of the oldest open transaction."
            = database.oldest_transaction_seconds.unwrap_or_default();
        "catalyst_users" "" "Users." = float(users.total);
        "catalyst_users_active" "" "Users who made a request in the last 24 hours." = float(users.active_24h);
        "catalyst_steps_dead" "" "Dead letters." = float(pipeline.dead);
        "catalyst_steps_due" "" "Steps that are due and not claimed." = float(pipeline.due);
        "catalyst_steps_oldest_due_seconds" "seconds" "For how long the work that is due longest has waited."
            = pipeline.oldest_due_seconds.unwrap_or_default();
        "catalyst_backup_age_seconds" "seconds" "Age of the last verified backup; absent before the first one."
            = backup.map(|at| metrics.timestamp.duration_since(at).as_secs_f64());
        "catalyst_incidents_open" "" "Incidents that are not over." = float(metrics.incidents.len() as u64);
    }
    gauges! { text by "queue":
        "catalyst_queue_steps" "Steps that wait or run, by queue."
            = pipeline.queues.iter().map(|(queue, steps)| (queue, *steps));
    }
}

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
        let Some(value) = value.into() else { return };
        self.0.push_str(name);
        if !labels.is_empty() {
            let labels = labels.iter();
            let labels = labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
            let labels: Vec<_> = labels.collect();
            let _ = write!(self.0, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of gauges that one label tells apart.
    fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        samples: impl Iterator<Item = (&'a String, u64)>,
    ) {
        self.family(name, "gauge", "", help);
        for (labelled, value) in samples {
            self.sample(name, &[(label, labelled)], float(value));
        }
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests;
