//! Ordinary answers: what they hold, and how they become responses.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde::Serialize;
use utoipa::ToSchema;
use vercel_runtime::ResponseBody;
use xxhash_rust::xxh3::xxh3_64;

use super::input::Empty;
use super::schema_shapes::{Schemas, schema_of};
use crate::problem::Problem;

/// An answer's type.
pub trait Answer: Send {
    /// The body's bytes; none for an empty body.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`](super::Kind::Internal) when it cannot be written as JSON.
    fn encode(&self) -> Result<Option<Bytes>, Problem>;

    /// For the OpenAPI document.
    fn schema() -> Option<(String, Schemas)>;
}

impl<T: Serialize + ToSchema + Send> Answer for T {
    fn encode(&self) -> Result<Option<Bytes>, Problem> {
        let bytes = serde_json::to_vec(self).map_err(Problem::internal)?;
        Ok(Some(bytes.into()))
    }

    fn schema() -> Option<(String, Schemas)> {
        Some(schema_of::<T>())
    }
}

/// The answer type of operations that do not answer JSON, or that stream.
pub type Raw = Empty;

impl Answer for Empty {
    fn encode(&self) -> Result<Option<Bytes>, Problem> {
        Ok(None)
    }

    fn schema() -> Option<(String, Schemas)> {
        None
    }
}

/// The bytes of an answer that is in memory as a whole, among the extensions of its response.
#[derive(Clone, Debug)]
pub(super) struct Whole(pub(super) Bytes);

/// An answer with body `A`.
#[derive(Debug)]
pub struct Reply<A> {
    body: Body<A>,
    status: StatusCode,
    version: Option<i64>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug)]
enum Body<A> {
    Typed(A),
    Raw(Box<Response<ResponseBody>>),
}

impl<A> Reply<A> {
    fn new(status: StatusCode, body: A) -> Self {
        Self {
            body: Body::Typed(body),
            status,
            version: None,
            headers: Vec::new(),
        }
    }

    /// 200.
    pub fn ok(body: A) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// 201 with `Location`.
    pub fn created(location: impl AsRef<str>, body: A) -> Self {
        Self::new(StatusCode::CREATED, body).header(LOCATION, location.as_ref())
    }

    /// 202 with `Location`: the work goes on.
    pub fn accepted(location: impl AsRef<str>, body: A) -> Self {
        Self::new(StatusCode::ACCEPTED, body).header(LOCATION, location.as_ref())
    }

    /// A response as it is: a redirect, a calendar, a stream.
    pub fn raw(response: Response<ResponseBody>) -> Self {
        Self {
            status: response.status(),
            body: Body::Raw(Box::new(response)),
            version: None,
            headers: Vec::new(),
        }
    }

    /// Another status than the constructor's.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The resource's version, which its `ETag` names and `If-Match` is compared with.
    pub fn etag(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// Adds a header; a value that is no header value is left out.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl Reply<Empty> {
    /// 204.
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Empty)
    }

    /// 202 without a body: the work goes on, and what becomes of it is seen at `location`.
    pub fn follow(location: impl AsRef<str>) -> Self {
        Self::accepted(location, Empty)
    }
}

impl<A: Answer> Reply<A> {
    /// The response to send.
    ///
    /// # Errors
    ///
    /// As [`Answer::encode`].
    pub(crate) fn into_response(self) -> Result<Response<ResponseBody>, Problem> {
        let mut response = match self.body {
            Body::Raw(response) => *response,
            Body::Typed(body) => {
                let mut response = Response::new(ResponseBody::from(Bytes::new()));
                if let Some(bytes) = body.encode()? {
                    let tag = self.version.map(|version| entity_tag(version, &bytes));
                    let tag = tag.and_then(|tag| HeaderValue::from_str(&tag).ok());
                    response.headers_mut().extend(tag.map(|tag| (ETAG, tag)));
                    response.extensions_mut().insert(Whole(bytes.clone()));
                    *response.body_mut() = ResponseBody::from(bytes);
                    let json = HeaderValue::from_static("application/json");
                    response.headers_mut().insert(CONTENT_TYPE, json);
                }
                response
            }
        };
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}

/// `"v3-0123456789abcdef"`: the version, which `If-Match` is compared with, and a hash of the bytes, so that a client that
/// asks again with `If-None-Match` also learns of what changes without an edit.
fn entity_tag(version: i64, body: &[u8]) -> String {
    format!("\"v{version}-{:016x}\"", xxh3_64(body))
}

/// A body that ends with the stream, and breaks off with its first error.
pub fn streamed<E: Into<vercel_runtime::Error> + 'static>(
    media_type: &'static str,
    pieces: impl Stream<Item = Result<Bytes, E>> + Send + Sync + 'static,
) -> Response<ResponseBody> {
    let body = StreamBody::new(pieces.map_ok(Frame::data).map_err(Into::into));
    let mut response = Response::new(ResponseBody(body.boxed()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    // A proxy would collect the pieces and hand them on together.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

#[cfg(test)]
mod tests;
