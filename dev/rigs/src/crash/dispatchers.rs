//! The dispatcher processes that run, and how they are told to look for work.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use catalyst_cli::error::Result;
use http::StatusCode;
use stack::http_client;

/// The dispatcher's binary.
pub(super) const DISPATCHER: &str = "api_cron";
/// A worker that does not answer a wake-up within this is not asked any longer.
pub(super) const LONGEST_WAKE: Duration = Duration::from_secs(5);

/// Where the workers listen; those that are down or stalled are left out.
pub(super) struct Dispatchers {
    ports: RwLock<Vec<Option<u16>>>,
    secret: String,
    http: reqwest::Client,
}

impl Dispatchers {
    /// So many workers, none of which runs yet.
    pub(super) fn new(count: usize, environment: &BTreeMap<String, String>) -> Result<Self> {
        Ok(Self {
            ports: RwLock::new(vec![None; count]),
            secret: environment.get("CRON_SECRET").cloned().unwrap_or_default(),
            http: http_client::with_timeout(LONGEST_WAKE)?,
        })
    }

    /// From now on this worker listens there, or is not to be called; where it listened before.
    pub(super) fn set(&self, worker: usize, port: Option<u16>) -> Option<u16> {
        let mut ports = self.ports.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut ports[worker], port)
    }

    /// The ports of all workers that can be called.
    pub(super) fn ports(&self) -> Vec<u16> {
        let ports = self.ports.read().unwrap_or_else(PoisonError::into_inner);
        ports.iter().flatten().copied().collect()
    }

    /// Tells the worker on this port that there is work; whether it says in time that it looks.
    pub(super) async fn wake(&self, port: u16, patience: Duration) -> bool {
        self.http
            .post(format!("http://127.0.0.1:{port}/api/cron/dispatch"))
            .bearer_auth(&self.secret)
            .timeout(patience)
            .send()
            .await
            .is_ok_and(|answer| answer.status() == StatusCode::ACCEPTED)
    }
}
