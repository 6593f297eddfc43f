//! An answer that is read piece by piece.

use super::answer::Answer;
use super::attempt::bounded;
use super::error::TransportError;
use super::policy::CallPolicy;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::time::Duration;

/// The outcome of [`Transport::open`].
#[derive(Debug)]
pub enum Opened {
    /// A success whose body is still to be read.
    Stream(Box<Streamed>),
    /// Any other answer, read to its end.
    Refused(Answer),
}

/// An answer that is read piece by piece.
#[derive(Debug)]
pub struct Streamed {
    /// Status line.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    pub(super) policy: CallPolicy,
    pub(super) read: usize,
    pub(super) response: reqwest::Response,
}

impl Streamed {
    /// The next piece, or `None` at the end. Waits at most `idle` for it, and never past the call's deadline.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when the connection breaks, nothing comes in time, or the size cap is passed.
    pub async fn next(&mut self, idle: Duration) -> Result<Option<Bytes>, TransportError> {
        let service = self.policy.service;
        let limit = idle.min(self.policy.time_left());
        let response = &mut self.response;
        let piece = bounded(service, limit, async {
            response
                .chunk()
                .await
                .map_err(|error| TransportError::from_reqwest(service, error))
        })
        .await?;
        self.read += piece.as_ref().map_or(0, Bytes::len);
        if self.read > self.policy.max_answer {
            return Err(TransportError::TooLarge {
                service,
                limit: self.policy.max_answer,
            });
        }
        Ok(piece)
    }
}
