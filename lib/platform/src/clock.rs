//! The product's time.
//!
//! With `ENABLE_API_MOCKING=true` the local stack may move time: the file named by `CLOCK_FILE` holds how many seconds
//! the product's clock stands before the real one. Everywhere else this is the real clock. Access tokens are always
//! checked against real time.

use std::{path::PathBuf, sync::OnceLock};

use jiff::{SignedDuration, Timestamp};

/// Now, on the product's clock.
pub fn now() -> Timestamp {
    Timestamp::now() + offset()
}

fn offset() -> SignedDuration {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let mocking = std::env::var("ENABLE_API_MOCKING").is_ok_and(|v| v == "true");
        let file = std::env::var_os("CLOCK_FILE").filter(|_| mocking);
        file.map(PathBuf::from)
    });
    let text = file
        .as_ref()
        .and_then(|path| std::fs::read_to_string(path).ok());
    let seconds = text.and_then(|text| text.trim().parse().ok());
    SignedDuration::from_secs(seconds.unwrap_or(0))
}
