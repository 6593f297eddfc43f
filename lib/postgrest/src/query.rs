//! One request, built up filter by filter.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};

use crate::error::{ApiError, Error};

/// A read or a function call that was not sent yet.
#[derive(Debug)]
#[must_use = "a query does nothing until it is executed"]
pub struct Query {
    pub(crate) http: reqwest::Client,
    pub(crate) request: reqwest::Request,
    pub(crate) repeatable: bool,
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

    /// Equal, where there is a value to compare with.
    pub fn eq_if(self, column: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.eq(column, value),
            None => self,
        }
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

    /// Ends the call after so long.
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
        let body = response.bytes().await.map_err(Error::Transport)?;
        if !status.is_success() {
            return Err(Error::Api(Box::new(ApiError::parse(status, &body))));
        }
        Ok(Answer { body })
    }
}

#[expect(missing_docs, reason = "PostgREST's own operators")]
impl Query {
    pub fn eq(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "eq", value)
    }

    pub fn neq(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "neq", value)
    }

    pub fn gt(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "gt", value)
    }

    pub fn gte(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "gte", value)
    }

    pub fn lt(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "lt", value)
    }
}

/// Quotes a value for `in` and `or`, where commas, dots and parentheses have meaning.
pub fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Rows as they were sent.
#[derive(Debug)]
pub struct Answer {
    body: Bytes,
}

impl Answer {
    /// The rows as `T`: a list for tables, any shape for functions.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`].
    pub fn rows<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // A function that returns void answers 204 or an empty body: that is JSON's null.
        let body: &[u8] = if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        };
        // Looked through once as a whole, instead of string by string.
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom);
        text.and_then(serde_json::from_str).map_err(Error::Decode)
    }
}
