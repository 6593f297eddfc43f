//! Supabase Storage, as far as the product keeps files there: store one once, tell its size, sign its address, remove a folder.
//!
//! Storage tells what went wrong in the answer's body (`statusCode`), and HTTP's own status is 400 for nearly all of it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::transport::{Answer, CallPolicy, DecodeError, Transport, TransportError};

const SERVICE: &str = "storage";

/// Objects that are listed and removed by one call; Storage takes a thousand.
const PAGE: usize = 500;

/// Why Storage did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// No answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An answer of another shape than expected.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A refusal.
    #[error("storage answered {status} ({code})")]
    Refused {
        /// The status that the body names, or else HTTP's own.
        status: u16,
        /// Storage's word for it.
        code: String,
    },
}

impl StorageError {
    /// Whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Decode(_) => false,
            Self::Refused { status, .. } => matches!(status, 408 | 423 | 429 | 500..),
        }
    }

    fn of(answer: &Answer) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Refusal {
            status_code: String,
            error: String,
        }
        let refusal: Refusal = answer.json().unwrap_or_default();
        let status = refusal
            .status_code
            .parse()
            .unwrap_or(answer.status.as_u16());
        Self::Refused {
            status,
            code: refusal.error,
        }
    }

    fn has_status(&self, wanted: u16) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }
}

/// The files of one bucket, as one caller may use them.
#[derive(Clone, Debug)]
pub struct Bucket {
    transport: Transport,
    base: Url,
    name: &'static str,
    apikey: SecretString,
    bearer: SecretString,
}

impl Bucket {
    /// A bucket of the project at `project`. A backend's key is its bearer token too.
    pub const fn new(
        transport: Transport,
        project: Url,
        name: &'static str,
        apikey: SecretString,
        bearer: SecretString,
    ) -> Self {
        Self {
            transport,
            base: project,
            name,
            apikey,
            bearer,
        }
    }

    /// Stores a file of `length` bytes unless one of this name is there; false then. Storage keeps nothing of a body that ends
    /// early, so a name is taken by a whole file or not at all.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; after an ambiguous one the same call tells whether the file arrived.
    pub async fn store<S, E>(
        &self,
        object: &str,
        content_type: &str,
        length: u64,
        body: S,
        deadline: Instant,
    ) -> Result<bool, StorageError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let policy = CallPolicy::unsafe_to_repeat(SERVICE, "upload")
            .attempts(1)
            .attempt_timeout(deadline.saturating_duration_since(Instant::now()))
            .deadline(deadline);
        let url = self.url(&["object", self.name], object);
        // There is one attempt, so the stream is asked for once.
        let body = Mutex::new(Some(reqwest::Body::wrap_stream(body)));
        let stored = self
            .call(&policy, |http| {
                let body = body.lock().unwrap_or_else(PoisonError::into_inner).take();
                http.post(url.clone())
                    .header(header::CONTENT_TYPE, content_type)
                    .header(header::CONTENT_LENGTH, length)
                    .header("x-upsert", "false")
                    .body(body.unwrap_or_default())
            })
            .await;
        match stored {
            Ok(_) => Ok(true),
            Err(error) if error.has_status(409) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The size of a file in bytes; none when there is no such file.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn size(&self, object: &str) -> Result<Option<u64>, StorageError> {
        #[derive(Deserialize)]
        struct Info {
            size: u64,
        }
        let url = self.url(&["object", "info", self.name], object);
        match self
            .call(&quick("info"), |http| http.get(url.clone()))
            .await
        {
            Ok(answer) => Ok(Some(answer.json::<Info>()?.size)),
            Err(error) if error.has_status(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An address at which anybody may read a file for so long; none when there is no such file, or none for this caller.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn sign(&self, object: &str, life: Duration) -> Result<Option<Url>, StorageError> {
        #[derive(Deserialize)]
        struct Signed {
            #[serde(rename = "signedURL")]
            signed_url: String,
        }
        let url = self.url(&["object", "sign", self.name], object);
        let wish = json!({"expiresIn": life.as_secs().max(1)});
        match self
            .call(&quick("sign"), |http| http.post(url.clone()).json(&wish))
            .await
        {
            Ok(answer) => {
                let signed: Signed = answer.json()?;
                let malformed = || DecodeError {
                    path: "signedURL".into(),
                    line: 0,
                    column: 0,
                };
                let address = format!(
                    "{}{}",
                    self.url(&[], ""),
                    signed.signed_url.trim_start_matches('/')
                );
                Ok(Some(address.parse().map_err(|_| malformed())?))
            }
            Err(error) if error.has_status(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes every file right below a folder. Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`StorageError`]; some may have been removed by then.
    pub async fn remove_folder(&self, folder: &str) -> Result<usize, StorageError> {
        let mut removed = 0;
        loop {
            let names = self.list(folder).await?;
            if names.is_empty() {
                return Ok(removed);
            }
            removed += names.len();
            self.remove(&names).await?;
        }
    }

    /// Removes files; those that are not there are passed over.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    pub async fn remove(&self, objects: &[String]) -> Result<(), StorageError> {
        let url = self.url(&["object", self.name], "");
        let body = json!({"prefixes": objects});
        self.call(&quick("remove"), |http| {
            http.delete(url.clone()).json(&body)
        })
        .await
        .map(drop)
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StorageError> {
        #[derive(Deserialize)]
        struct Entry {
            name: String,
            id: Option<Value>,
        }
        let url = self.url(&["object", "list", self.name], "");
        let body = json!({"prefix": folder, "limit": PAGE, "offset": 0, "sortBy": {"column": "name", "order": "asc"}});
        let answer = self
            .call(&quick("list"), |http| http.post(url.clone()).json(&body))
            .await?;
        let entries: Vec<Entry> = answer.json()?;
        let files = entries.into_iter().filter(|entry| entry.id.is_some());
        Ok(files
            .map(|entry| format!("{folder}/{}", entry.name))
            .collect())
    }

    async fn call<F>(&self, policy: &CallPolicy, make: F) -> Result<Answer, StorageError>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let mut key = HeaderValue::from_str(self.apikey.expose_secret())
            .unwrap_or(HeaderValue::from_static("invalid"));
        key.set_sensitive(true);
        let bearer = self.bearer.expose_secret();
        let dressed = |http: &reqwest::Client| {
            let request = make(http).header("apikey", key.clone());
            // An API key of the new style is no token, and Storage says so.
            if bearer.starts_with("sb_") {
                request
            } else {
                request.bearer_auth(bearer)
            }
        };
        let answer = self.transport.call(policy, dressed).await?;
        match answer.status.is_success() {
            true => Ok(answer),
            false => Err(StorageError::of(&answer)),
        }
    }

    /// An address below `/storage/v1/`; without a verb that itself, ending in a slash.
    fn url(&self, verb: &[&str], object: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path("/storage/v1/");
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(verb);
            path.extend(object.split('/').filter(|part| !part.is_empty()));
            if verb.is_empty() {
                path.push("");
            }
        }
        url
    }
}

/// A call that changes nothing when it is repeated.
fn quick(operation: &'static str) -> CallPolicy {
    CallPolicy::safe(SERVICE, operation)
        .attempts(3)
        .deadline(Instant::now() + Duration::from_secs(10))
}

#[cfg(test)]
mod tests;
