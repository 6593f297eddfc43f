//! What the person at the prompt is told; never a secret.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shorter ones would be found in words.
const SHORTEST: usize = 8;

/// What stands in place of a secret.
pub(super) const HIDDEN: &str = "•••";

/// Prints lines without the secrets that it was told, and remembers what was done.
#[derive(Debug, Default)]
pub(super) struct Report {
    secrets: Mutex<Vec<String>>,
    changes: Mutex<Vec<String>>,
}

impl Report {
    /// Never prints this from now on.
    pub(super) fn hide(&self, secret: &str) {
        let mut secrets = unpoisoned(&self.secrets);
        if secret.len() >= SHORTEST && !secrets.iter().any(|known| known == secret) {
            secrets.push(secret.to_owned());
            // One that holds another goes first.
            secrets.sort_by_key(|known| std::cmp::Reverse(known.len()));
        }
    }

    /// A text without the secrets.
    pub(super) fn clean(&self, text: &str) -> String {
        let secrets = unpoisoned(&self.secrets);
        let hide = |text: String, secret: &String| text.replace(secret.as_str(), HIDDEN);
        secrets.iter().fold(text.to_owned(), hide)
    }

    /// It is as it should be.
    pub(super) fn is(&self, what: &str) {
        self.line("ok", what);
    }

    /// It was changed now.
    pub(super) fn did(&self, what: &str) {
        self.line("done", what);
        unpoisoned(&self.changes).push(self.clean(what));
    }

    /// It would be changed, were this not a dry run.
    pub(super) fn would(&self, what: &str) {
        self.line("would", what);
    }

    /// It works, but not as well as it could.
    pub(super) fn advise(&self, what: &str, cure: &str) {
        self.line("advice", &format!("{what}\n        {cure}"));
    }

    /// A line as it is.
    pub(super) fn say(&self, text: &str) {
        println!("{}", self.clean(text));
    }

    /// What was changed in this run.
    pub(super) fn changes(&self) -> Vec<String> {
        unpoisoned(&self.changes).clone()
    }

    fn line(&self, word: &str, what: &str) {
        self.say(&format!("{word:<8}{what}"));
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let report = Report::default();
        report.hide("short");
        report.hide("abcdefgh");
        report.hide("abcdefgh-and-more");
        let text = "short postgres://u:abcdefgh@h abcdefgh-and-more";
        assert_eq!(report.clean(text), "short postgres://u:•••@h •••");
    }
}
