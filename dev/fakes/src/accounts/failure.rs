//! Calls that fail.

/// From the `nth` call on, or that one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which call, from 1.
    pub nth: usize,
    /// Whether that call has its effect, and only its answer is lost.
    pub has_effect: bool,
    /// The status that is answered instead.
    pub status: u16,
    /// Whether all calls after it fail too, without an effect: the caller is cut off there.
    pub all_after: bool,
}

impl Failure {
    pub(super) fn before(self, number: usize) -> Option<u16> {
        let this = number == self.nth && !self.has_effect;
        let later = number > self.nth && self.all_after;
        (this || later).then_some(self.status)
    }

    pub(super) fn after(self, number: usize) -> Option<u16> {
        (number == self.nth && self.has_effect).then_some(self.status)
    }
}
