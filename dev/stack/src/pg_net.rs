//! pg_net: sends the HTTP requests that the database has queued.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use reqwest::{Client, Method, Response};
use serde_json::{Map, Value};
use sqlx::{PgPool, postgres::PgListener, types::Json};

use crate::http_client;

/// pg_net's batch.
const BATCH: i64 = 200;

#[derive(Debug, sqlx::FromRow)]
struct Queued {
    id: i64,
    method: String,
    url: String,
    headers: Json<Map<String, Value>>,
    body: Option<Vec<u8>>,
    timeout_milliseconds: i32,
}

/// Sends for as long as it is polled.
///
/// # Errors
///
/// When the queue cannot be listened to.
pub(crate) async fn worker(admin: PgPool) -> Result<impl Future<Output = ()> + Send> {
    let failed = || Error::database("cannot listen to the queue of HTTP requests");
    let mut listener = PgListener::connect_with(&admin).await.map_err(failed())?;
    listener.listen("net_wake").await.map_err(failed())?;
    let client = http_client::build(clients::tls::client_builder())?;
    Ok(async move {
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
    })
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
    let id = queued.id;
    let kept = match request(&client, queued).send().await {
        Ok(response) => keep_response(&admin, id, response).await,
        Err(error) => keep_error(&admin, id, &error).await,
    };
    if let Err(error) = kept {
        tracing::debug!(%error, "the response of an HTTP request could not be kept");
    }
    drop(
        sqlx::query("delete from net._http_response where created < now() - interval '6 hours'")
            .execute(&admin)
            .await,
    );
}

fn request(client: &Client, queued: Queued) -> reqwest::RequestBuilder {
    let method = Method::from_bytes(queued.method.as_bytes()).unwrap_or(Method::GET);
    let timeout = u64::try_from(queued.timeout_milliseconds).unwrap_or(5000);
    let mut request = client
        .request(method, &queued.url)
        .timeout(Duration::from_millis(timeout));
    for (name, value) in queued.headers.0 {
        if let Value::String(value) = value {
            request = request.header(name, value);
        }
    }
    match queued.body {
        Some(body) => request.body(body),
        None => request,
    }
}

async fn keep_response(admin: &PgPool, id: i64, response: Response) -> sqlx::Result<()> {
    let status = i32::from(response.status().as_u16());
    let headers: Map<String, Value> = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into(),
            )
        })
        .collect();
    let content = match response.text().await {
        Ok(content) => content,
        Err(error) => return keep_error(admin, id, &error).await,
    };
    sqlx::query(
        "insert into net._http_response (id, status_code, content_type, headers, content, timed_out)
         values ($1, $2, $3::jsonb ->> 'content-type', $3, $4, false)",
    )
    .bind(id)
    .bind(status)
    .bind(Json(headers))
    .bind(content)
    .execute(admin)
    .await
    .map(drop)
}

async fn keep_error(admin: &PgPool, id: i64, error: &reqwest::Error) -> sqlx::Result<()> {
    sqlx::query("insert into net._http_response (id, timed_out, error_msg) values ($1, $2, $3)")
        .bind(id)
        .bind(error.is_timeout())
        .bind(error.to_string())
        .execute(admin)
        .await
        .map(drop)
}
