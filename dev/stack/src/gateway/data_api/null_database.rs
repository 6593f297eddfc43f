//! postrust's database, which binds the null arguments of functions as nulls.

use std::sync::Arc;

use postrust_auth::{JwtCache, JwtConfig};
use postrust_core::{
    AppConfig, SchemaCache,
    db::{Db, DbError, RawRows, SqlxTx, Tx},
};
use postrust_engine::State;
use postrust_server::AppState;
use postrust_sql::SqlParam;
use sqlx::PgPool;
use tokio::sync::RwLockReadGuard;

use super::null_arguments::bound;

/// postrust's own state, over that database.
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

pub(super) struct Pool(PgPool);

impl Db for Pool {
    type Tx<'a> = Transaction;

    async fn begin(&self) -> Result<Transaction, DbError> {
        Db::begin(&self.0).await.map(Transaction)
    }
}

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
