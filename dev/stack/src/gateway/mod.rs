//! The local gateway, in the place of a Supabase project: Data API, Auth, mails, and the controls of tests.

mod auth;
mod control;
mod keys;
mod mail;
mod nulls;
mod rest;

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::json;
use sqlx::PgPool;
use tokio::{net::TcpListener, task::JoinHandle};

use catalyst_cli::error::{Error, Result};
use mail::{Inbox, Mail};
use rest::DataApi;
use rest::Settings;

use crate::{clock::Clock, secrets::Secrets};

/// What every part of the gateway shares.
#[derive(Debug)]
pub struct Gateway {
    secrets: RwLock<Secrets>,
    state: std::path::PathBuf,
    url: String,
    users: PgPool,
    inbox: Inbox,
    clock: Arc<Clock>,
    rest: RwLock<Option<DataApi>>,
}

impl Gateway {
    /// A gateway that will be reached at `url`. Users are kept through `users`, a pool of role `supabase_auth_admin`.
    pub fn new(
        secrets: Secrets,
        state: std::path::PathBuf,
        url: String,
        users: PgPool,
        clock: Arc<Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            secrets: RwLock::new(secrets),
            state,
            url,
            users,
            inbox: Inbox::default(),
            clock,
            rest: RwLock::default(),
        })
    }

    /// Serves everything but the Data API, which needs the keys that are served here.
    pub fn serve(self: &Arc<Self>, listener: TcpListener) -> JoinHandle<()> {
        let router = router(Arc::clone(self));
        tokio::spawn(async move {
            let listener = postrust_server::lenient_uri::LenientListener(listener);
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the gateway stopped");
            }
        })
    }

    /// Starts the Data API, or starts it anew on a database that was restored.
    pub async fn start_rest(&self, database_port: u16, admin: &PgPool) -> Result {
        let settings = Settings {
            database_port,
            jwt_secret: self.secrets().jwt_secret.clone(),
            jwks_url: format!("{}/auth/v1/.well-known/jwks.json", self.url),
            schemas: vec!["public".to_owned(), "engine".to_owned()],
            max_rows: 1000,
        };
        let api = DataApi::on(settings, admin).await?;
        *self
            .rest
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(api);
        Ok(())
    }

    fn rest(&self) -> Option<DataApi> {
        self.rest
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    fn secrets(&self) -> Secrets {
        self.secrets
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Puts a fresh signing key in use and keeps the old ones trusted.
    fn rotate_keys(&self) -> Result<String> {
        let mut secrets = self
            .secrets
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // The key standing by has been published all the time, so caches know it already.
        secrets.signing_keys.swap(0, 1);
        let standby = crate::secrets::SigningKey::generate()?;
        secrets.signing_keys.insert(1, standby);
        secrets.save(&self.state)?;
        Ok(secrets.signing_keys[0].kid.clone())
    }

    /// Forgets every retired key: tokens signed with them are worth nothing once caches turn over.
    fn revoke_retired_keys(&self) -> Result {
        let mut secrets = self
            .secrets
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        secrets.signing_keys.truncate(2);
        secrets.save(&self.state)
    }
}

fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/rest/v1", any(rest::handle))
        .route("/rest/v1/", any(rest::handle))
        .route("/rest/v1/{*path}", any(rest::handle))
        .nest("/auth/v1", auth::router())
        .merge(mail::router())
        .nest("/_control", control::router())
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                Json(json!({ "message": "no Route matched with those values" })),
            )
        })
        .layer(DefaultBodyLimit::max(8 * 1024 * 1024))
        .layer(middleware::from_fn(cors))
        .with_state(gateway)
}

async fn index() -> Json<serde_json::Value> {
    Json(json!({
        "what": "the local stand-in of a Supabase project",
        "data_api": "/rest/v1", "auth": "/auth/v1", "mails": "/inbox", "clock": "/_control/clock",
    }))
}

/// Any origin may call, as on hosted projects: what guards the data is the token.
async fn cors(request: Request, next: Next) -> Response {
    let asked = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned();
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("content-encoding, content-location, content-range, content-type, date, location, range-unit, x-total-count, x-supabase-api-version"),
    );
    if preflight {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            asked.unwrap_or_else(|| HeaderValue::from_static("*")),
        );
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("3600"),
        );
    }
    response
}

/// Waits until the gateway answers at `url`.
pub async fn wait_until_up(url: &str) -> Result {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    let address = url.trim_start_matches("http://").to_owned();
    while tokio::net::TcpStream::connect(&address).await.is_err() {
        if std::time::Instant::now() > deadline {
            return Err(Error::setup(
                format!("nothing answers at {url}"),
                "see the messages above",
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
