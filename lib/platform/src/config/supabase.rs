//! The Supabase project behind this deployment.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use url::Url;

use super::error::ConfigError;
use super::vars::Vars;

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
