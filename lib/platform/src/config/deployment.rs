//! This deployment: its Supabase project, its addresses, its limits, and who is told what happens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::origins::{self, OriginPattern};
use super::vars::{ConfigError, Vars};

/// Addresses and keys of the project.
#[derive(Debug)]
pub struct Supabase {
    /// `SUPABASE_URL`: project URL.
    pub url: Url,
    /// `SUPABASE_PUBLISHABLE_KEY` (`sb_publishable_…`) or the legacy `SUPABASE_ANON_KEY`.
    pub publishable_key: String,
    /// `SUPABASE_SECRET_KEY` (`sb_secret_…`) or the legacy `SUPABASE_SERVICE_ROLE_KEY`.
    pub secret_key: SecretString,
    /// `SUPABASE_JWT_ISSUER`: issuer of access tokens; by default `<SUPABASE_URL>/auth/v1`.
    pub jwt_issuer: String,
    /// `SUPABASE_JWT_SECRET`: only for projects that still sign with the legacy HS256 secret.
    pub jwt_secret: Option<SecretString>,
}

impl Supabase {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let url = vars.required_url("SUPABASE_URL", "the project's URL")?;
        Ok(Self {
            publishable_key: publishable_key(vars)?,
            secret_key: vars
                .either("SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY")?
                .into(),
            jwt_issuer: vars
                .text("SUPABASE_JWT_ISSUER")
                .unwrap_or_else(|| format!("{}/auth/v1", url.as_str().trim_end_matches('/'))),
            jwt_secret: vars.secret("SUPABASE_JWT_SECRET"),
            url,
        })
    }
}

/// The key that is handed to browsers.
fn publishable_key(vars: &Vars<'_>) -> Result<String, ConfigError> {
    let name = "SUPABASE_PUBLISHABLE_KEY";
    let key = vars.either(name, "SUPABASE_ANON_KEY")?;
    let claims = key.split('.').nth(1).and_then(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<serde_json::Value>(&bytes).ok()
    });
    if key.starts_with("sb_secret_") || claims.is_some_and(|c| c["role"] == "service_role") {
        return Err(ConfigError::new(
            name,
            "is a secret key, but browsers get it; give the public one",
        ));
    }
    Ok(key)
}

/// Where this deployment is, and how its dispatcher works.
#[derive(Debug)]
pub struct App {
    /// `APP_URL`: public address of this API, without a path.
    pub url: Url,
    /// `FRONTEND_URL`: the front end, whose page `/connected` ends Google's consent; our own pages do when it is not set.
    pub frontend_url: Option<Url>,
    /// `CORS_ORIGINS`: whose pages may call this API, besides those of `frontend_url`.
    pub cors_origins: Vec<OriginPattern>,
    /// `CRON_SECRET`: at least 16 characters; the dispatcher refuses every call when it is not set.
    pub cron_secret: Option<SecretString>,
    /// `ENABLE_API_MOCKING`: use the stand-ins at the addresses of `*_URL` instead of the real services.
    pub mocking: bool,
    /// `DISPATCH_BUDGET_SECONDS`: how long one dispatch works on after its answer; 70 by default, so that one
    /// is always awake while anything becomes due before the scheduler calls again, at most 280.
    pub dispatch_budget_seconds: u64,
    /// `PIPELINE_LEASE_SECONDS`: how long a claimed step is ours without a heartbeat; 30 by default, 2 to 300. A dead
    /// worker is noticed when it ends.
    pub lease_seconds: u64,
}

impl App {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let budget = vars.number("DISPATCH_BUDGET_SECONDS", 70)?;
        let lease = vars.number("PIPELINE_LEASE_SECONDS", 30)?;
        Ok(Self {
            url: vars.required_url("APP_URL", "the public address of this API")?,
            frontend_url: vars.url("FRONTEND_URL")?,
            cors_origins: origins::read(vars)?,
            cron_secret: cron_secret(vars)?,
            mocking: vars.mocking,
            dispatch_budget_seconds: budget.min(280).into(),
            lease_seconds: lease.clamp(2, 300).into(),
        })
    }
}

fn cron_secret(vars: &Vars<'_>) -> Result<Option<SecretString>, ConfigError> {
    let name = "CRON_SECRET";
    let secret = vars.secret(name);
    let length = secret.as_ref().map(|secret| secret.expose_secret().len());
    if length.is_some_and(|length| length < 16) {
        return Err(ConfigError::new(name, "is shorter than 16 characters"));
    }
    Ok(secret)
}

/// `UPLOAD_PIECE_BYTES` is a multiple of this, as YouTube asks.
const GRANULE: u32 = 262_144;

/// Limits of requests, renders and uploads.
#[derive(Debug)]
pub struct Limits {
    /// `ENABLE_RATE_LIMITING`: on unless `false`.
    pub rate_limiting: bool,
    /// `MAX_API_REQUESTS_PER_MINUTE`: per user; 100 by default.
    pub requests_per_minute: u32,
    /// `MAX_VIDEO_GENERATIONS_PER_USER`: renders per user and month; 50 by default.
    pub renders_per_month: u32,
    /// `UPLOAD_PIECE_BYTES`: size of the pieces in which videos are sent, a multiple of 262144; 8 MiB by default.
    pub upload_piece_bytes: u32,
}

impl Limits {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            rate_limiting: vars.flag("ENABLE_RATE_LIMITING", true)?,
            requests_per_minute: vars.number("MAX_API_REQUESTS_PER_MINUTE", 100)?.max(1),
            renders_per_month: vars.number("MAX_VIDEO_GENERATIONS_PER_USER", 50)?,
            upload_piece_bytes: piece_bytes(vars)?,
        })
    }
}

fn piece_bytes(vars: &Vars<'_>) -> Result<u32, ConfigError> {
    let name = "UPLOAD_PIECE_BYTES";
    let bytes = vars.number(name, 8 * 1024 * 1024)?;
    if bytes == 0 || bytes % GRANULE != 0 || bytes > 64 * 1024 * 1024 {
        return Err(ConfigError::new(
            name,
            "must be a multiple of 262144, at most 64 MiB",
        ));
    }
    Ok(bytes)
}

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
