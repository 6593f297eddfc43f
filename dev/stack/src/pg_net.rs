//! pg_net: sends the HTTP requests that the database has queued.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use reqwest::{Client, Method, RequestBuilder, header::HeaderValue};
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

/// What came of a request, as a row.
#[derive(Debug, Default)]
struct Answer {
    status: Option<i32>,
    headers: Option<Json<Map<String, Value>>>,
    content: Option<String>,
    timed_out: bool,
    error: Option<String>,
}

async fn send(client: Client, admin: PgPool, queued: Queued) {
    let id = queued.id;
    let answer = answer(request(&client, queued))
        .await
        .unwrap_or_else(|error| Answer {
            timed_out: error.is_timeout(),
            error: Some(error.to_string()),
            ..Answer::default()
        });
    if let Err(error) = keep(&admin, id, answer).await {
        tracing::debug!(%error, "the response of an HTTP request could not be kept");
    }
}

fn request(client: &Client, queued: Queued) -> RequestBuilder {
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

async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    let headers = response.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    Ok(Answer {
        status: Some(response.status().as_u16().into()),
        headers: Some(Json(headers)),
        content: Some(response.text().await?),
        ..Answer::default()
    })
}

/// Keeps an answer for six hours.
async fn keep(admin: &PgPool, id: i64, answer: Answer) -> sqlx::Result<()> {
    sqlx::query(
        "with old as (delete from net._http_response where created < now() - interval '6 hours')
         insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
         values ($1, $2, $3::jsonb ->> 'content-type', $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(answer.status)
    .bind(answer.headers)
    .bind(answer.content)
    .bind(answer.timed_out)
    .bind(answer.error)
    .execute(admin)
    .await
    .map(drop)
}
