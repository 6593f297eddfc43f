//! The Data API of one database: what postrust reads of it, and the null arguments of functions bound as nulls.

use std::{collections::HashMap, convert::Infallible, fmt, sync::Arc, time::Duration};

use postrust_auth::{JwtCache, JwtConfig, JwtKeys};
use postrust_core::db::{Db, DbError, RawRows, SqlxTx, Tx};
use postrust_core::{AppConfig, SchemaCache, config::RoleSettings};
use postrust_sql::SqlParam;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio::task::JoinSet;

use crate::null_arguments::{MAX_BODY, bound};

/// Connections to the database. The pool takes them in turns, so more of them than the machine can run at once only keep
/// each other's plans and caches cold; PostgREST's own default is 10.
const CONNECTIONS: u32 = 5;
/// How many rows one answer may hold.
const MAX_ROWS: i64 = 1000;

/// Why a Data API did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database refuses or does not answer.
    #[error("the Data API cannot use its database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema cannot be read.
    #[error("the Data API did not start: {0}")]
    Schema(#[from] postrust_core::Error),
}

type Result<T> = std::result::Result<T, StartError>;

/// The Data API of one database. What it does beside requests ends when it is dropped.
pub struct DataApi {
    pool: Pool,
    schema: Arc<RwLock<SchemaCache>>,
    config: AppConfig,
    jwt: JwtConfig,
    verified: Option<JwtCache>,
    _reload: JoinSet<()>,
}

impl fmt::Debug for DataApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataApi")
    }
}

impl DataApi {
    /// Logs in as the role `authenticator`; `admin` reads what only a superuser sees. The migrations must have been applied; later
    /// ones are noticed.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start(
        authenticator: PgConnectOptions,
        admin: &PgPool,
        keys: JwtKeys,
    ) -> Result<Self> {
        // As PostgREST's, the pool does not ask a connection whether it still works: the request that finds it broken says so.
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(authenticator)
            .await?;
        let config = config(admin).await?;
        let schema = Arc::new(RwLock::new(read_schema(&pool, &config).await?));
        let mut reload = JoinSet::new();
        reload.spawn(reload_on_notification(
            pool.clone(),
            config.clone(),
            Arc::clone(&schema),
        ));
        Ok(Self {
            pool: Pool(pool),
            schema,
            jwt: postrust_engine::jwt_config_with_keys(&config, Some(keys)),
            verified: JwtCache::new(config.jwt_cache_enabled, config.jwt_cache_max_lifetime),
            config,
            _reload: reload,
        })
    }
}

async fn config(admin: &PgPool) -> Result<AppConfig> {
    let mut config = AppConfig::default();
    config.db_schemas = vec!["public".to_owned(), "engine".to_owned()];
    config.db_anon_role = Some("anon".to_owned());
    config.db_extra_search_path = vec!["public".to_owned(), "extensions".to_owned()];
    config.db_max_rows = Some(MAX_ROWS);
    config.jwt_cache_max_lifetime = 600;
    config.max_body_size = MAX_BODY;
    config.compat_mode = true;
    config.role_settings = role_settings(admin).await?;
    Ok(config)
}

/// The statement timeouts that `alter role` set for the roles that requests run as.
async fn role_settings(admin: &PgPool) -> Result<HashMap<String, RoleSettings>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select r.rolname::text, extract(epoch from split_part(c.setting, '=', 2)::interval)::bigint * 1000
         from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) as c(setting)
         where split_part(c.setting, '=', 1) = 'statement_timeout' and s.setdatabase = 0
           and r.rolname in ('anon', 'authenticated', 'service_role')",
    )
    .fetch_all(admin)
    .await?;
    let settings = |milliseconds| {
        let mut settings = RoleSettings::default();
        settings.statement_timeout = u64::try_from(milliseconds).ok();
        settings
    };
    Ok(rows
        .into_iter()
        .map(|(role, milliseconds)| (role, settings(milliseconds)))
        .collect())
}

async fn read_schema(pool: &PgPool, config: &AppConfig) -> postrust_core::Result<SchemaCache> {
    let (schemas, search_path) = (&config.db_schemas, &config.db_extra_search_path);
    SchemaCache::load_with_search_path(pool, schemas, search_path).await
}

/// Reads the schema anew whenever a migration says `notify pgrst`.
async fn reload_on_notification(pool: PgPool, config: AppConfig, schema: Arc<RwLock<SchemaCache>>) {
    let listen = async || -> sqlx::Result<Infallible> {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen("pgrst").await?;
        loop {
            listener.recv().await?;
            match read_schema(&pool, &config).await {
                Ok(read) => *schema.write().await = read,
                Err(error) => {
                    tracing::warn!(%error, "the Data API goes on with the schema that it knows");
                }
            }
        }
    };
    while !matches!(listen().await, Err(sqlx::Error::PoolClosed)) {
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

impl postrust_engine::State for DataApi {
    type Db = Pool;
    type SchemaCache<'a> = RwLockReadGuard<'a, SchemaCache>;

    fn db(&self) -> &Pool {
        &self.pool
    }

    async fn schema_cache(&self) -> RwLockReadGuard<'_, SchemaCache> {
        self.schema.read().await
    }

    fn config(&self) -> &AppConfig {
        &self.config
    }

    fn jwt_config(&self) -> &JwtConfig {
        &self.jwt
    }

    fn jwt_cache(&self) -> Option<&JwtCache> {
        self.verified.as_ref()
    }
}

/// A pool whose transactions know null arguments.
pub struct Pool(PgPool);

impl Db for Pool {
    type Tx<'a> = Transaction;

    async fn begin(&self) -> Queried<Transaction> {
        Db::begin(&self.0).await.map(Transaction)
    }
}

/// A transaction that binds null arguments as nulls.
pub struct Transaction(SqlxTx);

type Queried<T> = std::result::Result<T, DbError>;
type Rows = Vec<Value>;
type Columns = Vec<Vec<Value>>;

impl Tx for Transaction {
    async fn execute(&mut self, sql: &str, given: &[SqlParam]) -> Queried<u64> {
        self.0.execute(sql, &bound(given)).await
    }

    async fn fetch_json(&mut self, sql: &str, given: &[SqlParam]) -> Queried<Rows> {
        self.0.fetch_json(sql, &bound(given)).await
    }

    async fn fetch_values(&mut self, sql: &str, given: &[SqlParam]) -> Queried<Columns> {
        self.0.fetch_values(sql, &bound(given)).await
    }

    async fn fetch_raw(
        &mut self,
        sql: &str,
        given: &[SqlParam],
        count_column: &str,
    ) -> Queried<RawRows> {
        self.0.fetch_raw(sql, &bound(given), count_column).await
    }

    async fn commit(self) -> Queried<()> {
        self.0.commit().await
    }

    fn queue(&mut self, sql: &str, given: &[SqlParam]) {
        self.0.queue(sql, &bound(given));
    }

    async fn fetch_json_then(
        &mut self,
        sql: &str,
        given: &[SqlParam],
        then: &str,
    ) -> Queried<(Rows, Columns)> {
        self.0.fetch_json_then(sql, &bound(given), then).await
    }

    async fn fetch_json_and_commit(self, sql: &str, given: &[SqlParam]) -> Queried<Rows> {
        self.0.fetch_json_and_commit(sql, &bound(given)).await
    }
}
