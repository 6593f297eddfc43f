//! A stand-in of an S3-compatible store: one bucket, path style, in a folder that lives as long as the stand-in. A library
//! serves it and checks every signature; here calls are counted, and can be made to fail.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::{fs, io};

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, error_handling::HandleError};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use s3s::access::{S3Access, S3AccessContext};
use s3s::{
    HttpError, S3Request, S3Result, auth::SimpleAuth, dto::ListObjectsV2Input, s3_error,
    service::S3ServiceBuilder,
};
use s3s_fs::FileSystem;
use tempfile::TempDir;

use crate::{Loopback, lock};

/// The most objects in one page of a list: few, so that a handful of objects needs several.
const PAGE: i32 = 3;

/// A running store. It ends when it is dropped.
#[derive(Debug)]
pub struct S3 {
    server: Loopback,
    folder: TempDir,
    bucket: String,
    calls: Arc<Mutex<Calls>>,
}

#[derive(Debug, Default)]
struct Calls {
    all: usize,
    refused: usize,
    /// How many calls are still to fail, and with which status.
    failing: Option<(usize, StatusCode)>,
}

impl S3 {
    /// Starts one on a free port of the loopback address, with one bucket and one pair of keys.
    ///
    /// # Errors
    ///
    /// When no port is free or there is no room for the folder.
    pub async fn start(bucket: &str, key: &str, secret: &str, region: &str) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join(bucket))?;
        let files = FileSystem::new(folder.path())
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(key, secret));
        builder.set_access(Access {
            scope: format!("/{region}/s3/aws4_request"),
        });
        let calls = Arc::new(Mutex::new(Calls::default()));
        let app = Router::new()
            .fallback_service(HandleError::new(builder.build(), not_served))
            .layer(from_fn_with_state(Arc::clone(&calls), count));
        let server = Loopback::serve(app).await?;
        Ok(Self {
            server,
            folder,
            bucket: bucket.to_owned(),
            calls,
        })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Every key, in order.
    pub fn keys(&self) -> Vec<String> {
        let bucket = self.folder.path().join(&self.bucket);
        let mut keys = files(&bucket);
        keys.sort();
        let name = |path: &PathBuf| Some(path.strip_prefix(&bucket).ok()?.to_str()?.to_owned());
        keys.iter().filter_map(name).collect()
    }

    /// An object.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.path(key)).ok()
    }

    /// Puts an object there behind everybody's back.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn put(&self, key: &str, bytes: Vec<u8>) {
        let path = self.path(key);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, bytes));
        written.expect("the store's folder can be written");
    }

    /// The next calls fail.
    pub fn fail(&self, calls: usize, status: StatusCode) {
        lock(&self.calls).failing = Some((calls, status));
    }

    /// How many calls were refused for their signature.
    pub fn refused(&self) -> usize {
        lock(&self.calls).refused
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        lock(&self.calls).all
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(&self.bucket).join(key)
    }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    };
    entries.flat_map(|entry| below(entry.path())).collect()
}

/// Counts a call, and lets it fail where that is wanted.
async fn count(State(calls): State<Arc<Mutex<Calls>>>, request: Request, next: Next) -> Response {
    let failing = {
        let mut calls = lock(&calls);
        calls.all += 1;
        let failing = calls.failing.take();
        calls.failing = failing
            .filter(|(left, _)| *left > 1)
            .map(|(left, s)| (left - 1, s));
        failing
    };
    if let Some((_, status)) = failing {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>SlowDown</Code></Error>";
        return (status, [(CONTENT_TYPE, "application/xml")], xml).into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN {
        lock(&calls).refused += 1;
    }
    response
}

/// Who signed for the right region may do everything, and gets short pages.
struct Access {
    /// The end of a signature's scope.
    scope: String,
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        let header = context
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let signed = header.or_else(|| context.uri().query()).unwrap_or_default();
        if signed.replace("%2F", "/").contains(&self.scope) {
            Ok(())
        } else {
            Err(s3_error!(
                AuthorizationHeaderMalformed,
                "The region is wrong"
            ))
        }
    }

    async fn list_objects_v2(&self, request: &mut S3Request<ListObjectsV2Input>) -> S3Result<()> {
        let wanted = request.input.max_keys.unwrap_or(PAGE);
        request.input.max_keys = Some(wanted.min(PAGE));
        Ok(())
    }
}

async fn not_served(error: HttpError) -> Response {
    tracing::error!(?error, "the store's library failed");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
