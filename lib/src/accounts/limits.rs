//! What a user may use: the deployment's limits, or those of the user's plan.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use platform::config::Config;

/// What a user may use.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Limits {
    /// Requests a minute.
    pub requests_per_minute: u32,
    /// Renders a month.
    pub renders_per_month: u32,
}

impl Limits {
    pub(super) fn of(plan: &Value, config: &Config) -> Self {
        let limit = |name: &str, default: u32| {
            plan.get(name)
                .and_then(Value::as_u64)
                .and_then(|limit| limit.try_into().ok())
                .unwrap_or(default)
        };
        Self {
            requests_per_minute: limit("requests_per_minute", config.limits.requests_per_minute),
            renders_per_month: limit("renders_per_month", config.limits.renders_per_month),
        }
    }
}
