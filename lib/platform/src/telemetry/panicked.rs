//! Where code panicked, for whoever looks for the cause.

use std::cell::RefCell;
use std::fmt;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic that was caught.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl Panicked {
    /// Keeps the place until the panic is caught, which the thread that panics does.
    pub(super) fn note(place: String) {
        PLACE.set(Some(place));
    }

    /// The panic that this thread has just caught.
    pub(crate) fn here() -> Self {
        Self(PLACE.take().unwrap_or_default())
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the handler panicked at {}", self.0)
    }
}

impl std::error::Error for Panicked {}
