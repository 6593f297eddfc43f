//! Calls of a bucket, with the TLS settings of every other call.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};

const CONNECTING: Duration = Duration::from_secs(10);
/// How long a store may be silent.
const SILENCE: Duration = Duration::from_secs(60);

/// Makes the client of a bucket.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = clients::tls::client_builder()
            .connect_timeout(CONNECTING)
            .read_timeout(SILENCE)
            .build()
            .map_err(|error| object_store::Error::Generic {
                store: "S3",
                source: Box::new(error),
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
