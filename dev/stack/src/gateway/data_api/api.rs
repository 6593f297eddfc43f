//! The Data API of one database, and what keeps it up to date.

use std::{fmt, sync::Arc, time::Duration};

use catalyst_cli::{
    error::{Error, Result},
    postgres::cluster,
};
use postrust_core::{AppConfig, SchemaCache};
use postrust_server::AppState;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::task::JoinSet;

use super::{
    null_arguments::MAX_BODY, null_database::WithNulls, role_settings::role_settings, schema_reload,
};

/// Connections to the database. The pool takes them in turns, so more of them than the machine can run at once only keep
/// each other's plans and caches cold; PostgREST's own default is 10.
const CONNECTIONS: u32 = 5;
/// How many rows one answer may hold.
const MAX_ROWS: i64 = 1000;

/// What the Data API needs to know.
#[derive(Debug)]
pub(in crate::gateway) struct Settings {
    /// The port of Postgres.
    pub(in crate::gateway) database_port: u16,
    /// The legacy secret, which signs the keys of `service_role`.
    pub(in crate::gateway) jwt_secret: String,
    /// Where the public keys of access tokens are.
    pub(in crate::gateway) jwks_url: String,
}

/// The Data API of one database. What it does beside requests ends when it is dropped.
pub(in crate::gateway) struct DataApi {
    pub(super) state: WithNulls,
    _tasks: JoinSet<()>,
}

impl fmt::Debug for DataApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataApi")
    }
}

impl DataApi {
    /// Its migrations must have been applied; later ones are noticed.
    pub(in crate::gateway) async fn start(settings: Settings, admin: &PgPool) -> Result<Self> {
        // As PostgREST's, the pool does not ask a connection whether it still works: the request that finds it broken says so.
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(cluster::login(settings.database_port, "authenticator"))
            .await
            .map_err(Error::database("the Data API cannot connect"))?;
        let config = config(settings, admin).await?;
        let failed = |error: String| {
            Error::setup(
                format!("the Data API did not start: {error}"),
                "see the log of Postgres in .catalyst/logs",
            )
        };
        let (schemas, search_path) = (&config.db_schemas, &config.db_extra_search_path);
        let schema = SchemaCache::load_with_search_path(&pool, schemas, search_path)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let state =
            AppState::new(pool, schema, config).map_err(|error| failed(error.to_string()))?;
        let state = Arc::new(state);
        let mut tasks = JoinSet::new();
        if let Some(keys) = state.jwt_config.jwks.clone() {
            // A request that needs a key before there is one fetches it.
            drop(keys.refresh().await);
            tasks.spawn(async move { keys.refresh_forever(tokio::time::sleep).await });
        }
        tasks.spawn(schema_reload::on_notification(Arc::clone(&state)));
        Ok(Self {
            state: WithNulls::over(&state),
            _tasks: tasks,
        })
    }
}

async fn config(settings: Settings, admin: &PgPool) -> Result<AppConfig> {
    let mut config = AppConfig::default();
    config.db_schemas = vec!["public".to_owned(), "engine".to_owned()];
    config.db_anon_role = Some("anon".to_owned());
    config.db_extra_search_path = vec!["public".to_owned(), "extensions".to_owned()];
    config.db_max_rows = Some(MAX_ROWS);
    config.jwt_secret = Some(settings.jwt_secret);
    config.jwt_jwks_url = Some(settings.jwks_url);
    config.jwt_cache_max_lifetime = 600;
    config.max_body_size = MAX_BODY;
    config.compat_mode = true;
    config.role_settings = role_settings(admin).await?;
    Ok(config)
}
