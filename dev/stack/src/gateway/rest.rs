//! `/rest/v1`: the Data API, answered by postrust in PostgREST's manner.

use std::{collections::HashMap, convert::Infallible, fmt, sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use catalyst_cli::{
    error::{Error, Result},
    postgres::cluster,
};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use postrust_core::SchemaCache;
use postrust_server::AppState;
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{
    Gateway,
    keys::{self, Key},
    nulls::{self, WithNulls},
};

/// Connections to the database. The pool takes them in turns, so more of them than the machine can run at once only keep
/// each other's plans and caches cold; PostgREST's own default is 10.
const CONNECTIONS: u32 = 5;

/// What the Data API needs to know.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The port of Postgres.
    pub(super) database_port: u16,
    /// The legacy secret, which signs the keys of `service_role`.
    pub(super) jwt_secret: String,
    /// Where the public keys of access tokens are.
    pub(super) jwks_url: String,
    /// The exposed schemas, the default one first.
    pub(super) schemas: Vec<String>,
    /// How many rows one answer may hold.
    pub(super) max_rows: i64,
}

/// The Data API of one database.
#[derive(Clone)]
pub(super) struct DataApi(Arc<WithNulls>);

impl fmt::Debug for DataApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataApi")
    }
}

impl DataApi {
    /// Its migrations must have been applied; later ones are noticed.
    pub(super) async fn on(settings: Settings, admin: &PgPool) -> Result<Self> {
        let mut config = postrust_core::AppConfig::default();
        config.db_schemas = settings.schemas;
        config.db_anon_role = Some("anon".to_owned());
        config.db_extra_search_path = vec!["public".to_owned(), "extensions".to_owned()];
        config.db_max_rows = Some(settings.max_rows);
        config.jwt_secret = Some(settings.jwt_secret);
        config.jwt_jwks_url = Some(settings.jwks_url);
        config.jwt_cache_max_lifetime = 600;
        config.max_body_size = 8 * 1024 * 1024;
        config.compat_mode = true;
        config.role_settings = role_settings(admin).await?;
        // As PostgREST's, the pool does not ask a connection whether it still works: the request that finds it broken says so.
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(cluster::login(settings.database_port, "authenticator"))
            .await
            .map_err(Error::database("the Data API cannot connect"))?;
        let failed = |error: String| {
            Error::setup(
                format!("the Data API did not start: {error}"),
                "see the log of Postgres in .catalyst/logs",
            )
        };
        let schema = SchemaCache::load_with_search_path(
            &pool,
            &config.db_schemas,
            &config.db_extra_search_path,
        )
        .await
        .map_err(|error| failed(error.to_string()))?;
        let state =
            AppState::new(pool, schema, config).map_err(|error| failed(error.to_string()))?;
        let state = Arc::new(state);
        if let Some(keys) = state.jwt_config.jwks.clone() {
            // Who needs a key before there is one, fetches it.
            drop(keys.refresh().await);
            tokio::spawn(async move { keys.refresh_forever(tokio::time::sleep).await });
        }
        let api = WithNulls::over(&state);
        tokio::spawn(notice_migrations(state));
        Ok(Self(Arc::new(api)))
    }
}

/// Reads the schema anew whenever a migration says `notify pgrst`.
async fn notice_migrations(state: Arc<AppState>) {
    let told = async |listener: &mut PgListener| {
        listener.listen("pgrst").await?;
        loop {
            listener.recv().await?;
            if let Err(error) = state.reload_schema().await {
                tracing::warn!(%error, "the Data API goes on with the schema that it knows");
            }
        }
    };
    loop {
        let ended: sqlx::Result<Infallible> = match PgListener::connect_with(&state.pool).await {
            Ok(mut listener) => told(&mut listener).await,
            Err(error) => Err(error),
        };
        if let Err(sqlx::Error::PoolClosed) = ended {
            return;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// The statement timeouts that `alter role` set for the roles a request runs as.
async fn role_settings(
    admin: &PgPool,
) -> Result<HashMap<String, postrust_core::config::RoleSettings>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select r.rolname::text, extract(epoch from split_part(c.setting, '=', 2)::interval)::bigint * 1000
         from pg_db_role_setting s join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) as c(setting)
         where split_part(c.setting, '=', 1) = 'statement_timeout' and s.setdatabase = 0
           and r.rolname in ('anon', 'authenticated', 'service_role')",
    )
    .fetch_all(admin)
    .await
    .map_err(Error::database("cannot read the roles' timeouts"))?;
    Ok(rows
        .into_iter()
        .map(|(role, milliseconds)| {
            let mut settings = postrust_core::config::RoleSettings::default();
            settings.statement_timeout = u64::try_from(milliseconds).ok();
            (role, settings)
        })
        .collect())
}

/// Checks the keys, puts the role's token in their place and hands the request on.
pub(super) async fn handle(State(gateway): State<Arc<Gateway>>, mut request: Request) -> Response {
    let admitted = match keys::admit(&gateway.secrets(), request.headers(), request.uri().query()) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let Some(DataApi(state)) = gateway.rest() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "The Data API is starting.").into_response();
    };
    if touches_all_rows(&request) {
        return unfiltered(request.method());
    }
    let signed_in = admitted.token.is_some() || admitted.key == Key::Secret;
    let token = match (admitted.token, admitted.key) {
        (Some(token), _) => Some(token),
        (None, Key::Secret) => Some(gateway.secrets().service_role_key.clone()),
        (None, Key::Publishable) => None,
    };
    request.headers_mut().remove(header::AUTHORIZATION);
    if let Some(token) =
        token.and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok())
    {
        request.headers_mut().insert(header::AUTHORIZATION, token);
    }
    let path = request
        .uri()
        .path()
        .strip_prefix("/rest/v1")
        .unwrap_or_default();
    let path = if path.is_empty() { "/" } else { path };
    let query: Vec<&str> = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("apikey="))
        .collect();
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    };
    match target.parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    }
    let response = postrust_engine::handle(state.as_ref(), nulls::keep(request).await)
        .await
        .map(Body::from);
    match response.status() {
        StatusCode::UNAUTHORIZED if signed_in => forbidden(response).await,
        StatusCode::INTERNAL_SERVER_ERROR => unconnected(response).await,
        _ => response,
    }
}

/// A connection to the database that broke is PGRST001 and 503 to PostgREST; postrust has codes of its own for it.
async fn unconnected(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 64 * 1024).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if !matches!(body["code"].as_str(), Some("PGRST500" | "PGRST900")) {
        return Response::from_parts(head, Body::from(bytes));
    }
    head.status = StatusCode::SERVICE_UNAVAILABLE;
    head.headers.remove(header::CONTENT_LENGTH);
    let body = json!({ "code": "PGRST001", "details": null, "hint": null, "message": "Database client error. Retrying the connection." });
    Response::from_parts(head, Body::from(body.to_string()))
}

/// PostgREST answers a missing privilege (42501) with 401 to those who did not sign in and with 403 to those who did;
/// postrust answers all of them with 401.
async fn forbidden(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, 64 * 1024).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let code = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|body| Some(body["code"].as_str()? == "42501"));
    if code == Some(true) {
        head.status = StatusCode::FORBIDDEN;
        head.headers.remove(header::WWW_AUTHENTICATE);
    }
    Response::from_parts(head, Body::from(bytes))
}

/// Hosted projects load `safeupdate` for API sessions: a change of a table needs a filter.
fn touches_all_rows(request: &Request) -> bool {
    const NO_FILTERS: [&str; 7] = [
        "select",
        "order",
        "limit",
        "offset",
        "columns",
        "on_conflict",
        "apikey",
    ];
    (request.method() == Method::PATCH || request.method() == Method::DELETE)
        && !request.uri().path().starts_with("/rest/v1/rpc/")
        && request
            .uri()
            .query()
            .unwrap_or_default()
            .split('&')
            .all(|pair| {
                pair.is_empty() || NO_FILTERS.contains(&pair.split('=').next().unwrap_or_default())
            })
}

fn unfiltered(method: &Method) -> Response {
    let verb = if method == Method::DELETE {
        "DELETE"
    } else {
        "UPDATE"
    };
    let body = json!({ "code": "21000", "details": null, "hint": null, "message": format!("{verb} requires a WHERE clause") });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
