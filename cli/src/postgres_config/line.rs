//! What became of each setting.

use std::fmt;

/// What became of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is as wanted.
    AsWanted,
    /// It is not; the value it has, if it was ever set.
    Other(Option<String>),
    /// It was set now; sessions that are open keep the old value.
    Set,
    /// This role may not set it.
    Refused,
}

/// A setting and what became of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where and what, as SQL would name it.
    pub setting: String,
    /// The value that is wanted.
    pub wanted: &'static str,
    /// Why.
    pub why: &'static str,
    /// What became of it.
    pub state: State,
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::AsWanted => "as wanted".to_owned(),
            State::Other(Some(value)) => format!("is {value}"),
            State::Other(None) => "not set".to_owned(),
            State::Set => "set now".to_owned(),
            State::Refused => "REFUSED: set it in the dashboard".to_owned(),
        };
        write!(
            out,
            "{:<58} {:<6} {state}\n    {}",
            self.setting, self.wanted, self.why
        )
    }
}
