//! How long this instance has run.

use std::{sync::OnceLock, time::Instant};

/// When this instance started; set by the first who asks, which is [`serve`](crate::endpoint::serve).
pub fn started() -> Instant {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    *STARTED.get_or_init(Instant::now)
}
