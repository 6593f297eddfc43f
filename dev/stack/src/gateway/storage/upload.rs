//! Uploads: the limits of the bucket, then the row in the caller's role, then the bytes.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::{Path, State},
};
use futures_util::stream;
use http::Request;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{
    buckets::Bucket,
    caller::Caller,
    error::StorageError,
    files::{self, Received},
    multipart,
};
use crate::gateway::{api_key::text, state::Gateway};

/// What no bucket may exceed, in bytes.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// What is received before anything is decided, in bytes. An answer in the middle of a body ends the connection, and the sender
/// may then see a broken connection instead of the answer; with large bodies Storage leaves it at that too.
const SMALL: u64 = 64 * 1024;

/// What becomes of an object that is there already, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Create,
    CreateOrReplace,
    Replace,
}

pub(super) async fn create(
    State(gateway): State<Arc<Gateway>>,
    Path(place): Path<(String, String)>,
    caller: Caller,
    request: Request<Body>,
) -> Result<Json<Value>, StorageError> {
    let upsert = text(request.headers(), "x-upsert") == Some("true");
    let write = if upsert {
        Write::CreateOrReplace
    } else {
        Write::Create
    };
    upload(&gateway, &caller, place, request, write).await
}

pub(super) async fn replace(
    State(gateway): State<Arc<Gateway>>,
    Path(place): Path<(String, String)>,
    caller: Caller,
    request: Request<Body>,
) -> Result<Json<Value>, StorageError> {
    upload(&gateway, &caller, place, request, Write::Replace).await
}

async fn upload(
    gateway: &Gateway,
    caller: &Caller,
    (bucket, name): (String, String),
    request: Request<Body>,
    write: Write,
) -> Result<Json<Value>, StorageError> {
    let (head, mut body) = request.into_parts();
    let length: Option<u64> =
        text(&head.headers, "content-length").and_then(|length| length.parse().ok());
    if length.is_some_and(|length| length <= SMALL) {
        let small = to_bytes(body, usize::MAX).await;
        body = small.map_err(|_| StorageError::cut_off())?.into();
    }
    let bucket = Bucket::find(gateway, &bucket).await?;
    check_name(&name)?;
    let limit = bucket.file_size_limit.map_or(LARGEST, i64::unsigned_abs);
    if length.is_some_and(|length| length > limit.saturating_add(SMALL)) {
        return Err(StorageError::too_large());
    }
    // Nothing is received of a caller who may not write there.
    let id = Uuid::new_v4();
    let mut trial = caller.begin(gateway).await?;
    put(
        &mut trial,
        caller,
        (&bucket.id, &name),
        id,
        &json!({}),
        Uuid::nil(),
        write,
    )
    .await?;
    trial.rollback().await?;

    let mime = text(&head.headers, "content-type").unwrap_or("application/octet-stream");
    let (file, mime, cache) = if mime.starts_with("multipart/form-data") {
        let cap = usize::try_from(limit.saturating_add(SMALL)).unwrap_or(usize::MAX);
        let form = to_bytes(body, cap)
            .await
            .map_err(|_| StorageError::too_large())?;
        let (file, cache) = multipart::read(mime, &form)
            .ok_or_else(|| StorageError::new(400, "InvalidRequest", "No content provided"))?;
        bucket.check_mime(&file.mime)?;
        let bytes = stream::iter([Ok::<Bytes, axum::Error>(file.bytes)]);
        let received = Received::read(gateway, bytes, limit, None).await?;
        (
            received,
            file.mime,
            cache.map(|seconds| format!("max-age={seconds}")),
        )
    } else {
        bucket.check_mime(mime)?;
        let received = Received::read(gateway, body.into_data_stream(), limit, length).await?;
        let cache = text(&head.headers, "cache-control").map(str::to_owned);
        (received, mime.to_owned(), cache)
    };
    let metadata = files::metadata(&file, &mime, cache.as_deref().unwrap_or("no-cache"));
    store(gateway, caller, (&bucket.id, &name), file, &metadata, write)
        .await
        .map(Json)
}

/// Gives an object its new version and removes the old one.
pub(super) async fn store(
    gateway: &Gateway,
    caller: &Caller,
    (bucket, name): (&str, &str),
    file: Received,
    metadata: &Value,
    write: Write,
) -> Result<Value, StorageError> {
    let old: Option<(Uuid, Option<String>)> = sqlx::query_as(
        "select id, version from storage.objects where bucket_id = $1 and name = $2",
    )
    .bind(bucket)
    .bind(name)
    .fetch_optional(&gateway.storage)
    .await?;
    let id = old.as_ref().map_or_else(Uuid::new_v4, |(id, _)| *id);
    let mut transaction = caller.begin(gateway).await?;
    put(
        &mut transaction,
        caller,
        (bucket, name),
        id,
        metadata,
        file.version,
        write,
    )
    .await?;
    transaction.commit().await?;
    file.keep();
    let old = old.and_then(|(_, version)| version?.parse().ok());
    files::remove(gateway, Vec::from_iter(old)).await;
    Ok(json!({"Id": id, "Key": format!("{bucket}/{name}")}))
}

async fn put(
    transaction: &mut Transaction<'static, Postgres>,
    caller: &Caller,
    (bucket, name): (&str, &str),
    id: Uuid,
    metadata: &Value,
    version: Uuid,
    write: Write,
) -> Result<(), StorageError> {
    let insert =
        "insert into storage.objects (bucket_id, name, id, metadata, version, owner, owner_id)
                  values ($1, $2, $3, $4, $5, $6, $6::text)";
    let update = "update storage.objects set metadata = $4, version = $5, owner = $6, owner_id = $6::text, \
                  updated_at = now() where bucket_id = $1 and name = $2 and $3 is not null";
    let upsert = format!(
        "{insert} on conflict (bucket_id, name) do update set metadata = excluded.metadata, version = excluded.version,
         owner = excluded.owner, owner_id = excluded.owner_id, updated_at = now()"
    );
    let statement = match write {
        Write::Create => insert,
        Write::CreateOrReplace => &upsert,
        Write::Replace => update,
    };
    let done = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(bucket)
        .bind(name)
        .bind(id)
        .bind(metadata)
        .bind(version.to_string())
        .bind(caller.user())
        .execute(&mut **transaction)
        .await?;
    match done.rows_affected() {
        0 => Err(StorageError::no_object()),
        _ => Ok(()),
    }
}

/// Refuses names that Storage does not take.
pub(super) fn check_name(name: &str) -> Result<(), StorageError> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_/!-.*'() &$@=;:+,?".contains(c);
    let is_path = !name.is_empty() && name.split('/').all(|part| !part.is_empty() && part != "..");
    match is_path && name.chars().all(is_allowed) {
        true => Ok(()),
        false => Err(StorageError::new(
            400,
            "InvalidKey",
            &format!("Invalid key: {name}"),
        )),
    }
}
