//! How much is read, and for how long.

use std::time::Duration;

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file that is accepted.
    pub max_bytes: u64,
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer's head, and between two pieces of its body.
    pub idle: Duration,
    /// For one whole call.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 * 1024 * 1024 * 1024,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            total: Duration::from_secs(120),
        }
    }
}
