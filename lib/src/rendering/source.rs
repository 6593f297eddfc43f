//! The file of a finished render, read for publishing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::copies;
use super::provider::{fetcher, provider};
use clients::download::{Body, FetchError, Fetcher, MediaUrl};
use clients::revid::{JobState, ProviderJobId};
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::ids::{ChannelId, RenderId};

/// How long the address of our copy works: longer than one step reads.
const READING: Duration = Duration::from_secs(3600);

/// Why a render's bytes cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// The render is not ready, or not there.
    #[error("the render has no file")]
    NotReady,
    /// The file is gone and the provider gives no new address: the video has to be rendered again.
    #[error("the render's file is no longer available ({0})")]
    Lost(FetchError),
    /// A later call may succeed.
    #[error("the render's file cannot be read right now ({0})")]
    Unavailable(FetchError),
    /// The database did not answer.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built")]
    Client(#[source] &'static reqwest::Error),
}

impl SourceError {
    /// Whether the same call may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Db(error) => error.is_transient(),
            Self::NotReady | Self::Lost(_) | Self::Client(_) => false,
        }
    }
}

/// What was stored about the file when the render became ready.
#[derive(Debug, Clone, Deserialize)]
struct StoredFile {
    url: Option<String>,
    bytes: u64,
    content_type: Option<String>,
    sha256: Option<String>,
    job_id: String,
    channel_id: ChannelId,
    /// Whether there is a copy in our own storage.
    copied: bool,
}

/// A finished render's file: how large it is, and any part of it. Every part is checked to come from a file of the same
/// size as the one that was measured when the render became ready.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    fetcher: &'static Fetcher,
    url: MediaUrl,
    stored: StoredFile,
}

impl Source {
    /// Size of the whole file.
    pub(crate) fn total(&self) -> u64 {
        self.stored.bytes
    }

    pub(crate) fn content_type(&self) -> &str {
        self.stored.content_type.as_deref().unwrap_or("video/mp4")
    }

    /// SHA-256 of the whole file in lowercase hexadecimal, where it is known.
    pub(crate) fn sha256(&self) -> Option<&str> {
        self.stored.sha256.as_deref()
    }

    /// Reads the file from `first` to its end. Only what has just arrived is held in memory.
    ///
    /// # Errors
    ///
    /// [`SourceError::Lost`], [`SourceError::Unavailable`].
    pub(crate) async fn open(&self, first: u64) -> Result<Reading, SourceError> {
        let body = self
            .fetcher
            .read(&self.url, first..self.total(), self.total())
            .await
            .map_err(lost_or_unavailable)?;
        Ok(Reading(Arc::new(Mutex::new(State { body, failed: None }))))
    }
}

/// A file that is being read, in parts of a known length, one after the other.
#[derive(Debug)]
pub(crate) struct Reading(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    body: Body,
    failed: Option<FetchError>,
}

impl Reading {
    /// The next `length` bytes. An error ends the stream early; [`failure`](Self::failure) then has it.
    pub(crate) fn part(
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

    /// Why a part ended early, when the file was the cause and not its reader.
    pub(crate) async fn failure(&self) -> Option<SourceError> {
        self.0.lock().await.failed.take().map(lost_or_unavailable)
    }
}

fn lost_or_unavailable(error: FetchError) -> SourceError {
    if error.is_transient() {
        SourceError::Unavailable(error)
    } else {
        SourceError::Lost(error)
    }
}

/// The file of a finished render: our copy, or else the provider's file. Checks that it is still served, and asks the provider
/// for a new address when it is not.
///
/// # Errors
///
/// [`SourceError`].
pub(crate) async fn source_of(config: &Config, render: RenderId) -> Result<Source, SourceError> {
    let engine = Db::engine(config);
    let stored: Option<StoredFile> = engine
        .call("render_source", &json!({ "p_render": render }))
        .await?;
    let stored = stored.ok_or(SourceError::NotReady)?;
    if stored.copied
        && let Some(source) = our_copy(config, render, &stored).await?
    {
        return Ok(source);
    }
    let fetcher = fetcher(config).map_err(SourceError::Client)?;
    let first = match &stored.url {
        Some(url) => try_address(fetcher, url, &stored).await,
        None => Err(FetchError::Gone(404)),
    };
    match first {
        Ok(source) => Ok(source),
        Err(error) if error.is_transient() => Err(SourceError::Unavailable(error)),
        Err(error) => match new_address(config, &stored).await {
            Some(url) if Some(&url) != stored.url.as_ref() => {
                let source = try_address(fetcher, &url, &stored)
                    .await
                    .map_err(lost_or_unavailable)?;
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

/// Our copy; none when it is not there, as after a restore into another project.
async fn our_copy(
    config: &Config,
    render: RenderId,
    stored: &StoredFile,
) -> Result<Option<Source>, SourceError> {
    let name = copies::copy_name(stored.channel_id, render);
    let address = match copies::copies(config).sign(&name, READING).await {
        Ok(Some(address)) => address,
        Ok(None) => return Ok(None),
        Err(error) => {
            tracing::warn!(error = %error, "our copy of a file cannot be read");
            return Err(SourceError::Unavailable(FetchError::Unavailable));
        }
    };
    let fetcher = copies::fetcher(config).map_err(SourceError::Client)?;
    match try_address(fetcher, address.as_str(), stored).await {
        Ok(source) => Ok(Some(source)),
        Err(error) if error.is_transient() => Err(SourceError::Unavailable(error)),
        Err(error) => {
            tracing::error!(error = %error, "our copy of a file is not what was stored");
            Ok(None)
        }
    }
}

/// A source at this address, if its first bytes can be read there.
async fn try_address(
    fetcher: &'static Fetcher,
    url: &str,
    stored: &StoredFile,
) -> Result<Source, FetchError> {
    let url = fetcher.check(url)?;
    fetcher
        .read(&url, 0..stored.bytes.min(1), stored.bytes)
        .await?;
    Ok(Source {
        fetcher,
        url,
        stored: stored.clone(),
    })
}

/// Where the provider says the file is now. Asking is free.
async fn new_address(config: &Config, stored: &StoredFile) -> Option<String> {
    let job = ProviderJobId::new(&stored.job_id)?;
    let revid = provider(config).ok()?;
    match revid
        .poll(&job, Instant::now() + Duration::from_secs(8))
        .await
    {
        Ok(JobState::Succeeded(video)) => Some(video.file),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(error = %error, "a file's new address could not be asked for");
            None
        }
    }
}
