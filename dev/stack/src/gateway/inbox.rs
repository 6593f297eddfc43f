//! Mails that a hosted project would send, kept for reading at `/inbox`.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// One mail.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Mail {
    pub(super) to: String,
    pub(super) subject: String,
    /// The link to follow.
    pub(super) link: String,
    /// The six digits to type instead.
    pub(super) otp: String,
    /// When it was sent, RFC 3339.
    pub(super) sent_at: String,
}

/// The mails of this run, newest last.
#[derive(Debug, Default)]
pub(super) struct Inbox(Mutex<Vec<Mail>>);

impl Inbox {
    /// Keeps a mail, and forgets the oldest when there are many.
    pub(super) fn keep(&self, mail: Mail) {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() == 500 {
            mails.remove(0);
        }
        mails.push(mail);
    }

    pub(super) fn read(&self, to: Option<&str>) -> Vec<Mail> {
        let mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mails
            .iter()
            .filter(|mail| to.is_none_or(|to| mail.to.eq_ignore_ascii_case(to)))
            .cloned()
            .collect()
    }

    pub(super) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
