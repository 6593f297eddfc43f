//! What a rotation came to.

use std::fmt;

/// What a rotation came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Rotation {
    /// Values encrypted again.
    pub renewed: u64,
    /// Values that somebody else replaced between reading and writing.
    pub overtaken: u64,
    /// Values that are not under the newest key at the end.
    pub left: u64,
    /// Why, for each value that does not open.
    pub refused: Vec<String>,
}

impl fmt::Display for Rotation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for reason in &self.refused {
            writeln!(out, "{reason}")?;
        }
        write!(
            out,
            "{} values encrypted again, {} were replaced meanwhile, {} left under older keys",
            self.renewed, self.overtaken, self.left
        )
    }
}
