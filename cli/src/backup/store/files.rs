//! The files of a store, wherever it is.

use std::io::Write as _;
use std::path::{self, Path};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use tempfile::NamedTempFile;
use tokio::io::{AsyncWriteExt as _, BufReader};

use super::bucket;
use crate::backup::error::BackupError;
use crate::{Error, Result};

/// Bytes of one part of a large file. S3 takes 10,000 parts: 80 GB.
const PART: usize = 8 * 1024 * 1024;
/// Parts that are sent at the same time.
const PARTS_AT_ONCE: usize = 4;

/// A folder, or a bucket's objects that begin alike.
#[derive(Debug)]
pub(super) struct Files {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    /// Where it is, without anything secret.
    pub(super) place: String,
}

impl Files {
    /// A folder on this machine. It need not be there yet.
    pub(super) fn folder(place: &str) -> Result<Self> {
        let unusable = |why: String| {
            Error::setup(
                format!("the folder {place:?} cannot be used: {why}"),
                "give a folder, or s3://bucket/prefix",
            )
        };
        let absolute = path::absolute(place).map_err(|error| unusable(error.to_string()))?;
        let prefix = Key::from_absolute_path(absolute);
        Ok(Self {
            // A file appears whole or not at all, and stays after a power failure.
            store: Arc::new(LocalFileSystem::new().with_fsync(true)),
            prefix: prefix.map_err(|error| unusable(error.to_string()))?,
            place: place.to_owned(),
        })
    }

    /// `bucket/prefix`.
    pub(super) fn bucket(place: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let (store, prefix) = bucket::open(place, variable)?;
        let place = format!("s3://{place}");
        Ok(Self {
            store,
            prefix,
            place,
        })
    }

    /// The names of all of them.
    pub(super) async fn names(&self) -> Result<Vec<String>> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await;
        let objects = listed.map_err(failed("list the backups"))?.objects;
        let name = |object: &ObjectMeta| object.location.filename().map(str::to_owned);
        Ok(objects.iter().filter_map(name).collect())
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>> {
        let doing = || format!("read {name}");
        let found = self.store.get(&self.key(name)).await;
        let bytes = found.map_err(failed(doing()))?.bytes().await;
        Ok(bytes.map_err(failed(doing()))?.to_vec())
    }

    /// Copies a large file to this machine.
    pub(super) async fn fetch(&self, name: &str) -> Result<NamedTempFile> {
        let unwritten = || Error::io("cannot write a temporary file");
        let doing = || format!("read {name}");
        let mut copy = NamedTempFile::new().map_err(unwritten())?;
        let found = self.store.get(&self.key(name)).await;
        let mut stream = found.map_err(failed(doing()))?.into_stream();
        while let Some(bytes) = stream.try_next().await.map_err(failed(doing()))? {
            copy.write_all(&bytes).map_err(unwritten())?;
        }
        Ok(copy)
    }

    pub(super) async fn write(&self, name: &str, bytes: Vec<u8>) -> Result {
        let put = self.store.put(&self.key(name), bytes.into()).await;
        put.map(drop).map_err(failed(format!("write {name}")))
    }

    /// Copies a large file here, in parts.
    pub(super) async fn put(&self, name: &str, source: &Path) -> Result {
        let unread = Error::io(format!("cannot read {}", source.display()));
        let source = tokio::fs::File::open(source).await.map_err(unread)?;
        let mut source = BufReader::with_capacity(PART, source);
        let mut target = BufWriter::with_capacity(Arc::clone(&self.store), self.key(name), PART)
            .with_max_concurrency(PARTS_AT_ONCE);
        let copied = tokio::io::copy_buf(&mut source, &mut target).await;
        let written = match copied {
            Ok(_) => target.shutdown().await,
            Err(error) => {
                // Parts that are never put together would be kept, and paid for.
                drop(target.abort().await);
                Err(error)
            }
        };
        written.map_err(|error| {
            let why = match error.downcast::<object_store::Error>() {
                Ok(error) => reason(&error),
                Err(error) => error.to_string(),
            };
            BackupError::Store(format!("cannot write {name}: {why}")).into()
        })
    }

    /// Removes a file; one that is not there counts as removed.
    pub(super) async fn remove(&self, name: &str) -> Result {
        match self.store.delete(&self.key(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(format!("remove {name}"))(error)),
        }
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.clone().join(name)
    }
}

fn failed(doing: impl Into<String>) -> impl FnOnce(object_store::Error) -> Error {
    let doing = doing.into();
    move |error| BackupError::Store(format!("cannot {doing}: {}", reason(&error))).into()
}

/// Why, in one line: of the XML that S3 answers with its code alone.
fn reason(error: &object_store::Error) -> String {
    let text = error.to_string();
    let code = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or_else(|| text.clone(), |(code, _)| code.to_owned())
}
