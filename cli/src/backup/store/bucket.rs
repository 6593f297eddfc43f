//! A bucket of S3, or of a service like it.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, Checksum};
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use url::Url;

use super::http::Connector;
use crate::error::{Error, Result};
use crate::loopback::is_private;

/// Tries of a call, after the first, before the store counts as out of reach.
const RETRIES: usize = 3;

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
    let endpoint = given("AWS_ENDPOINT_URL_S3")
        .unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
    let malformed = |error: String| {
        Error::setup(
            format!("the bucket {name:?} at {endpoint} cannot be used: {error}"),
            "give s3://bucket/prefix, and in AWS_ENDPOINT_URL_S3 an address like https://host",
        )
    };
    if name.is_empty() {
        return Err(malformed("it has no name".to_owned()));
    }
    let url: Url = endpoint
        .parse()
        .map_err(|error: url::ParseError| malformed(error.to_string()))?;
    if !is_private(&url) {
        return Err(malformed("only https is spoken with other machines".into()));
    }
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
        .with_retry(retry())
        .with_http_connector(Connector);
    if let Some(token) = given("AWS_SESSION_TOKEN") {
        builder = builder.with_token(token);
    }
    let store = builder
        .build()
        .map_err(|error| malformed(error.to_string()))?;
    let prefix =
        Path::parse(prefix.trim_matches('/')).map_err(|error| malformed(error.to_string()))?;
    Ok((Arc::new(store), prefix))
}

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(800),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: Duration::from_secs(180),
    }
}
