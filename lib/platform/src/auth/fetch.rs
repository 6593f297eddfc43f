//! What is read of the auth service: little, and soon.

use std::time::Duration;

use http::StatusCode;

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 64 * 1024;

/// The body of a successful answer.
///
/// # Errors
///
/// [`FetchError`].
pub(super) async fn fetch(request: reqwest::RequestBuilder) -> Result<Vec<u8>, FetchError> {
    let sent = request.timeout(TIMEOUT).send().await;
    let mut response = sent.and_then(reqwest::Response::error_for_status)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer")]
    Transport(#[from] reqwest::Error),
    #[error("the answer is larger than 64 KiB")]
    TooLarge,
    #[error("the answer is not the JSON that was expected")]
    Json(#[from] serde_json::Error),
}

impl FetchError {
    /// Whether the service refused the caller.
    pub(super) fn is_refusal(&self) -> bool {
        let Self::Transport(error) = self else {
            return false;
        };
        matches!(
            error.status(),
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        )
    }
}
