//! A small PostgREST client over reqwest 0.13 with typed rows and typed errors.
//!
//! It keeps the vocabulary of the public crate of the same name (`Postgrest::new`, `from`, `select`, `eq`, `order`,
//! `limit`, `rpc`, `execute`), so that the public one can take its place the day it catches up.
//!
//! Reads and function calls only: the product writes through functions.

mod error;
mod query;

pub use error::{ApiError, Error, ErrorKind};
pub use query::{Answer, Query, quote};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde::Serialize;
use url::Url;

const ACCEPT_PROFILE: HeaderName = HeaderName::from_static("accept-profile");
const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");

/// A PostgREST endpoint with the headers that say who calls.
#[derive(Clone, Debug)]
pub struct Postgrest {
    http: reqwest::Client,
    base: Url,
    headers: HeaderMap,
    schema: Option<HeaderValue>,
}

impl Postgrest {
    /// A client of the endpoint `base`, for example `https://<ref>.supabase.co/rest/v1/`.
    pub fn new(http: reqwest::Client, mut base: Url) -> Self {
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Self {
            http,
            base,
            headers: HeaderMap::new(),
            schema: None,
        }
    }

    /// Adds a header to every request. A value that is no header value is left out, and the service refuses the call.
    pub fn insert_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// Uses another schema than the default one (`Accept-Profile`, `Content-Profile`).
    pub fn schema(mut self, schema: &'static str) -> Self {
        self.schema = Some(HeaderValue::from_static(schema));
        self
    }

    /// Starts a read of a table or view.
    pub fn from(&self, table: &str) -> Query {
        Query {
            http: self.http.clone(),
            request: self.request(Method::GET, ACCEPT_PROFILE, table),
            repeatable: true,
        }
    }

    /// Calls a function with named arguments.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] when the arguments are not representable as JSON.
    pub fn rpc<A: Serialize + ?Sized>(
        &self,
        function: &str,
        arguments: &A,
    ) -> Result<Query, Error> {
        let arguments = serde_json::to_vec(arguments).map_err(Error::Encode)?;
        let path = format!("rpc/{function}");
        let mut request = self.request(Method::POST, CONTENT_PROFILE, &path);
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(arguments.into());
        Ok(Query {
            http: self.http.clone(),
            request,
            repeatable: false,
        })
    }

    fn request(&self, method: Method, profile: HeaderName, path: &str) -> Request {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .expect("an http URL has path segments")
            .pop_if_empty()
            .extend(path.split('/'));
        let mut request = Request::new(method, url);
        *request.headers_mut() = self.headers.clone();
        let schema = self.schema.clone().map(|schema| (profile, schema));
        request.headers_mut().extend(schema);
        request
    }
}
