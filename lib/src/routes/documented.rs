//! An operation as the OpenAPI document sees it: without its types.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use utoipa::openapi::path::Parameter;

use platform::endpoint::{Answer, BodyInput, Declaration, Operation, Problem, QueryInput, Schemas};

/// What the document is made from.
pub trait Documented: Sync {
    /// What it is.
    fn declaration(&self) -> &Declaration;
    /// Query parameters.
    fn parameters(&self) -> Vec<Parameter>;
    /// The body's schema name and all schemas it needs.
    fn body(&self) -> Option<(String, Schemas)>;
    /// Reads a body as the operation would.
    ///
    /// # Errors
    ///
    /// As [`BodyInput::read`].
    fn read_body(&self, body: &Value) -> Result<(), Problem>;
    /// The answer's schema name and all schemas it needs.
    fn answer(&self) -> Option<(String, Schemas)>;
}

impl<Q: QueryInput, B: BodyInput, A: Answer> Documented for Operation<Q, B, A> {
    fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    fn parameters(&self) -> Vec<Parameter> {
        Q::parameters()
    }

    fn body(&self) -> Option<(String, Schemas)> {
        B::schema()
    }

    fn read_body(&self, body: &Value) -> Result<(), Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        B::read(&headers, &body.to_string().into()).map(drop)
    }

    fn answer(&self) -> Option<(String, Schemas)> {
        A::schema()
    }
}
