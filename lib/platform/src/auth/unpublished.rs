//! Tokens whose key is not published yet. Right after a rotation the auth service signs with a key that the published set,
//! cached for ten minutes at the edge, does not hold: the service itself is asked about such a token, so that its user goes on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest;
use serde::Deserialize;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use super::claims::Rejection;
use super::fetch::fetch;
use crate::config::Config;

/// Questions that may be asked in one moment, and how soon one more may be after that: a bound for invented keys, which
/// nobody can tell from new ones without asking.
const AT_ONCE: u32 = 60;
const ONE_MORE_AFTER: Duration = Duration::from_secs(1);
/// How long an answer holds: a published set may be as old.
const KEPT: Duration = Duration::from_secs(300);
/// How long the service is left alone about a token that it gave no answer for.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The project's auth service, asked about single tokens.
#[derive(Debug)]
pub(super) struct AuthService {
    url: Url,
    api_key: String,
    asked: Mutex<Asked>,
}

/// What was asked, by the token's SHA-256, and until when the questions so far have used up what may be asked. The rate
/// bounds the memory: no more than 360 questions begin while an answer is kept.
#[derive(Debug, Default)]
struct Asked {
    questions: HashMap<[u8; 32], Arc<Question>>,
    spent_until: Option<Instant>,
}

#[derive(Debug)]
struct Question {
    at: Instant,
    begun: AtomicBool,
    answer: OnceCell<Answer>,
}

/// What the service says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Genuine,
    Refused,
    /// Nothing that could be understood.
    None,
}

/// What is read of a user.
#[derive(Deserialize)]
struct User {
    id: Uuid,
}

impl AuthService {
    /// The process's own.
    pub(super) fn shared(config: &Config) -> &'static Self {
        static SHARED: OnceLock<AuthService> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut url = config.supabase.url.clone();
            url.set_path("/auth/v1/user");
            Self::new(url, config.supabase.publishable_key.clone())
        })
    }

    /// The service that shows users at `url`.
    pub(super) fn new(url: Url, api_key: String) -> Self {
        Self {
            url,
            api_key,
            asked: Mutex::default(),
        }
    }

    /// Fails unless the service takes the token for this user's.
    ///
    /// # Errors
    ///
    /// [`Rejection::UnknownKey`] when it does not; [`Rejection::Unconfirmed`] when it gives no answer, or was asked too much.
    pub(super) async fn confirm(&self, token: &str, user: Uuid) -> Result<(), Rejection> {
        self.confirm_with(token, || self.ask(token, user)).await
    }

    /// Everybody who comes with one token waits for one answer.
    async fn confirm_with<F>(
        &self,
        token: &str,
        ask: impl FnOnce() -> F + Send,
    ) -> Result<(), Rejection>
    where
        F: Future<Output = Answer> + Send,
    {
        let question = self.question(token).ok_or(Rejection::Unconfirmed)?;
        let answer = question.answer.get_or_try_init(|| async {
            // Whoever began to ask has hung up: asking once more counts once more.
            if question.begun.swap(true, Relaxed) && !self.asked().may_ask() {
                return Err(Rejection::Unconfirmed);
            }
            Ok(ask().await)
        });
        match answer.await? {
            Answer::Genuine => Ok(()),
            Answer::Refused => Err(Rejection::UnknownKey),
            Answer::None => Err(Rejection::Unconfirmed),
        }
    }

    /// The question about this token; none when no more may be asked.
    fn question(&self, token: &str) -> Option<Arc<Question>> {
        let mut name = [0; 32];
        name.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        let mut asked = self.asked();
        asked.questions.retain(|_, question| question.holds());
        if let Some(question) = asked.questions.get(&name) {
            return Some(Arc::clone(question));
        }
        if !asked.may_ask() {
            return None;
        }
        let question = Arc::new(Question {
            at: Instant::now(),
            begun: AtomicBool::new(false),
            answer: OnceCell::new(),
        });
        asked.questions.insert(name, Arc::clone(&question));
        Some(question)
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, token: &str, user: Uuid) -> Answer {
        let request = crate::db::http_client()
            .get(self.url.clone())
            .header("apikey", &self.api_key)
            .bearer_auth(token);
        match fetch(request)
            .await
            .and_then(|body| Ok(serde_json::from_slice::<User>(&body)?))
        {
            Ok(found) if found.id == user => {
                tracing::info!("a token's key is not published yet, but the auth service knows it");
                Answer::Genuine
            }
            Ok(_) => Answer::Refused,
            Err(error) if error.is_refusal() => Answer::Refused,
            Err(error) => {
                tracing::warn!(error = %error, "the auth service could not be asked about a token");
                Answer::None
            }
        }
    }
}

impl Asked {
    /// Counts a question, if one more may be asked.
    fn may_ask(&mut self) -> bool {
        let now = Instant::now();
        let spent_until = self.spent_until.map_or(now, |until| until.max(now)) + ONE_MORE_AFTER;
        let allowed = spent_until <= now + ONE_MORE_AFTER * AT_ONCE;
        if allowed {
            self.spent_until = Some(spent_until);
        }
        allowed
    }
}

impl Question {
    /// Whether its answer still counts, or is awaited.
    fn holds(&self) -> bool {
        let kept = match self.answer.get() {
            Some(Answer::None) => RETRY_AFTER,
            _ => KEPT,
        };
        self.at.elapsed() < kept
    }
}

#[cfg(test)]
mod tests;
