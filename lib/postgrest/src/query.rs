//! One request, built up filter by filter.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_RANGE, CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::Error as _;

use crate::{ApiError, Error, Postgrest};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const ACCEPT_PROFILE: HeaderName = HeaderName::from_static("accept-profile");
const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");

/// A read or a function call that was not sent yet.
#[derive(Debug)]
#[must_use = "a query does nothing until it is executed"]
pub struct Query {
    http: reqwest::Client,
    request: reqwest::Request,
    repeatable: bool,
}

/// Rows as they were sent, and how many there are in all when that was asked for.
#[derive(Debug)]
pub struct Answer {
    body: Bytes,
    /// `Content-Range`'s total, present after [`Query::count`].
    pub total: Option<u64>,
}

impl Answer {
    /// The rows as `T`: a list for tables, any shape for functions. They may borrow from the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`].
    pub fn rows<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        // A function that returns void answers 204 or an empty body: that is JSON's null.
        let body: &[u8] = if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        };
        // Looked through once as a whole, instead of string by string.
        let text = std::str::from_utf8(body)
            .map_err(|error| Error::Decode(serde_json::Error::custom(error)))?;
        serde_json::from_str(text).map_err(Error::Decode)
    }

    /// How many bytes the rows took.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether nothing was sent: the answer of a function that returns nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }
}

impl Clone for Query {
    /// A copy to send again: bodies are held in memory and shared.
    fn clone(&self) -> Self {
        Self {
            http: self.http.clone(),
            request: self.request.try_clone().expect("no body here is a stream"),
            repeatable: self.repeatable,
        }
    }
}

impl Query {
    pub(crate) fn get(client: &Postgrest, table: &str) -> Self {
        let mut request = reqwest::Request::new(http::Method::GET, client.url(table));
        *request.headers_mut() = client.headers.clone();
        if let Some(schema) = &client.schema {
            request.headers_mut().insert(ACCEPT_PROFILE, schema.clone());
        }
        Self {
            http: client.http.clone(),
            request,
            repeatable: true,
        }
    }

    pub(crate) fn call(client: &Postgrest, function: &str, body: Vec<u8>) -> Result<Self, Error> {
        let mut request =
            reqwest::Request::new(http::Method::POST, client.url(&format!("rpc/{function}")));
        *request.headers_mut() = client.headers.clone();
        if let Some(schema) = &client.schema {
            request
                .headers_mut()
                .insert(CONTENT_PROFILE, schema.clone());
        }
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(body.into());
        Ok(Self {
            http: client.http.clone(),
            request,
            repeatable: false,
        })
    }

    fn parameter(mut self, name: &str, value: &str) -> Self {
        self.request
            .url_mut()
            .query_pairs_mut()
            .append_pair(name, value);
        self
    }

    /// Which columns, with embedding: `id,title,scores(score)`.
    pub fn select(self, columns: &str) -> Self {
        self.parameter("select", columns)
    }

    /// A filter by operator, for those that have no method here.
    pub fn filter(self, column: &str, operator: &str, value: impl Display) -> Self {
        self.parameter(column, &format!("{operator}.{value}"))
    }

    /// Equal.
    pub fn eq(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "eq", value)
    }

    /// Equal, where there is a value to compare with.
    pub fn eq_if(self, column: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.eq(column, value),
            None => self,
        }
    }

    /// Not equal.
    pub fn neq(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "neq", value)
    }

    /// Greater.
    pub fn gt(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "gt", value)
    }

    /// Greater or equal.
    pub fn gte(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "gte", value)
    }

    /// Less.
    pub fn lt(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "lt", value)
    }

    /// Less or equal.
    pub fn lte(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "lte", value)
    }

    /// `is.null`, `is.not_null`, `is.true`, `is.false`.
    pub fn is(self, column: &str, value: &str) -> Self {
        self.filter(column, "is", value)
    }

    /// One of several values. Values are quoted, so commas and parentheses are safe.
    pub fn in_<V: Display>(self, column: &str, values: impl IntoIterator<Item = V>) -> Self {
        let list: Vec<String> = values.into_iter().map(|v| quote(&v.to_string())).collect();
        self.parameter(column, &format!("in.({})", list.join(",")))
    }

    /// A disjunction in PostgREST's own syntax: `score.lt.5,and(score.eq.5,id.gt.x)`. Quote values with [`quote`].
    pub fn or(self, filters: &str) -> Self {
        self.parameter("or", &format!("({filters})"))
    }

    /// Order, for example `published_at.desc,id.desc`.
    pub fn order(self, order: &str) -> Self {
        self.parameter("order", order)
    }

    /// At most so many rows. The service caps this silently (1,000 by default): page by key.
    pub fn limit(self, rows: usize) -> Self {
        self.parameter("limit", &rows.to_string())
    }

    /// Asks for the exact total.
    pub fn count(mut self) -> Self {
        self.request
            .headers_mut()
            .insert(PREFER, HeaderValue::from_static("count=exact"));
        self
    }

    /// Gives up after so long.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        *self.request.timeout_mut() = Some(timeout);
        self
    }

    /// Says that the function only reads, so that the call may be sent again like any read.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Whether sending it twice does no harm.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// Sends it.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`], [`Error::Api`].
    pub async fn execute(self) -> Result<Answer, Error> {
        let response = self
            .http
            .execute(self.request)
            .await
            .map_err(Error::Transport)?;
        let status = response.status();
        let total = response
            .headers()
            .get(CONTENT_RANGE)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.rsplit_once('/'))
            .and_then(|(_, total)| total.parse().ok());
        let body = response.bytes().await.map_err(Error::Transport)?;
        if !status.is_success() {
            return Err(Error::Api(Box::new(ApiError::parse(status, &body))));
        }
        Ok(Answer { body, total })
    }

    /// Asks for exactly one row as an object; none or several is [`ErrorKind::NotOneRow`](crate::ErrorKind::NotOneRow).
    pub fn single(mut self) -> Self {
        self.request.headers_mut().insert(
            ACCEPT,
            HeaderValue::from_static("application/vnd.pgrst.object+json"),
        );
        self
    }
}

/// Quotes a value for `in` and `or`, where commas, dots and parentheses have meaning.
#[must_use]
pub fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
