//! What a call was answered with.

use std::time::{Duration, Instant};

use serde_json::Value;

/// An answer, or the lack of one.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) content_type: String,
    /// What was said; without an answer, why there is none.
    pub(super) body: String,
    /// Whether the platform spoke in the function's place.
    pub(super) platform: bool,
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn ms(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_str(&self.body).ok()?;
        Some(problem["code"].as_str()?.to_owned())
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn of(request: reqwest::RequestBuilder) -> Self {
        let began = Instant::now();
        let answer = Self::read(request).await.unwrap_or_else(|error| Self {
            body: error.to_string(),
            ..Self::default()
        });
        Self {
            took: began.elapsed(),
            ..answer
        }
    }

    async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let headers = response.headers();
        let kind = headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok());
        Ok(Self {
            status: Some(response.status().as_u16()),
            content_type: kind.unwrap_or_default().to_owned(),
            platform: headers.contains_key("x-vercel-error"),
            body: response.text().await?,
            ..Self::default()
        })
    }
}
