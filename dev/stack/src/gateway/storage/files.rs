//! The bytes of objects: one file for each version.

use std::path::PathBuf;

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use http::{HeaderValue, Request, header, request::Parts};
use serde_json::{Value, json};
use tokio::{
    fs,
    io::{AsyncWriteExt, BufWriter},
};
use tower_http::services::ServeFile;
use uuid::Uuid;

use super::error::StorageError;
use crate::gateway::state::Gateway;

/// A file that was received and belongs to no object yet. It is gone when this is dropped before [`keep`](Self::keep).
#[derive(Debug)]
pub(super) struct Received {
    path: PathBuf,
    pub(super) version: Uuid,
    pub(super) bytes: u64,
    kept: bool,
}

impl Received {
    /// Reads a body of at most `limit` bytes, and of exactly `length` where that was told.
    pub(super) async fn read(
        gateway: &Gateway,
        mut body: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
        limit: u64,
        length: Option<u64>,
    ) -> Result<Self, StorageError> {
        let version = Uuid::new_v4();
        let path = path(gateway, version);
        fs::create_dir_all(folder(gateway)).await?;
        let mut file = BufWriter::new(fs::File::create(&path).await?);
        let mut received = Self {
            path,
            version,
            bytes: 0,
            kept: false,
        };
        while let Some(piece) = body.next().await {
            let Ok(piece) = piece else {
                return Err(StorageError::cut_off());
            };
            received.bytes += piece.len() as u64;
            if received.bytes > limit {
                return Err(StorageError::too_large());
            }
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        if length.is_some_and(|length| length != received.bytes) {
            return Err(StorageError::cut_off());
        }
        Ok(received)
    }

    /// A copy of the file of another version.
    pub(super) async fn copy(gateway: &Gateway, from: Uuid) -> Result<Self, StorageError> {
        let version = Uuid::new_v4();
        let path = path(gateway, version);
        let bytes = fs::copy(self::path(gateway, from), &path).await?;
        Ok(Self {
            path,
            version,
            bytes,
            kept: false,
        })
    }

    /// Its object is committed.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if !self.kept {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

fn folder(gateway: &Gateway) -> PathBuf {
    gateway.folder.join("storage")
}

fn path(gateway: &Gateway, version: Uuid) -> PathBuf {
    folder(gateway).join(version.to_string())
}

/// Removes the files of versions that no object has any more.
pub(super) async fn remove(gateway: &Gateway, versions: Vec<Uuid>) {
    for version in versions {
        drop(fs::remove_file(path(gateway, version)).await);
    }
}

/// What is told about a file in `storage.objects`.
pub(super) fn metadata(file: &Received, mime: &str, cache: &str) -> Value {
    json!({
        "eTag": format!("\"{}\"", file.version.simple()), "size": file.bytes, "mimetype": mime, "cacheControl": cache,
        "lastModified": jiff::Timestamp::now().to_string(), "contentLength": file.bytes, "httpStatusCode": 200,
    })
}

/// Sends a file, or the part that `Range` asks for.
pub(super) async fn send(
    gateway: &Gateway,
    version: Uuid,
    metadata: &Value,
    request: &Parts,
) -> Result<Response, StorageError> {
    let mut asked = Request::new(Body::empty());
    *asked.method_mut() = request.method.clone();
    for name in [header::RANGE, header::IF_RANGE] {
        if let Some(value) = request.headers.get(&name) {
            asked.headers_mut().insert(name, value.clone());
        }
    }
    let mut served = ServeFile::new(path(gateway, version))
        .try_call(asked)
        .await?
        .into_response();
    let headers = served.headers_mut();
    for (name, member) in [
        (header::CONTENT_TYPE, "mimetype"),
        (header::CACHE_CONTROL, "cacheControl"),
        (header::ETAG, "eTag"),
    ] {
        if let Some(Ok(value)) = metadata[member].as_str().map(HeaderValue::from_str) {
            headers.insert(name, value);
        }
    }
    if let Some(name) = download_name(request.uri.query().unwrap_or_default()) {
        let value = format!("attachment; filename=\"{}\"", name.replace(['"', '\\'], ""));
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
    }
    Ok(served)
}

fn download_name(query: &str) -> Option<String> {
    let name = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("download="))?;
    Some(
        percent_encoding::percent_decode_str(name)
            .decode_utf8_lossy()
            .into_owned(),
    )
}
