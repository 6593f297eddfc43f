//! The programs that have registered, what they ask of users, and what users have granted. Kept for one run of the stack.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// How long a user has to consent, and a program to trade its code.
pub(super) const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Everything that is known of programs.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Programs {
    pub(super) registered: HashMap<Uuid, Program>,
    /// By their ids.
    pub(super) asked: HashMap<String, Authorization>,
    /// By user and program.
    pub(super) granted: HashMap<(Uuid, Uuid), Grant>,
}

/// A program, as it describes itself.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) uri: String,
    pub(super) redirect_uris: Vec<String>,
    /// None of a public program.
    pub(super) secret: Option<String>,
}

/// What a program asks of a user.
#[derive(Clone, Debug)]
pub(super) struct Authorization {
    pub(super) id: String,
    pub(super) program: Uuid,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) state: Option<String>,
    pub(super) challenge: String,
    pub(super) is_plain: bool,
    /// Who has opened it first: nobody else can answer it.
    pub(super) user: Option<Uuid>,
    /// What is traded for tokens, once the user has consented.
    pub(super) code: Option<String>,
    pub(super) is_denied: bool,
    pub(super) expires_at: Timestamp,
}

/// What a user has granted a program.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) scope: String,
    pub(super) at: Timestamp,
}

impl Authorization {
    pub(super) fn is_open(&self) -> bool {
        self.code.is_none() && !self.is_denied && self.expires_at > Timestamp::now()
    }
}

impl Programs {
    /// Takes the authorization of a code, which is good for one trade.
    pub(super) fn take(&mut self, code: &str) -> Option<Authorization> {
        let mut all = self.asked.values();
        let id = all
            .find(|asked| asked.code.as_deref() == Some(code))?
            .id
            .clone();
        let asked = self.asked.remove(&id)?;
        (asked.expires_at > Timestamp::now()).then_some(asked)
    }
}
