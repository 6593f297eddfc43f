//! Ordinary answers.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use vercel_runtime::ResponseBody;

use super::answer::{Answer, Whole};
use super::input::Empty;
use crate::problem::Problem;

/// An answer with body `A`.
#[derive(Debug)]
pub struct Reply<A> {
    body: Body<A>,
    status: StatusCode,
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
    #[must_use]
    pub fn raw(response: Response<ResponseBody>) -> Self {
        Self {
            status: response.status(),
            body: Body::Raw(Box::new(response)),
            headers: Vec::new(),
        }
    }

    /// Another status than the constructor's.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The resource's version as `ETag`.
    #[must_use]
    pub fn etag(self, version: i64) -> Self {
        self.header(ETAG, &format!("\"v{version}\""))
    }

    /// Adds a header; a value that is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl Reply<Empty> {
    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Empty)
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
                    response.extensions_mut().insert(Whole(bytes.clone()));
                    *response.body_mut() = ResponseBody::from(bytes);
                    response
                        .headers_mut()
                        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
                response
            }
        };
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}
