//! What a front end has to know before anybody has signed in.

use http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;

use platform::config::Config;
use platform::endpoint::Reply;

/// What may be known to anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicConfig {
    /// Address of the Supabase project.
    pub supabase_url: String,
    /// Its public key: `sb_publishable_…`, or the legacy `anon` key.
    pub supabase_publishable_key: String,
    /// Version of the deployment.
    pub version: &'static str,
}

/// What a front end needs to sign people in. It changes with deployments only.
#[must_use]
pub fn public_config(config: &Config) -> Reply<PublicConfig> {
    Reply::ok(PublicConfig {
        supabase_url: config
            .supabase
            .url
            .as_str()
            .trim_end_matches('/')
            .to_owned(),
        supabase_publishable_key: config.supabase.publishable_key.clone(),
        version: env!("CARGO_PKG_VERSION"),
    })
    .header(CACHE_CONTROL, "public, max-age=300")
}
