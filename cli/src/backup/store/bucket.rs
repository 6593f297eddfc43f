//! Backups in a bucket: the few calls of S3 that they need, signed by the crate `rusty-s3`.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Method, Response, StatusCode};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

use crate::backup::fault::Fault;
use crate::error::{Error, Result};

/// How long a signature is good for.
const SIGNED_FOR: Duration = Duration::from_secs(3600);
/// A single call of S3 takes no more.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;
/// Tries of a call before the store counts as out of reach.
const TRIES: u32 = 4;

#[derive(Debug)]
pub(super) struct Remote {
    bucket: Bucket,
    credentials: Credentials,
    prefix: String,
    http: reqwest::Client,
}

impl Remote {
    pub(super) fn open(place: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let needed = |name: &str| {
            variable(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                Error::setup(
                    format!("{name} is not set"),
                    "a bucket needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; AWS_ENDPOINT_URL_S3 names a service other than AWS",
                )
            })
        };
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let region = needed("AWS_REGION")?;
        let endpoint = variable("AWS_ENDPOINT_URL_S3")
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let malformed = |error: String| {
            Error::setup(
                format!("the bucket {name:?} at {endpoint} cannot be used: {error}"),
                "give s3://bucket/prefix, and in AWS_ENDPOINT_URL_S3 an address like https://host",
            )
        };
        let url: url::Url = endpoint
            .parse()
            .map_err(|error: url::ParseError| malformed(error.to_string()))?;
        let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !here {
            return Err(malformed("only https is spoken with other machines".into()));
        }
        let bucket = Bucket::new(url, UrlStyle::Path, name.to_owned(), region)
            .map_err(|error| malformed(error.to_string()))?;
        let (key, secret) = (
            needed("AWS_ACCESS_KEY_ID")?,
            needed("AWS_SECRET_ACCESS_KEY")?,
        );
        let credentials = match variable("AWS_SESSION_TOKEN").filter(|token| !token.is_empty()) {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        };
        let http = clients::tls::client_builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .build()
            .map_err(|error| malformed(error.to_string()))?;
        Ok(Self {
            bucket,
            credentials,
            prefix,
            http,
        })
    }

    pub(super) fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket.name(), self.prefix)
    }

    pub(super) async fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut more: Option<String> = None;
        loop {
            let mut action = self.bucket.list_objects_v2(Some(&self.credentials));
            action.with_prefix(self.prefix.clone());
            if let Some(token) = more.take() {
                action.with_continuation_token(token);
            }
            let url = action.sign(SIGNED_FOR);
            let text = self
                .call(Method::GET, url, None, "list the bucket")
                .await?
                .text()
                .await
                .map_err(|error| unreachable("list the bucket", &error))?;
            let page = ListObjectsV2::parse_response(&text).map_err(|error| {
                Fault::Store(format!("the bucket's list cannot be read: {error}"))
            })?;
            names.extend(
                page.contents
                    .into_iter()
                    .filter_map(|object| Some(object.key.strip_prefix(&self.prefix)?.to_owned())),
            );
            more = page.next_continuation_token;
            if more.is_none() {
                return Ok(names);
            }
        }
    }

    pub(super) async fn read(&self, name: &str) -> Result<Vec<u8>> {
        let doing = format!("read {name}");
        let response = self.get(name, &doing).await?;
        response
            .bytes()
            .await
            .map(|bytes| bytes.to_vec())
            .map_err(|error| unreachable(&doing, &error).into())
    }

    pub(super) async fn get_file(&self, name: &str, target: &mut File) -> Result {
        let doing = format!("read {name}");
        let mut stream = self.get(name, &doing).await?.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| unreachable(&doing, &error))?;
            target
                .write_all(&chunk)
                .map_err(Error::io("cannot write a temporary file"))?;
        }
        Ok(())
    }

    pub(super) async fn write(&self, name: &str, bytes: Vec<u8>) -> Result {
        let key = self.key(name);
        let url = self
            .bucket
            .put_object(Some(&self.credentials), &key)
            .sign(SIGNED_FOR);
        self.call(
            Method::PUT,
            url,
            Some(Content::Bytes(bytes)),
            &format!("write {name}"),
        )
        .await
        .map(drop)
    }

    pub(super) async fn put_file(&self, name: &str, source: &Path) -> Result {
        let size = std::fs::metadata(source)
            .map_err(Error::io(format!("cannot read {}", source.display())))?
            .len();
        if size > LARGEST {
            return Err(Fault::Store(format!(
                "{name} has {size} bytes, and one call of S3 takes {LARGEST}: keep it in a folder and copy it from there"
            ))
            .into());
        }
        let key = self.key(name);
        let url = self
            .bucket
            .put_object(Some(&self.credentials), &key)
            .sign(SIGNED_FOR);
        let content = Content::File(source, size);
        self.call(Method::PUT, url, Some(content), &format!("write {name}"))
            .await
            .map(drop)
    }

    pub(super) async fn remove(&self, name: &str) -> Result {
        let key = self.key(name);
        let url = self
            .bucket
            .delete_object(Some(&self.credentials), &key)
            .sign(SIGNED_FOR);
        self.call(Method::DELETE, url, None, &format!("remove {name}"))
            .await
            .map(drop)
    }

    async fn get(&self, name: &str, doing: &str) -> Result<Response> {
        let key = self.key(name);
        let url = self
            .bucket
            .get_object(Some(&self.credentials), &key)
            .sign(SIGNED_FOR);
        self.call(Method::GET, url, None, doing).await
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Every call here may be repeated: a file is written whole, or not at all.
    async fn call(
        &self,
        method: Method,
        url: url::Url,
        content: Option<Content<'_>>,
        doing: &str,
    ) -> Result<Response> {
        let mut refused = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(400 << attempt)).await;
            }
            let mut request = self.http.request(method.clone(), url.clone());
            if let Some(content) = &content {
                request = content.add_to(request)?;
            }
            match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => {
                    let status = response.status();
                    refused = format!("cannot {doing}: {status}{}", code(response).await);
                    if !(status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS) {
                        break;
                    }
                }
                Err(error) => refused = unreachable(doing, &error).to_string(),
            }
        }
        Err(Fault::Store(refused).into())
    }
}

enum Content<'a> {
    Bytes(Vec<u8>),
    File(&'a Path, u64),
}

impl Content<'_> {
    fn add_to(&self, request: reqwest::RequestBuilder) -> Result<reqwest::RequestBuilder> {
        match self {
            Self::Bytes(bytes) => Ok(request.body(bytes.clone())),
            Self::File(path, size) => {
                let file = File::open(path)
                    .map_err(Error::io(format!("cannot read {}", path.display())))?;
                let pieces = futures_util::stream::try_unfold(file, |mut file| async move {
                    let mut piece = vec![0; 256 * 1024];
                    let count = file.read(&mut piece)?;
                    piece.truncate(count);
                    Ok::<_, std::io::Error>((count > 0).then_some((piece, file)))
                });
                Ok(request
                    .header(http::header::CONTENT_LENGTH, *size)
                    .body(reqwest::Body::wrap_stream(pieces)))
            }
        }
    }
}

/// The service's own word for a refusal.
async fn code(response: Response) -> String {
    let text = response.text().await.unwrap_or_default();
    text.split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map(|(code, _)| format!(" {code}"))
        .unwrap_or_default()
}

/// Without the address: it carries a signature.
fn unreachable(doing: &str, error: &reqwest::Error) -> Fault {
    let why = if error.is_timeout() {
        "it does not answer in time"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "the connection was cut"
    };
    Fault::Store(format!("cannot {doing}: {why}"))
}
