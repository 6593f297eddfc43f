//! A bucket of S3, or of a service like it, called with the TLS settings of every other call.

use std::{io, sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::aws::{AmazonS3Builder, Checksum};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use crate::{Error, Result, http::is_private};

const CONNECTING: Duration = Duration::from_secs(10);
/// How long a store may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Tries of a call, after the first, before the store counts as out of reach.
const RETRIES: usize = 3;
const RETRYING: Duration = Duration::from_secs(180);

/// Opens `bucket/prefix` with the keys, region and endpoint of the environment.
pub(super) fn open(
    place: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(Arc<dyn ObjectStore>, Path)> {
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    let needed = |name: &str| {
        given(name).ok_or_else(|| {
            Error::setup(
                format!("{name} is not set"),
                "a bucket needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; AWS_ENDPOINT_URL_S3 names a service other than AWS",
            )
        })
    };
    let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
    let region = needed("AWS_REGION")?;
    let usual = || format!("https://s3.{region}.amazonaws.com");
    let endpoint = given("AWS_ENDPOINT_URL_S3").unwrap_or_else(usual);
    let malformed = |error: &dyn std::fmt::Display| {
        Error::setup(
            format!("the bucket {name:?} at {endpoint} cannot be used: {error}"),
            "give s3://bucket/prefix, and in AWS_ENDPOINT_URL_S3 an address like https://host",
        )
    };
    if name.is_empty() {
        return Err(malformed(&"it has no name"));
    }
    let url = Url::parse(&endpoint).map_err(|error| malformed(&error))?;
    if !is_private(&url) {
        return Err(malformed(&"only https is spoken with other machines"));
    }
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(800),
        max_backoff: Duration::from_secs(5),
        base: 2.0,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(region)
        .with_endpoint(endpoint.trim_end_matches('/'))
        .with_access_key_id(needed("AWS_ACCESS_KEY_ID")?)
        .with_secret_access_key(needed("AWS_SECRET_ACCESS_KEY")?)
        // Buckets with object lock refuse what comes without a checksum.
        .with_checksum_algorithm(Checksum::SHA256)
        // Not every service can remove several objects with one call.
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig {
            backoff,
            max_retries: RETRIES,
            retry_timeout: RETRYING,
        })
        .with_http_connector(Connector);
    if let Some(token) = given("AWS_SESSION_TOKEN") {
        builder = builder.with_token(token);
    }
    let store = builder.build().map_err(|error| malformed(&error))?;
    let prefix = Path::parse(prefix.trim_matches('/')).map_err(|error| malformed(&error))?;
    Ok((Arc::new(store), prefix))
}

/// Makes the client of a bucket.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = clients::tls::client_builder().connect_timeout(CONNECTING);
        let client = client.read_timeout(SILENCE).build().map_err(|error| {
            let (store, source) = ("S3", error.into());
            object_store::Error::Generic { store, source }
        })?;
        Ok(HttpClient::new(Client(client)))
    }
}

#[derive(Debug)]
struct Client(reqwest::Client);

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.map(reqwest::Body::wrap);
        let request = reqwest::Request::try_from(request)
            .map_err(|error| HttpError::new(HttpErrorKind::Unknown, error.without_url()))?;
        let response = self.0.execute(request).await.map_err(failed)?;
        let response = http::Response::<reqwest::Body>::from(response);
        Ok(response.map(|body| HttpResponseBody::new(body.map_err(failed))))
    }
}

/// Every call of a bucket may be repeated: an object is written whole, or not at all.
fn failed(error: reqwest::Error) -> HttpError {
    let (kind, why) = if error.is_timeout() {
        (HttpErrorKind::Timeout, "it does not answer in time")
    } else if error.is_connect() {
        (HttpErrorKind::Connect, "it cannot be reached")
    } else {
        (HttpErrorKind::Interrupted, "the connection was cut")
    };
    HttpError::new(kind, io::Error::other(why))
}
