//! Which variables the functions get, and which of them previews get too.

use std::collections::BTreeMap;

use super::wanted::Wanted;
use crate::sha256::checksum;

/// The keys that tokens at rest are encrypted with.
pub(super) const TOKEN_KEYS: &str = "TOKEN_ENCRYPTION_KEYS";

/// What may be given in `.env` for the functions. Those of the local stack and of backups stay at home, and whatever a step makes
/// is not taken from there.
const GIVEN: &str = "\
FRONTEND_URL CORS_ORIGINS SUPABASE_JWT_ISSUER DISPATCH_BUDGET_SECONDS PIPELINE_LEASE_SECONDS LOG_LEVEL GOOGLE_CLIENT_ID \
GEMINI_MODEL GEMINI_API_VERSION GEMINI_SEND_STORE GEMINI_PRICES RENDER_CREDITS_PER_VIDEO RENDER_CREDITS_PER_DAY RENDER_FILE_HOSTS \
RENDER_VOICES ENABLE_RATE_LIMITING MAX_API_REQUESTS_PER_MINUTE MAX_VIDEO_GENERATIONS_PER_USER UPLOAD_PIECE_BYTES \
ENABLE_ANALYTICS ENABLE_ERROR_TRACKING OTEL_SERVICE_NAME";

/// Those of them that nobody may see again.
const GIVEN_SECRETS: &str = "\
GOOGLE_CLIENT_SECRET GEMINI_API_KEY REVID_API_KEY MONITORING_ENDPOINT ERROR_TRACKING_ENDPOINT OTEL_EXPORTER_OTLP_ENDPOINT \
OTEL_EXPORTER_OTLP_HEADERS";

/// A variable of the functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
    /// Vercel keeps it, and tells it to nobody again.
    pub(super) is_secret: bool,
    /// Previews have it as well: what their pages are built with. A preview may be anybody's code, so it gets no secret.
    pub(super) in_previews: bool,
}

impl Variable {
    fn new(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            is_secret: false,
            in_previews: false,
        }
    }

    fn secret(name: &str, value: impl Into<String>) -> Self {
        Self {
            is_secret: true,
            ..Self::new(name, value)
        }
    }

    fn in_previews(self) -> Self {
        Self {
            in_previews: true,
            ..self
        }
    }

    /// What tells two values apart without telling them: 48 bits of a hash of what cannot be guessed.
    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&self.value)
    }
}

pub(super) fn fingerprint(value: &str) -> String {
    checksum(value.as_bytes()).split_at(12).0.to_owned()
}

/// What the steps before made or found.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) supabase_url: String,
    pub(super) publishable_key: String,
    pub(super) secret_key: String,
    pub(super) app_url: String,
    pub(super) cron_secret: String,
    pub(super) token_keys: Option<String>,
}

/// Every variable that is wanted.
pub(super) fn wanted(wanted: &Wanted, made: &Made) -> Vec<Variable> {
    let mut all = vec![
        Variable::new("SUPABASE_URL", &made.supabase_url).in_previews(),
        Variable::new("SUPABASE_PUBLISHABLE_KEY", &made.publishable_key).in_previews(),
        Variable::new("APP_URL", &made.app_url),
        Variable::new("ENABLE_API_MOCKING", "false"),
        Variable::secret("SUPABASE_SECRET_KEY", &made.secret_key),
        Variable::secret("CRON_SECRET", &made.cron_secret),
    ];
    if let Some(keys) = &made.token_keys {
        all.push(Variable::secret(TOKEN_KEYS, keys));
    }
    let given = |names: &'static str| {
        let names = names.split_whitespace();
        names.filter_map(|name| Some((name, wanted.variables.get(name)?)))
    };
    all.extend(given(GIVEN).map(|(name, value)| Variable::new(name, value)));
    all.extend(given(GIVEN_SECRETS).map(|(name, value)| Variable::secret(name, value)));
    all
}

/// The variables as the doctor reads them.
pub(super) fn for_doctor(variables: &[Variable]) -> BTreeMap<String, String> {
    let pair = |variable: &Variable| (variable.name.clone(), variable.value.clone());
    variables.iter().map(pair).collect()
}
