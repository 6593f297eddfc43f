//! Configuration: read once, before the first request. Every error names the variable and the cure.
//!
//! `.env.example` lists every variable; a missing secret is a start-up failure, never a silent default.

use std::sync::OnceLock;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::sealing::{KeyRing, SecretError};
use clients::gemini::{self, PriceList};
use clients::{google_oauth, revid};

/// A variable that is missing or malformed.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    /// Name of the environment variable.
    pub variable: &'static str,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Everything the functions need to know about where they run.
#[derive(Debug)]
pub struct Config {
    /// Supabase project.
    pub supabase: Supabase,
    /// This deployment.
    pub app: App,
    /// Google's OAuth client and YouTube.
    pub google: Option<google_oauth::Settings>,
    /// Gemini.
    pub gemini: Option<gemini::Settings>,
    /// RevID.
    pub revid: Option<revid::Settings>,
    /// Limits.
    pub limits: Limits,
    /// Where records of what happened go, beside the database.
    pub monitoring: Monitoring,
    /// `TOKEN_ENCRYPTION_KEYS`: `kid:base64` pairs of 32-byte keys, the first writes, all read.
    pub token_encryption_keys: Option<SecretString>,
}

/// The Supabase project behind this deployment.
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

/// This deployment.
#[derive(Debug)]
pub struct App {
    /// `APP_URL`: public address of this API, without a path.
    pub url: Url,
    /// `FRONTEND_URL`: where people are sent after Google's consent; a plain page answers when it is not set.
    pub frontend_url: Option<Url>,
    /// `CRON_SECRET`: at least 16 characters; the dispatcher refuses every call when it is not set.
    pub cron_secret: Option<SecretString>,
    /// `ENABLE_API_MOCKING`: use the stand-ins at the addresses of `*_URL` instead of the real services.
    pub mocking: bool,
    /// `DISPATCH_BUDGET_SECONDS`: how long one dispatch works on after its answer; 50 by default, at most 280.
    pub dispatch_budget_seconds: u64,
    /// `PIPELINE_LEASE_SECONDS`: how long a claimed step is ours without a heartbeat; 30 by default, 2 to 300. A dead
    /// worker is noticed when it ends.
    pub lease_seconds: u64,
}

/// Limits that hold for everyone whose plan says nothing else.
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

/// Where records of what happened go, beside the database.
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

/// The process's configuration.
///
/// # Errors
///
/// The first missing or malformed variable. The answer is the same for the whole life of the process.
pub fn get() -> Result<&'static Config, &'static ConfigError> {
    static CONFIG: OnceLock<Result<Config, ConfigError>> = OnceLock::new();
    CONFIG.get_or_init(Config::from_env).as_ref()
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// The first missing or malformed variable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads variables from `get`, which tests may replace.
    ///
    /// # Errors
    ///
    /// The first missing or malformed variable.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let vars = Vars { get };
        let mocking = vars.flag("ENABLE_API_MOCKING", false)?;
        let supabase_url = vars.url("SUPABASE_URL")?.ok_or(ConfigError {
            variable: "SUPABASE_URL",
            problem: "is not set; give the project's URL".into(),
        })?;
        let jwt_issuer = vars
            .text("SUPABASE_JWT_ISSUER")
            .unwrap_or_else(|| format!("{}/auth/v1", supabase_url.as_str().trim_end_matches('/')));
        Ok(Self {
            supabase: Supabase {
                publishable_key: vars.public_key()?,
                secret_key: vars
                    .either("SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY")?
                    .into(),
                jwt_issuer,
                jwt_secret: vars.secret("SUPABASE_JWT_SECRET"),
                url: supabase_url,
            },
            app: App {
                url: vars.url("APP_URL")?.ok_or(ConfigError {
                    variable: "APP_URL",
                    problem: "is not set; give the public address of this API".into(),
                })?,
                frontend_url: vars.url("FRONTEND_URL")?,
                cron_secret: vars.cron_secret()?,
                mocking,
                dispatch_budget_seconds: vars
                    .number("DISPATCH_BUDGET_SECONDS", 50)?
                    .min(280)
                    .into(),
                lease_seconds: vars
                    .number("PIPELINE_LEASE_SECONDS", 30)?
                    .clamp(2, 300)
                    .into(),
            },
            google: vars.google(mocking)?,
            gemini: match vars.secret("GEMINI_API_KEY") {
                None => None,
                Some(api_key) => Some(gemini::Settings {
                    api_key,
                    model: vars.text("GEMINI_MODEL"),
                    api_version: vars
                        .text("GEMINI_API_VERSION")
                        .unwrap_or_else(|| "v1beta".to_owned()),
                    send_store: vars.flag("GEMINI_SEND_STORE", true)?,
                    prices: vars.prices()?,
                    url: vars.service(
                        "GEMINI_URL",
                        "https://generativelanguage.googleapis.com",
                        mocking,
                    )?,
                }),
            },
            revid: match vars.secret("REVID_API_KEY") {
                None => None,
                Some(api_key) => Some(revid::Settings {
                    api_key,
                    url: vars.service("REVID_URL", "https://www.revid.ai", mocking)?,
                    credits_per_render: vars.number("RENDER_CREDITS_PER_VIDEO", 100)?,
                    credits_per_day: vars.number(
                        "RENDER_CREDITS_PER_DAY",
                        if mocking { 1_000_000 } else { 2000 },
                    )?,
                    file_hosts: vars
                        .text("RENDER_FILE_HOSTS")
                        .map(|hosts| {
                            hosts
                                .split(',')
                                .map(|host| host.trim().to_owned())
                                .collect()
                        })
                        .unwrap_or_default(),
                }),
            },
            limits: Limits {
                rate_limiting: vars.flag("ENABLE_RATE_LIMITING", true)?,
                requests_per_minute: vars.number("MAX_API_REQUESTS_PER_MINUTE", 100)?.max(1),
                renders_per_month: vars.number("MAX_VIDEO_GENERATIONS_PER_USER", 50)?,
                upload_piece_bytes: vars.piece_bytes()?,
            },
            monitoring: vars.monitoring()?,
            token_encryption_keys: vars.encryption_keys()?,
        })
    }
}

struct Vars<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
}

impl Vars<'_> {
    /// An empty variable is a variable that is not set.
    fn text(&self, name: &str) -> Option<String> {
        (self.get)(name)
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    fn either(&self, name: &'static str, legacy: &str) -> Result<String, ConfigError> {
        self.text(name)
            .or_else(|| self.text(legacy))
            .ok_or_else(|| ConfigError {
                variable: name,
                problem: format!(
                    "is not set, and neither is {legacy}; copy one from the project's API keys"
                ),
            })
    }

    /// The key that is handed to browsers.
    fn public_key(&self) -> Result<String, ConfigError> {
        let key = self.either("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY")?;
        let claims = key.split('.').nth(1).and_then(|part| {
            use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<serde_json::Value>(&bytes).ok()
        });
        if key.starts_with("sb_secret_") || claims.is_some_and(|c| c["role"] == "service_role") {
            return Err(ConfigError {
                variable: "SUPABASE_PUBLISHABLE_KEY",
                problem: "is a secret key, but browsers get it; give the public one".into(),
            });
        }
        Ok(key)
    }

    fn url(&self, name: &'static str) -> Result<Option<Url>, ConfigError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(url)),
            _ => Err(ConfigError {
                variable: name,
                problem: "is not an http or https URL".into(),
            }),
        }
    }

    /// The real address, or the stand-in's while mocking.
    fn service(&self, name: &'static str, real: &str, mocking: bool) -> Result<Url, ConfigError> {
        if !mocking {
            return Ok(Url::parse(real).expect("the built-in address parses"));
        }
        self.url(name)?.ok_or(ConfigError {
            variable: name,
            problem: "is not set although ENABLE_API_MOCKING=true; give the stand-in's address"
                .into(),
        })
    }

    fn google(&self, mocking: bool) -> Result<Option<google_oauth::Settings>, ConfigError> {
        let Some(client_id) = self.text("GOOGLE_CLIENT_ID") else {
            return Ok(None);
        };
        Ok(Some(google_oauth::Settings {
            client_id,
            client_secret: self.secret("GOOGLE_CLIENT_SECRET").ok_or(ConfigError {
                variable: "GOOGLE_CLIENT_SECRET",
                problem: "is not set although GOOGLE_CLIENT_ID is".into(),
            })?,
            accounts_url: self.service(
                "GOOGLE_ACCOUNTS_URL",
                "https://accounts.google.com",
                mocking,
            )?,
            oauth_url: self.service(
                "GOOGLE_OAUTH_URL",
                "https://oauth2.googleapis.com",
                mocking,
            )?,
            youtube_url: self.service("YOUTUBE_URL", "https://www.googleapis.com", mocking)?,
            analytics_url: self.service(
                "YOUTUBE_ANALYTICS_URL",
                "https://youtubeanalytics.googleapis.com",
                mocking,
            )?,
        }))
    }

    fn prices(&self) -> Result<PriceList, ConfigError> {
        let Some(text) = self.text("GEMINI_PRICES") else {
            return Ok(PriceList::default());
        };
        PriceList::parse(&text).map_err(|error| ConfigError {
            variable: "GEMINI_PRICES",
            problem: error.to_string(),
        })
    }

    fn flag(&self, name: &'static str, default: bool) -> Result<bool, ConfigError> {
        match self.text(name).as_deref() {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(ConfigError {
                variable: name,
                problem: "must be true or false".into(),
            }),
        }
    }

    fn number(&self, name: &'static str, default: u32) -> Result<u32, ConfigError> {
        self.text(name).map_or(Ok(default), |text| {
            text.parse().map_err(|_| ConfigError {
                variable: name,
                problem: "must be a whole number".into(),
            })
        })
    }

    fn monitoring(&self) -> Result<Monitoring, ConfigError> {
        Ok(Monitoring {
            endpoint: self.url("MONITORING_ENDPOINT")?,
            error_endpoint: self.url("ERROR_TRACKING_ENDPOINT")?,
            analytics: self.flag("ENABLE_ANALYTICS", true)?,
            error_tracking: self.flag("ENABLE_ERROR_TRACKING", true)?,
            traces: self.url("OTEL_EXPORTER_OTLP_ENDPOINT")?,
            trace_headers: self
                .text("OTEL_EXPORTER_OTLP_HEADERS")
                .unwrap_or_default()
                .split(',')
                .filter(|pair| !pair.trim().is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').ok_or(ConfigError {
                        variable: "OTEL_EXPORTER_OTLP_HEADERS",
                        problem: "must be name=value pairs with commas between them".into(),
                    })?;
                    Ok((name.trim().to_owned(), value.trim().to_owned().into()))
                })
                .collect::<Result<_, _>>()?,
            service_name: self
                .text("OTEL_SERVICE_NAME")
                .unwrap_or_else(|| "content-catalyst-engine".to_owned()),
        })
    }

    /// Keys that cannot be read would be found out only when a token is to be stored: that is too late.
    fn encryption_keys(&self) -> Result<Option<SecretString>, ConfigError> {
        let keys = self.secret("TOKEN_ENCRYPTION_KEYS");
        if let Some(keys) = &keys {
            KeyRing::parse(keys).map_err(|error| ConfigError {
                variable: "TOKEN_ENCRYPTION_KEYS",
                problem: match error {
                    SecretError::Keys(problem) => problem.to_owned(),
                    other => other.to_string(),
                },
            })?;
        }
        Ok(keys)
    }

    fn piece_bytes(&self) -> Result<u32, ConfigError> {
        const GRANULE: u32 = 262_144;
        let bytes = self.number("UPLOAD_PIECE_BYTES", 8 * 1024 * 1024)?;
        if bytes == 0 || bytes % GRANULE != 0 || bytes > 64 * 1024 * 1024 {
            return Err(ConfigError {
                variable: "UPLOAD_PIECE_BYTES",
                problem: "must be a multiple of 262144, at most 64 MiB".into(),
            });
        }
        Ok(bytes)
    }

    fn cron_secret(&self) -> Result<Option<SecretString>, ConfigError> {
        let secret = self.secret("CRON_SECRET");
        if secret
            .as_ref()
            .is_some_and(|s| s.expose_secret().len() < 16)
        {
            return Err(ConfigError {
                variable: "CRON_SECRET",
                problem: "is shorter than 16 characters".into(),
            });
        }
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimal(name: &str) -> Option<String> {
        match name {
            "SUPABASE_URL" => Some("http://127.0.0.1:54321".into()),
            "SUPABASE_ANON_KEY" => Some("anon".into()),
            "SUPABASE_SECRET_KEY" => Some("secret".into()),
            "APP_URL" => Some("http://127.0.0.1:3000".into()),
            _ => None,
        }
    }

    #[test]
    fn either_key_style_is_enough_and_the_issuer_follows_the_project() {
        let config = Config::read(&minimal).unwrap();
        assert_eq!(config.supabase.publishable_key, "anon");
        assert_eq!(config.supabase.jwt_issuer, "http://127.0.0.1:54321/auth/v1");
        assert!(config.google.is_none() && config.app.cron_secret.is_none());
        assert_eq!(config.limits.renders_per_month, 50);
    }

    #[test]
    fn a_stand_in_address_counts_only_while_mocking() {
        let with = |mocking: &'static str| {
            Config::read(&|name| match name {
                "REVID_API_KEY" => Some("k".into()),
                "REVID_URL" => Some("http://127.0.0.1:54334".into()),
                "ENABLE_API_MOCKING" => Some(mocking.into()),
                other => minimal(other),
            })
            .unwrap()
            .revid
            .unwrap()
            .url
        };
        assert_eq!(with("true").as_str(), "http://127.0.0.1:54334/");
        assert_eq!(with("false").as_str(), "https://www.revid.ai/");
    }

    #[test]
    fn each_error_names_its_variable() {
        for (name, value) in [
            ("SUPABASE_URL", "ftp://x"),
            ("CRON_SECRET", "short"),
            ("ENABLE_RATE_LIMITING", "yes"),
            ("MAX_API_REQUESTS_PER_MINUTE", "many"),
        ] {
            let error = Config::read(&|n| {
                if n == name {
                    Some(value.into())
                } else {
                    minimal(n)
                }
            })
            .unwrap_err();
            assert_eq!(error.variable, name);
        }
    }
}
