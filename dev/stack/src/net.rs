//! Sends what `net.http_post` and its kin have queued, as the worker of pg_net does.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use reqwest::{Client, Method};
use sqlx::{PgPool, postgres::PgListener};
use tokio::task::JoinHandle;

/// pg_net's batch.
const BATCH: i64 = 200;

#[derive(Debug, sqlx::FromRow)]
struct Queued {
    id: i64,
    method: String,
    url: String,
    headers: sqlx::types::Json<serde_json::Map<String, serde_json::Value>>,
    body: Option<Vec<u8>>,
    timeout_milliseconds: i32,
}

/// Sends until the task is aborted.
pub(crate) async fn start(admin: PgPool) -> Result<JoinHandle<()>> {
    let failed = || Error::database("cannot listen to the queue of HTTP requests");
    let mut listener = PgListener::connect_with(&admin).await.map_err(failed())?;
    listener.listen("net_wake").await.map_err(failed())?;
    let client = clients::tls::client_builder().build().map_err(|error| {
        Error::setup(
            format!("no HTTP client: {error}"),
            "this is a fault of the tool",
        )
    })?;
    Ok(tokio::spawn(async move {
        loop {
            match take(&admin).await {
                Ok(batch) if !batch.is_empty() => {
                    for request in batch {
                        tokio::spawn(send(client.clone(), admin.clone(), request));
                    }
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "the queue of HTTP requests could not be read");
                }
            }
            // A lost notification costs two seconds.
            drop(tokio::time::timeout(Duration::from_secs(2), listener.recv()).await);
        }
    }))
}

async fn take(admin: &PgPool) -> sqlx::Result<Vec<Queued>> {
    sqlx::query_as(
        "delete from net.http_request_queue where id in
           (select id from net.http_request_queue order by id limit $1 for update skip locked)
         returning id, method, url, headers, body, timeout_milliseconds",
    )
    .bind(BATCH)
    .fetch_all(admin)
    .await
}

async fn send(client: Client, admin: PgPool, queued: Queued) {
    let timeout = Duration::from_millis(u64::try_from(queued.timeout_milliseconds).unwrap_or(5000));
    let mut request = client
        .request(
            Method::from_bytes(queued.method.as_bytes()).unwrap_or(Method::GET),
            &queued.url,
        )
        .timeout(timeout);
    for (name, value) in queued.headers.0 {
        if let serde_json::Value::String(value) = value {
            request = request.header(name, value);
        }
    }
    if let Some(body) = queued.body {
        request = request.body(body);
    }
    let answer = async {
        let response = request.send().await?;
        let status = i32::from(response.status().as_u16());
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let headers: serde_json::Map<String, serde_json::Value> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes())
                        .into_owned()
                        .into(),
                )
            })
            .collect();
        Ok::<_, reqwest::Error>((status, content_type, headers, response.text().await?))
    }
    .await;
    let kept = match answer {
        Ok((status, content_type, headers, content)) => {
            sqlx::query(
                "insert into net._http_response (id, status_code, content_type, headers, content, timed_out) values ($1, $2, $3, $4, $5, false)",
            )
            .bind(queued.id)
            .bind(status)
            .bind(content_type)
            .bind(sqlx::types::Json(headers))
            .bind(content)
            .execute(&admin)
            .await
        }
        Err(error) => {
            sqlx::query("insert into net._http_response (id, timed_out, error_msg) values ($1, $2, $3)")
                .bind(queued.id)
                .bind(error.is_timeout())
                .bind(error.to_string())
                .execute(&admin)
                .await
        }
    };
    if let Err(error) = kept {
        tracing::debug!(%error, "the answer of an HTTP request could not be kept");
    }
    drop(
        sqlx::query("delete from net._http_response where created < now() - interval '6 hours'")
            .execute(&admin)
            .await,
    );
}
