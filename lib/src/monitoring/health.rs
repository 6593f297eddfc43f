//! How the service is. One call to the database at most every five seconds, whatever the number of probes; an outside
//! service is never called for it: its status comes from the last real calls, which every instance records.

use std::time::{Duration, Instant};

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::health_report::{
    ExternalApis, Health, HealthStatus, ServiceHealth, ServiceStatus, Services, System, Work,
};
use platform::clock;
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::endpoint::Reply;
use platform::uptime;

/// How long an answer is given again.
const KEPT_FOR: Duration = Duration::from_secs(5);
/// How long the database may take. With [`KEPT_FOR`] this keeps an answer younger than ten seconds.
const TIMEOUT: Duration = Duration::from_secs(3);
/// A step that is overdue for longer means that nothing dispatches.
const LATE_SECONDS: f64 = 180.0;
/// Failures in a row after which a service counts as down rather than degraded.
const DOWN_AFTER: u64 = 3;
/// The status of a service that was not called for longer is unknown.
const UNKNOWN_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// A daily backup may be this old.
const BACKUP_LATE_AFTER: SignedDuration = SignedDuration::from_hours(26);

/// Answer of `health`.
#[derive(Debug, Deserialize)]
struct Facts {
    oldest_due_seconds: Option<f64>,
    last_dispatch_at: Option<Timestamp>,
    last_verified_backup_at: Option<Timestamp>,
    now: Timestamp,
    providers: Vec<Provider>,
}

/// How the last calls of one service went.
#[derive(Clone, Debug, Deserialize)]
struct Provider {
    service: String,
    last_call_at: Timestamp,
    duration_ms: u64,
    failures: u64,
    error: Option<String>,
}

/// The answer of this instance, at most five seconds old.
pub async fn health(config: &Config, engine: &Db) -> Reply<Health> {
    static LAST: Mutex<Option<(Instant, Health)>> = Mutex::const_new(None);
    // Whoever comes while the database is asked waits for that answer instead of asking too.
    let mut last = LAST.lock().await;
    let health = match &*last {
        Some((found, health)) if found.elapsed() < KEPT_FOR => health.clone(),
        _ => {
            let health = check(config, engine).await;
            *last = Some((Instant::now(), health.clone()));
            health
        }
    };
    drop(last);
    let status = match health.status {
        HealthStatus::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
        HealthStatus::Healthy | HealthStatus::Degraded => StatusCode::OK,
    };
    let system = system();
    Reply::ok(Health { system, ..health }).status(status)
}

async fn check(config: &Config, engine: &Db) -> Health {
    let asked = Instant::now();
    let nothing = json!({});
    let call = engine.call::<_, Facts>("health", &nothing);
    let answer = tokio::time::timeout(TIMEOUT, call).await;
    let response_time = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (facts, fault) = match answer {
        Ok(Ok(facts)) => (Some(facts), None),
        Ok(Err(error)) => {
            tracing::error!(error = %error, source = ?std::error::Error::source(&error), "the database gives no answer");
            let slug = match error {
                DbError::Unavailable(_) => "unavailable",
                _ => "unexpected_answer",
            };
            (None, Some(slug))
        }
        Err(_) => {
            tracing::error!("the database does not answer in time");
            (None, Some("timeout"))
        }
    };
    let down = fault.map(|_| ServiceStatus::Unhealthy);
    let database = ServiceHealth {
        status: down.unwrap_or(ServiceStatus::Healthy),
        response_time: Some(response_time),
        last_checked: Some(clock::now()),
        error: fault,
    };
    assess(config, database, facts.as_ref())
}

fn assess(config: &Config, database: ServiceHealth, facts: Option<&Facts>) -> Health {
    let one = |configured: bool, names: &[&str]| match facts {
        _ if !configured => ServiceHealth::nothing(ServiceStatus::NotConfigured),
        None => ServiceHealth::nothing(ServiceStatus::Unknown),
        Some(facts) => service(facts, names),
    };
    let external_apis = ExternalApis {
        // Nothing can be asked of YouTube without the tokens that Google gives.
        youtube: one(config.google.is_some(), &["youtube", "google_oauth"]),
        gemini: one(config.gemini.is_some(), &["gemini"]),
        revid: one(config.revid.is_some(), &["revid"]),
    };
    let ExternalApis {
        youtube,
        gemini,
        revid,
    } = &external_apis;
    let outside = [youtube, gemini, revid];
    let degraded = outside
        .iter()
        .any(|service| service.status >= ServiceStatus::Degraded);
    let late = facts.is_some_and(|facts| {
        let backup_late = facts
            .last_verified_backup_at
            .is_some_and(|at| facts.now.duration_since(at) > BACKUP_LATE_AFTER);
        facts.oldest_due_seconds.is_some_and(|s| s > LATE_SECONDS) || backup_late
    });
    Health {
        status: if database.status == ServiceStatus::Unhealthy {
            HealthStatus::Unhealthy
        } else if degraded || late {
            HealthStatus::Degraded
        } else {
            HealthStatus::Healthy
        },
        timestamp: clock::now(),
        version: env!("CARGO_PKG_VERSION"),
        services: Services {
            database,
            external_apis,
        },
        system: system(),
        work: Work {
            oldest_due_seconds: facts.and_then(|facts| facts.oldest_due_seconds),
            last_dispatch_at: facts.and_then(|facts| facts.last_dispatch_at),
            last_verified_backup_at: facts.and_then(|facts| facts.last_verified_backup_at),
        },
    }
}

/// The worst of what goes by these names.
fn service(facts: &Facts, names: &[&str]) -> ServiceHealth {
    facts
        .providers
        .iter()
        .filter(|provider| names.contains(&provider.service.as_str()))
        .map(|provider| {
            let status = match provider.failures {
                _ if facts.now.duration_since(provider.last_call_at) > UNKNOWN_AFTER => {
                    ServiceStatus::Unknown
                }
                0 => ServiceStatus::Healthy,
                failures if failures < DOWN_AFTER => ServiceStatus::Degraded,
                _ => ServiceStatus::Unhealthy,
            };
            ServiceHealth {
                status,
                response_time: Some(provider.duration_ms),
                last_checked: Some(provider.last_call_at),
                error: provider.error.as_deref().map(|error| match error {
                    "timeout" => "timeout",
                    "not_sent" | "reset" => "unavailable",
                    "refused" => "refused",
                    _ => "unexpected_answer",
                }),
            }
        })
        .max_by_key(|service| service.status)
        .unwrap_or_else(|| ServiceHealth::nothing(ServiceStatus::Unknown))
}

fn system() -> System {
    System {
        memory_usage: resident_megabytes(),
        uptime: uptime::started().elapsed().as_secs(),
    }
}

/// What the kernel says this process holds in memory; nothing where it does not say so.
fn resident_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kilobytes * 1024.0 / 100_000.0).round() / 10.0)
}

#[cfg(test)]
mod tests;
