//! What can be wrong with a connection.

use serde::Serialize;

/// Stands in every faulty answer; nobody outside may ever read it.
pub(super) const CANARY: &str = "chaos-canary-5f0c";

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Nothing.
    Through,
    /// Nobody listens.
    Down,
    /// Answers come byte by byte.
    Slow,
    /// Each request is answered by a reset.
    Reset,
    /// The connection ends in the middle of the answer.
    Cut,
    /// The answer is not of the protocol.
    Garbage,
    /// The answer is of the protocol, says that all is well, and is not what was asked for.
    Nonsense,
}

/// A fault, for all requests or for some.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) mode: Mode,
    /// Only requests whose path begins so.
    pub(super) path: Option<&'static str>,
}

impl Fault {
    pub(super) const NONE: Self = Self {
        mode: Mode::Through,
        path: None,
    };

    pub(super) fn refuses_connections(self) -> bool {
        self.mode == Mode::Down && self.path.is_none()
    }

    /// Whether a request that begins with these bytes meets it.
    pub(super) fn applies_to(self, bytes: &[u8]) -> bool {
        self.mode != Mode::Through
            && self.path.is_none_or(|path| {
                let mut words = bytes.split(|byte| *byte == b' ');
                words
                    .nth(1)
                    .is_some_and(|target| target.starts_with(path.as_bytes()))
            })
    }
}
