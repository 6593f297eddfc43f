//! Where records of what happened go, beside the database.

use secrecy::SecretString;
use url::Url;

use super::error::ConfigError;
use super::vars::Vars;

/// Receivers of events and traces.
#[derive(Debug)]
pub struct Monitoring {
    /// `MONITORING_ENDPOINT`: gets batches of `api_performance`, `performance_metric` and `user_activity`.
    pub endpoint: Option<Url>,
    /// `ERROR_TRACKING_ENDPOINT`: gets batches of `application_error`.
    pub error_endpoint: Option<Url>,
    /// `ENABLE_ANALYTICS`: whether `user_activity` is sent; on unless `false`.
    pub analytics: bool,
    /// `ENABLE_ERROR_TRACKING`: whether `application_error` is sent; on unless `false`.
    pub error_tracking: bool,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: gets traces, as OTLP over HTTP in JSON at `<endpoint>/v1/traces`.
    pub traces: Option<Url>,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: headers for it, `name=value,…`.
    pub trace_headers: Vec<(String, SecretString)>,
    /// `OTEL_SERVICE_NAME`: `content-catalyst-engine` unless set.
    pub service_name: String,
}

impl Monitoring {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: vars.url("MONITORING_ENDPOINT")?,
            error_endpoint: vars.url("ERROR_TRACKING_ENDPOINT")?,
            analytics: vars.flag("ENABLE_ANALYTICS", true)?,
            error_tracking: vars.flag("ENABLE_ERROR_TRACKING", true)?,
            traces: vars.url("OTEL_EXPORTER_OTLP_ENDPOINT")?,
            trace_headers: trace_headers(vars)?,
            service_name: vars
                .text("OTEL_SERVICE_NAME")
                .unwrap_or_else(|| "content-catalyst-engine".to_owned()),
        })
    }
}

fn trace_headers(vars: &Vars<'_>) -> Result<Vec<(String, SecretString)>, ConfigError> {
    let name = "OTEL_EXPORTER_OTLP_HEADERS";
    vars.text(name)
        .unwrap_or_default()
        .split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                ConfigError::new(name, "must be name=value pairs with commas between them")
            })?;
            Ok((name.trim().to_owned(), value.trim().to_owned().into()))
        })
        .collect()
}
