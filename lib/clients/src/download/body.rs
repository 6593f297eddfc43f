//! The bytes of a file as they arrive, and how much is read for how long.

use std::{fmt, time::Duration};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

use super::error::FetchError;

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file that is accepted.
    pub max_bytes: u64,
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer's head, and between two pieces of its body.
    pub idle: Duration,
    /// For one whole call.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 * 1024 * 1024 * 1024,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            total: Duration::from_secs(120),
        }
    }
}

/// The bytes of a file, or of a part of it, as they arrive.
pub struct Body {
    /// Its media type, without parameters.
    pub content_type: String,
    /// Its version by the host's own account.
    pub etag: Option<String>,
    /// The size of the whole file, where the host says it.
    pub total: Option<u64>,
    pub(super) response: Option<reqwest::Response>,
    pub(super) rest: Bytes,
    /// Bytes to throw away first.
    pub(super) skip: u64,
    /// Bytes still to hand out; unlimited (but capped) when the whole file was asked for.
    pub(super) left: Option<u64>,
    pub(super) taken: u64,
    pub(super) limits: Limits,
    pub(super) deadline: Instant,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("total", &self.total)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

impl Body {
    pub(super) fn empty() -> Self {
        Self {
            content_type: String::new(),
            etag: None,
            total: None,
            response: None,
            rest: Bytes::new(),
            skip: 0,
            left: Some(0),
            taken: 0,
            limits: Limits::default(),
            deadline: Instant::now(),
        }
    }

    /// The next piece, of whatever size the network gives; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`FetchError::Truncated`] when a part ended before all of it was there, and the caps.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        self.piece_of(u64::MAX).await
    }

    /// [`piece`](Self::piece) of at most `most` bytes, at least one.
    ///
    /// # Errors
    ///
    /// As [`Body::piece`].
    pub async fn piece_of(&mut self, most: u64) -> Result<Option<Bytes>, FetchError> {
        loop {
            if self.left == Some(0) {
                self.response = None;
                return Ok(None);
            }
            if self.rest.is_empty() && !self.receive().await? {
                return Ok(None);
            }
            let there = self.rest.len() as u64;
            if self.skip > 0 {
                let before = self.skip.min(there);
                self.rest.advance(length(before));
                self.skip -= before;
                continue;
            }
            let wanted = self.left.unwrap_or(u64::MAX).min(most.max(1)).min(there);
            if wanted == 0 {
                continue;
            }
            self.taken += wanted;
            if self.taken > self.limits.max_bytes {
                return Err(FetchError::TooLarge(self.limits.max_bytes));
            }
            if let Some(left) = self.left.as_mut() {
                *left -= wanted;
            }
            return Ok(Some(self.rest.split_to(length(wanted))));
        }
    }

    /// Waits for the network's next piece. False at the end of the file.
    async fn receive(&mut self) -> Result<bool, FetchError> {
        let Some(response) = self.response.as_mut() else {
            return Ok(false);
        };
        let until = self.deadline.min(Instant::now() + self.limits.idle);
        match timeout_at(until, response.chunk()).await {
            Ok(Ok(Some(piece))) => self.rest = piece,
            Ok(Ok(None)) => {
                self.response = None;
                return if self.left.is_some() {
                    Err(FetchError::Truncated)
                } else {
                    Ok(false)
                };
            }
            Ok(Err(error)) if !error.is_timeout() => return Err(FetchError::Truncated),
            _ => return Err(FetchError::Timeout),
        }
        Ok(true)
    }

    /// All that is left, in one buffer. For parts whose size the caller has bounded.
    ///
    /// # Errors
    ///
    /// As [`Body::piece`].
    pub async fn collect(mut self) -> Result<Bytes, FetchError> {
        let mut all = BytesMut::with_capacity(length(self.left.unwrap_or(0).min(16 << 20)));
        while let Some(piece) = self.piece().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

/// A length in memory.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
