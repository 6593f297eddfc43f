//! The bytes of a finished render, for whoever publishes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use clients::download::{Body, FetchError, Fetcher, MediaUrl};
use clients::revid::{JobState, ProviderJobId};
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::ids::RenderId;

/// Why a render's bytes cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The render is not ready, or not there.
    #[error("the render has no file")]
    NotReady,
    /// The file cannot be had any more, and the provider gives no new address: the video has to be rendered again.
    #[error("the render's file is no longer available ({0})")]
    Lost(FetchError),
    /// Not right now.
    #[error("the render's file cannot be read right now ({0})")]
    Unavailable(FetchError),
    /// The database did not answer.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built")]
    Client(#[source] reqwest::Error),
}

impl SourceError {
    /// Whether the same call may go better later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Db(error) => error.is_transient(),
            Self::NotReady | Self::Lost(_) | Self::Client(_) => false,
        }
    }
}

#[derive(Deserialize)]
struct Place {
    url: Option<String>,
    bytes: u64,
    content_type: Option<String>,
    sha256: Option<String>,
    job_id: String,
}

/// A finished render's file: how large it is, and any part of it. Every part is checked to come from a file of the same
/// size as the one that was measured when the render became ready.
#[derive(Debug, Clone)]
pub struct Source {
    fetcher: &'static Fetcher,
    url: MediaUrl,
    total: u64,
    content_type: String,
    sha256: Option<String>,
}

impl Source {
    /// Size of the whole file.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Media type.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// SHA-256 of the whole file in lowercase hexadecimal, where it is known.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// Reads the file from `first` to its end. Nothing of it is held but what the network has just given.
    ///
    /// # Errors
    ///
    /// [`SourceError::Lost`], [`SourceError::Unavailable`].
    pub async fn open(&self, first: u64) -> Result<Reading, SourceError> {
        let body = self
            .fetcher
            .read(&self.url, first..self.total, self.total)
            .await
            .map_err(sorted)?;
        Ok(Reading(Arc::new(Mutex::new(State { body, failed: None }))))
    }
}

/// A file on its way, passed on in parts of a known length, one after the other.
#[derive(Debug)]
pub struct Reading(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    body: Body,
    failed: Option<FetchError>,
}

impl Reading {
    /// The next `length` bytes. What goes wrong ends the stream early, and is told by [`failure`](Self::failure).
    pub fn part(
        &self,
        length: u64,
    ) -> impl Stream<Item = Result<Bytes, FetchError>> + Send + 'static {
        let state = Arc::clone(&self.0);
        stream::try_unfold((state, length), async |(state, left)| {
            if left == 0 {
                return Ok(None);
            }
            let mut reading = state.lock().await;
            match reading.body.piece_of(left).await {
                Ok(Some(piece)) => {
                    drop(reading);
                    let left = left - piece.len() as u64;
                    Ok(Some((piece, (state, left))))
                }
                other => {
                    let failed = other.err().unwrap_or(FetchError::Truncated);
                    reading.failed = Some(failed.clone());
                    Err(failed)
                }
            }
        })
    }

    /// Why a part ended early, when it was the file's fault and not that of whoever took it.
    pub async fn failure(&self) -> Option<SourceError> {
        self.0.lock().await.failed.take().map(sorted)
    }
}

fn sorted(error: FetchError) -> SourceError {
    if error.is_transient() {
        SourceError::Unavailable(error)
    } else {
        SourceError::Lost(error)
    }
}

/// The file of a finished render. Looks whether it is still served, and asks the provider for a new address when not.
///
/// # Errors
///
/// [`SourceError`].
pub async fn source_of(config: &Config, render: RenderId) -> Result<Source, SourceError> {
    let engine = Db::engine(config);
    let place: Option<Place> = engine
        .call("render_source", &json!({ "p_render": render }))
        .await?;
    let place = place.ok_or(SourceError::NotReady)?;
    let fetcher = super::fetcher(config).map_err(SourceError::Client)?;
    let first = match &place.url {
        Some(url) => try_address(fetcher, url, &place).await,
        None => Err(FetchError::Gone(404)),
    };
    match first {
        Ok(source) => Ok(source),
        Err(error) if error.is_transient() => Err(SourceError::Unavailable(error)),
        Err(error) => match new_address(config, &place).await {
            Some(url) if Some(&url) != place.url.as_ref() => {
                let source = try_address(fetcher, &url, &place).await.map_err(sorted)?;
                let arguments = json!({ "p_render": render, "p_url": url });
                engine
                    .call::<_, bool>("move_render_source", &arguments)
                    .await?;
                Ok(source)
            }
            _ => Err(SourceError::Lost(error)),
        },
    }
}

/// A source at this address, if its first bytes can be read there.
async fn try_address(
    fetcher: &'static Fetcher,
    url: &str,
    place: &Place,
) -> Result<Source, FetchError> {
    let url = fetcher.check(url)?;
    fetcher
        .read(&url, 0..place.bytes.min(1), place.bytes)
        .await?;
    Ok(Source {
        fetcher,
        url,
        total: place.bytes,
        content_type: place
            .content_type
            .clone()
            .unwrap_or_else(|| "video/mp4".to_owned()),
        sha256: place.sha256.clone(),
    })
}

/// Where the provider says the file is now. Asking is free.
async fn new_address(config: &Config, place: &Place) -> Option<String> {
    let job = ProviderJobId::new(&place.job_id)?;
    let revid = super::provider(config).ok()?;
    match revid
        .poll(&job, Instant::now() + Duration::from_secs(8))
        .await
    {
        Ok(JobState::Succeeded { file, .. }) => Some(file),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(error = %error, "a file's new address could not be asked for");
            None
        }
    }
}
