//! What would change.

use std::fmt;

/// One change, known to be possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A variable of the production environment; its value is never shown.
    Variable {
        /// Its name.
        name: String,
        /// Whether there is one already.
        replaces: bool,
    },
    /// A new deployment of what is deployed, as a running one keeps its variables.
    Redeploy {
        /// The deployment that is repeated.
        deployment: String,
        /// Its project's name.
        name: String,
    },
    /// A name.
    Name {
        /// Which one.
        name: String,
        /// The record's id.
        record: String,
        /// What it points at.
        from: String,
        /// What it is to point at.
        to: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable { name, replaces } => write!(
                out,
                "Vercel: {} {name} in production",
                if *replaces { "replace" } else { "add" }
            ),
            Self::Redeploy { deployment, .. } => {
                write!(
                    out,
                    "Vercel: deploy {deployment} again, with these variables"
                )
            }
            Self::Name { name, from, to, .. } => {
                write!(out, "Cloudflare: point {name} at {to} (now {from})")
            }
        }
    }
}
