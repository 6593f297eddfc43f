//! What was found.

use std::fmt;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Fine(String),
    /// It works, but not as well as it could.
    Advice {
        /// What was found.
        what: String,
        /// What would be better.
        cure: String,
    },
    /// It is wrong.
    Fault {
        /// What was found.
        what: String,
        /// What puts it right.
        cure: String,
    },
}

impl Finding {
    pub(crate) fn fine(what: impl Into<String>) -> Self {
        Self::Fine(what.into())
    }

    pub(crate) fn fault(what: impl Into<String>, cure: impl Into<String>) -> Self {
        let (what, cure) = (what.into(), cure.into());
        Self::Fault { what, cure }
    }

    pub(crate) fn advice(what: impl Into<String>, cure: impl Into<String>) -> Self {
        let (what, cure) = (what.into(), cure.into());
        Self::Advice { what, cure }
    }

    /// Whether this has to be put right.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Fault { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(what) => write!(out, "ok      {what}"),
            Self::Advice { what, cure } => write!(out, "advice  {what}\n        {cure}"),
            Self::Fault { what, cure } => write!(out, "FAULT   {what}\n        {cure}"),
        }
    }
}
