//! The result of a verification.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Beside a manifest: that it was restored and found equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// When.
    pub verified_at: Timestamp,
    /// Of which archive.
    pub archive_sha256: String,
    /// How many rows were compared.
    pub rows: u64,
    /// How long it took.
    pub seconds: f64,
}
