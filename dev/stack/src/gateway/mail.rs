//! Mails that a hosted project would send, kept for reading at `/inbox`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use serde::{Deserialize, Serialize};

use super::Gateway;

/// One mail.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Mail {
    /// To whom.
    pub(super) to: String,
    /// Its subject.
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

    fn read(&self, to: Option<&str>) -> Vec<Mail> {
        let mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mails
            .iter()
            .filter(|mail| to.is_none_or(|to| mail.to.eq_ignore_ascii_case(to)))
            .cloned()
            .collect()
    }

    fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[derive(Debug, Deserialize)]
struct Filter {
    to: Option<String>,
}

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new().route(
        "/inbox",
        get(
            |State(gateway): State<Arc<Gateway>>, Query(filter): Query<Filter>| async move {
                Json(gateway.inbox.read(filter.to.as_deref()))
            },
        )
        .delete(|State(gateway): State<Arc<Gateway>>| async move { gateway.inbox.clear() }),
    )
}
