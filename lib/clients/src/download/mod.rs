//! Fetching files whose address somebody else chose.
//!
//! A render ends with an address at which the provider keeps the file. That address comes from outside, so it is
//! fetched only through here, under rules that hold for the bytes on the wire and not just for the text of the URL:
//!
//! * `https`, port 443, no credentials, a name with a dot that is not reserved for local use;
//! * the address that is dialled is the address that was checked: the check sits in the connector's resolver, so a
//!   name that answers differently the second time gains nothing, and one forbidden address among several refuses all;
//! * redirects are answers, never followed; proxies from the environment are not used;
//! * size, time to connect, time between two pieces and time in all are capped;
//! * what was fetched is handed on as bytes or as facts, never quoted in an error.
//!
//! The stand-ins of a local stack live on a loopback address over `http`. [`Guard::with_stand_in`] opens exactly that
//! origin; the configuration calls it only when `ENABLE_API_MOCKING=true`.

mod body;
mod error;
mod media;

use std::{fmt, ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use tokio::time::{Instant, timeout};

use crate::guard::resolver::{Lookup, guarded, system_lookup};
use error::classify;
use media::{content_length, content_range, is_mp4, is_video_type, media_type};

pub use crate::guard::{Forbidden, Guard, MediaUrl};
pub use body::{Body, Limits};
pub use error::FetchError;

/// How much of the file's beginning tells its kind.
const MAGIC: usize = 64;

/// What is known about a file after looking at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its size.
    pub bytes: u64,
    /// Its media type, without parameters.
    pub content_type: String,
    /// Its version by the host's own account.
    pub etag: Option<String>,
    /// SHA-256 of all of it, in lowercase hexadecimal, when it was read through.
    pub sha256: Option<String>,
}

/// Fetches files under a [`Guard`].
#[derive(Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    guard: Arc<Guard>,
    limits: Limits,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("guard", &self.guard)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher with its own connections, apart from those that carry our keys.
    ///
    /// # Errors
    ///
    /// When the TLS set-up is refused, which no input can cause.
    pub fn new(guard: Guard, limits: Limits) -> Result<Self, reqwest::Error> {
        Self::with_lookup(guard, limits, system_lookup())
    }

    fn with_lookup(guard: Guard, limits: Limits, lookup: Lookup) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(guard);
        let client = guarded(&guard, limits.connect, lookup).build()?;
        Ok(Self {
            client,
            guard,
            limits,
        })
    }

    /// Checks an address against this fetcher's guard.
    ///
    /// # Errors
    ///
    /// The first rule that the address breaks.
    pub fn check(&self, address: &str) -> Result<MediaUrl, Forbidden> {
        self.guard.check(address)
    }

    /// Looks at a file: its size, type and first bytes. Reads it through (and hashes it) when it is no larger than
    /// `hash_up_to`, or when its host does not tell the size.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; [`FetchError::NotVideo`] when it is no MP4.
    pub async fn inspect(&self, url: &MediaUrl, hash_up_to: u64) -> Result<FileFacts, FetchError> {
        let mut body = self.open(url, None, None).await?;
        if !is_video_type(&body.content_type) {
            return Err(FetchError::NotVideo);
        }
        if body
            .total
            .is_some_and(|total| total > self.limits.max_bytes)
        {
            return Err(FetchError::TooLarge(self.limits.max_bytes));
        }
        let read_through = body.total.is_none_or(|total| total <= hash_up_to);
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut head = BytesMut::with_capacity(MAGIC);
        let mut seen = 0_u64;
        while let Some(piece) = body.piece().await? {
            if head.len() < MAGIC {
                head.extend_from_slice(&piece[..piece.len().min(MAGIC - head.len())]);
                if head.len() >= 12 && !is_mp4(&head) {
                    return Err(FetchError::NotVideo);
                }
            }
            seen += piece.len() as u64;
            digest.update(&piece);
            if !read_through && head.len() >= 12 {
                break;
            }
        }
        if !is_mp4(&head) {
            return Err(FetchError::NotVideo);
        }
        let bytes = match body.total {
            Some(total) if read_through && seen != total => return Err(FetchError::Truncated),
            Some(total) => total,
            None => seen,
        };
        let sha256 = read_through.then(|| crate::hex(digest.finish().as_ref()));
        Ok(FileFacts {
            bytes,
            content_type: body.content_type,
            etag: body.etag,
            sha256,
        })
    }

    /// Opens a part of a file whose size is known. Works with hosts that do not serve ranges, by reading past what
    /// was not asked for; memory stays bounded by one piece of the network either way.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; [`FetchError::Changed`] when the file is no longer the one that had `total` bytes.
    pub async fn read(
        &self,
        url: &MediaUrl,
        range: Range<u64>,
        total: u64,
    ) -> Result<Body, FetchError> {
        if range.start > range.end || range.end > total {
            return Err(FetchError::Changed);
        }
        self.open(url, Some(range), Some(total)).await
    }

    /// Reads a small image whole, and tells its media type.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; [`FetchError::NotImage`] when something else is served.
    pub async fn image(
        &self,
        url: &MediaUrl,
        max_bytes: u64,
    ) -> Result<(Bytes, String), FetchError> {
        let mut body = self.open(url, None, None).await?;
        if !body.content_type.starts_with("image/") {
            return Err(FetchError::NotImage);
        }
        let mut image = BytesMut::new();
        while let Some(piece) = body.piece().await? {
            if (image.len() + piece.len()) as u64 > max_bytes {
                return Err(FetchError::TooLarge(max_bytes));
            }
            image.extend_from_slice(&piece);
        }
        Ok((image.freeze(), body.content_type))
    }

    async fn open(
        &self,
        url: &MediaUrl,
        range: Option<Range<u64>>,
        expected: Option<u64>,
    ) -> Result<Body, FetchError> {
        let url = self.guard.check(url.as_str())?; // stored addresses are judged by today's rules
        let deadline = Instant::now() + self.limits.total;
        let mut request = self
            .client
            .get(url.into_url())
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::ACCEPT, "video/mp4, */*;q=0.1");
        let whole = match (&range, expected) {
            (Some(range), Some(total)) => range.start == 0 && range.end == total,
            _ => true,
        };
        if let (Some(range), false) = (&range, whole) {
            if range.is_empty() {
                return Ok(Body::empty());
            }
            let bytes = format!("bytes={}-{}", range.start, range.end - 1);
            request = request.header(header::RANGE, bytes);
        }
        let response = timeout(self.limits.idle + self.limits.connect, request.send())
            .await
            .map_err(|_| FetchError::Timeout)?
            .map_err(|error| classify(&error))?;

        let headers = response.headers();
        let (skip, total) = extent(response.status(), headers, range.as_ref(), whole)?;
        if let (Some(expected), Some(total)) = (expected, total)
            && expected != total
        {
            return Err(FetchError::Changed);
        }
        let left = range.map(|range| range.end - range.start);
        let etag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        Ok(Body {
            content_type: media_type(headers),
            etag: etag.map(ToOwned::to_owned),
            total,
            response: Some(response),
            skip,
            left,
            limits: self.limits,
            deadline,
            ..Body::empty()
        })
    }
}

/// How many bytes of the answer come before those that were asked for, and the size of the whole file where it is told.
fn extent(
    status: StatusCode,
    headers: &HeaderMap,
    range: Option<&Range<u64>>,
    whole: bool,
) -> Result<(u64, Option<u64>), FetchError> {
    match status {
        StatusCode::OK => {
            let before = range.map_or(0, |range| range.start);
            Ok((before, content_length(headers)))
        }
        StatusCode::PARTIAL_CONTENT if !whole => {
            let (start, total) = content_range(headers).ok_or(FetchError::Refused(206))?;
            if range.is_some_and(|range| range.start != start) {
                return Err(FetchError::Refused(206));
            }
            Ok((0, total))
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Err(FetchError::Changed),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::GONE => Err(FetchError::Gone(status.as_u16())),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(FetchError::Unavailable),
        _ if status.is_redirection() => Err(FetchError::Redirected(status.as_u16())),
        _ if status.is_server_error() => Err(FetchError::Unavailable),
        _ => Err(FetchError::Refused(status.as_u16())),
    }
}

#[cfg(test)]
mod tests;
