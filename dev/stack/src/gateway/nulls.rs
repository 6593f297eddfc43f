//! Null arguments of functions, as PostgREST passes them on.
//!
//! postrust carries every argument as text, and makes an empty text, or JSON's null, of a null. Between its reading of the
//! request and the database a null is therefore written as a text that Postgres knows no value for, and bound as a null.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use axum::{body::Body, extract::Request};
use http::{Method, header};
use postrust_auth::{JwtCache, JwtConfig};
use postrust_core::{
    AppConfig, SchemaCache,
    db::{Db, DbError, RawRows, SqlxTx, Tx},
};
use postrust_engine::State;
use postrust_server::AppState;
use postrust_sql::SqlParam;
use serde_json::value::RawValue;
use sqlx::PgPool;
use tokio::sync::RwLockReadGuard;

/// What stands for a null on the way. No text in Postgres holds this character.
const NULL: &str = "\0null";
/// The same as JSON, in which postrust hands on what a `json` or `jsonb` parameter takes.
const NULL_AS_JSON: &str = "\"\\u0000null\"";

/// How much of a body is read; postrust's own limit is the same.
const MOST: usize = 8 * 1024 * 1024;

/// Writes the null arguments of a function call so that they reach the database.
pub(super) async fn keep(request: Request) -> Request {
    if request.method() != Method::POST || !request.uri().path().starts_with("/rpc/") {
        return request;
    }
    let (mut head, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MOST + 1).await else {
        // Too long: postrust says so when it reads as much itself.
        return Request::from_parts(head, Body::from(vec![b' '; MOST + 1]));
    };
    match rewritten(&bytes) {
        Some(body) => {
            head.headers.remove(header::CONTENT_LENGTH);
            Request::from_parts(head, Body::from(body))
        }
        None => Request::from_parts(head, Body::from(bytes)),
    }
}

/// The body with its nulls written otherwise; none when there is none.
fn rewritten(body: &[u8]) -> Option<Vec<u8>> {
    if !body.windows(4).any(|window| window == b"null") {
        return None;
    }
    let mut arguments: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(body).ok()?;
    let mut found = false;
    let null: &RawValue = serde_json::from_str(NULL_AS_JSON).ok()?;
    for value in arguments.values_mut().filter(|value| value.get() == "null") {
        *value = null;
        found = true;
    }
    found.then(|| serde_json::to_vec(&arguments).ok()).flatten()
}

/// Parameters with the nulls that they stand for.
fn bound(parameters: &[SqlParam]) -> Cow<'_, [SqlParam]> {
    let stands_for_null = |parameter: &SqlParam| matches!(parameter, SqlParam::Text(text) if text == NULL || text == NULL_AS_JSON);
    if !parameters.iter().any(stands_for_null) {
        return Cow::Borrowed(parameters);
    }
    parameters
        .iter()
        .map(|parameter| {
            if stands_for_null(parameter) {
                SqlParam::Null
            } else {
                parameter.clone()
            }
        })
        .collect()
}

/// postrust's own state, over a database that knows of these nulls.
pub(super) struct WithNulls {
    state: Arc<AppState>,
    pool: Pool,
}

impl WithNulls {
    pub(super) fn over(state: &Arc<AppState>) -> Self {
        Self {
            state: Arc::clone(state),
            pool: Pool(state.pool.clone()),
        }
    }
}

impl State for WithNulls {
    type Db = Pool;
    type SchemaCache<'a> = RwLockReadGuard<'a, SchemaCache>;

    fn db(&self) -> &Pool {
        &self.pool
    }

    async fn schema_cache(&self) -> RwLockReadGuard<'_, SchemaCache> {
        self.state.schema_cache.read().await
    }

    fn config(&self) -> &AppConfig {
        &self.state.config
    }

    fn jwt_config(&self) -> &JwtConfig {
        &self.state.jwt_config
    }

    fn jwt_cache(&self) -> Option<&JwtCache> {
        self.state.jwt_cache.as_ref()
    }
}

/// The pool, whose transactions bind nulls.
pub(super) struct Pool(PgPool);

impl Db for Pool {
    type Tx<'a> = Transaction;

    async fn begin(&self) -> Result<Transaction, DbError> {
        Db::begin(&self.0).await.map(Transaction)
    }
}

/// A transaction that binds nulls.
pub(super) struct Transaction(SqlxTx);

type Rows = Vec<serde_json::Value>;
type Columns = Vec<Vec<serde_json::Value>>;

impl Tx for Transaction {
    async fn execute(&mut self, sql: &str, parameters: &[SqlParam]) -> Result<u64, DbError> {
        self.0.execute(sql, &bound(parameters)).await
    }

    async fn fetch_json(&mut self, sql: &str, parameters: &[SqlParam]) -> Result<Rows, DbError> {
        self.0.fetch_json(sql, &bound(parameters)).await
    }

    async fn fetch_values(
        &mut self,
        sql: &str,
        parameters: &[SqlParam],
    ) -> Result<Columns, DbError> {
        self.0.fetch_values(sql, &bound(parameters)).await
    }

    async fn fetch_raw(
        &mut self,
        sql: &str,
        parameters: &[SqlParam],
        count_column: &str,
    ) -> Result<RawRows, DbError> {
        self.0
            .fetch_raw(sql, &bound(parameters), count_column)
            .await
    }

    async fn commit(self) -> Result<(), DbError> {
        self.0.commit().await
    }

    fn queue(&mut self, sql: &str, parameters: &[SqlParam]) {
        self.0.queue(sql, &bound(parameters));
    }

    async fn fetch_json_then(
        &mut self,
        sql: &str,
        parameters: &[SqlParam],
        then: &str,
    ) -> Result<(Rows, Columns), DbError> {
        self.0.fetch_json_then(sql, &bound(parameters), then).await
    }

    async fn fetch_json_and_commit(
        self,
        sql: &str,
        parameters: &[SqlParam],
    ) -> Result<Rows, DbError> {
        self.0.fetch_json_and_commit(sql, &bound(parameters)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arguments_themselves_are_rewritten() {
        let rewritten =
            |body: &str| rewritten(body.as_bytes()).map(|body| String::from_utf8(body).unwrap());
        assert_eq!(
            rewritten(r#"{"p_b": null, "p_a": {"x": null}, "p_n": 1.10}"#).as_deref(),
            Some(r#"{"p_a":{"x": null},"p_b":"\u0000null","p_n":1.10}"#)
        );
        assert_eq!(rewritten(r#"{"p_a": {"x": null}}"#), None);
        assert_eq!(rewritten(r#"{"p_a": "null"}"#), None);
        assert_eq!(rewritten(r#"[{"p_a": null}]"#), None);
        assert_eq!(rewritten("null"), None);
    }

    #[test]
    fn both_writings_are_bound_as_null() {
        let parameters =
            [NULL, NULL_AS_JSON, "null", ""].map(|text| SqlParam::Text(text.to_owned()));
        assert_eq!(serde_json::from_str::<String>(NULL_AS_JSON).unwrap(), NULL);
        let bound = bound(&parameters);
        assert!(matches!(bound[0], SqlParam::Null) && matches!(bound[1], SqlParam::Null));
        assert!(matches!(&bound[2], SqlParam::Text(text) if text == "null"));
        assert!(matches!(&bound[3], SqlParam::Text(text) if text.is_empty()));
    }
}
