//! Limits that hold for everyone whose plan says nothing else.

use super::error::ConfigError;
use super::vars::Vars;

/// `UPLOAD_PIECE_BYTES` is a multiple of this, as YouTube asks.
const GRANULE: u32 = 262_144;

/// Limits of requests, renders and uploads.
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

impl Limits {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            rate_limiting: vars.flag("ENABLE_RATE_LIMITING", true)?,
            requests_per_minute: vars.number("MAX_API_REQUESTS_PER_MINUTE", 100)?.max(1),
            renders_per_month: vars.number("MAX_VIDEO_GENERATIONS_PER_USER", 50)?,
            upload_piece_bytes: piece_bytes(vars)?,
        })
    }
}

fn piece_bytes(vars: &Vars<'_>) -> Result<u32, ConfigError> {
    let name = "UPLOAD_PIECE_BYTES";
    let bytes = vars.number(name, 8 * 1024 * 1024)?;
    if bytes == 0 || bytes % GRANULE != 0 || bytes > 64 * 1024 * 1024 {
        return Err(ConfigError::new(
            name,
            "must be a multiple of 262144, at most 64 MiB",
        ));
    }
    Ok(bytes)
}
