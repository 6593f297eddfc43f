//! What operators look at: health, metrics, dead letters; and what a front end has to know first.

pub mod dead_letters;
pub mod health;
pub mod metrics;
mod openmetrics;

use http::header::CACHE_CONTROL;

use crate::routes::service::PublicConfig;
use platform::config::Config;
use platform::endpoint::Reply;

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
