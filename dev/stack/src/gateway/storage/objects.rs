//! Objects: reading, listing, renaming, copying and removing them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{
    buckets::Bucket,
    caller::Caller,
    error::StorageError,
    files::{self, Received},
    upload::{Write, check_name, store},
};
use crate::gateway::state::Gateway;

/// An object as it stands in the table.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Object {
    version: String,
    metadata: Value,
    shown: Value,
}

/// The version of an object and what is told about it.
const FIND: &str = "select coalesce(version, '') as version, coalesce(metadata, '{}') as metadata, to_jsonb(o) as shown
                    from storage.objects o where bucket_id = $1 and name = $2";

/// An object that the transaction's role may see.
pub(super) async fn find(
    rows: &mut Transaction<'static, Postgres>,
    bucket: &str,
    name: &str,
) -> Result<Object, StorageError> {
    let found = sqlx::query_as(FIND)
        .bind(bucket)
        .bind(name)
        .fetch_optional(&mut **rows)
        .await?;
    found.ok_or_else(StorageError::no_object)
}

/// Sends an object to whoever has been let in.
pub(super) async fn send_any(
    gateway: &Gateway,
    (bucket, name): &(String, String),
    request: &Parts,
) -> Result<Response, StorageError> {
    let mut rows = gateway.storage.begin().await?;
    let object = find(&mut rows, bucket, name).await?;
    object.send(gateway, request).await
}

impl Object {
    fn version(&self) -> Result<Uuid, StorageError> {
        self.version.parse().map_err(|_| StorageError::no_object())
    }

    async fn send(&self, gateway: &Gateway, request: &Parts) -> Result<Response, StorageError> {
        files::send(gateway, self.version()?, &self.metadata, request).await
    }
}

pub(super) async fn download(
    State(gateway): State<Arc<Gateway>>,
    Path((bucket, name)): Path<(String, String)>,
    caller: Caller,
    request: Parts,
) -> Result<Response, StorageError> {
    let mut rows = caller.begin(&gateway).await?;
    let object = find(&mut rows, &bucket, &name).await?;
    object.send(&gateway, &request).await
}

pub(super) async fn download_public(
    State(gateway): State<Arc<Gateway>>,
    Path(place): Path<(String, String)>,
    request: Parts,
) -> Result<Response, StorageError> {
    if !Bucket::find(&gateway, &place.0).await?.public {
        return Err(StorageError::no_bucket());
    }
    send_any(&gateway, &place, &request).await
}

pub(super) async fn info(
    State(gateway): State<Arc<Gateway>>,
    Path((bucket, name)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Value>, StorageError> {
    let mut rows = caller.begin(&gateway).await?;
    let Object {
        shown, metadata, ..
    } = find(&mut rows, &bucket, &name).await?;
    Ok(Json(json!({
        "id": shown["id"], "name": name, "version": shown["version"], "bucket_id": bucket, "size": metadata["size"],
        "content_type": metadata["mimetype"], "cache_control": metadata["cacheControl"], "etag": metadata["eTag"],
        "metadata": shown["user_metadata"], "last_modified": shown["updated_at"], "created_at": shown["created_at"],
    })))
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct Listing {
    prefix: String,
    search: String,
    limit: i64,
    offset: i64,
    #[serde(rename = "sortBy")]
    sort: Sort,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            search: String::new(),
            limit: 100,
            offset: 0,
            sort: Sort::default(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sort {
    column: String,
    order: String,
}

/// The objects right below a folder, and the folders there, which have no id.
pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    Path(bucket): Path<String>,
    caller: Caller,
    Json(listing): Json<Listing>,
) -> Result<Json<Value>, StorageError> {
    let mut rows = caller.begin(&gateway).await?;
    let folder = match listing.prefix.trim_matches('/') {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let column = match listing.sort.column.as_str() {
        column @ ("updated_at" | "created_at" | "last_accessed_at") => column,
        _ => "name",
    };
    let order = if listing.sort.order == "desc" {
        "desc"
    } else {
        "asc"
    };
    let statement = format!(
        "with below as (
           select o.*, substr(o.name, length($2) + 1) as rest from storage.objects o
           where o.bucket_id = $1 and starts_with(o.name, $2)),
         entries as (
           select rest as name, id, updated_at, created_at, last_accessed_at, metadata from below where rest not like '%/%'
           union all
           select distinct split_part(rest, '/', 1), null::uuid, null::timestamptz, null::timestamptz, null::timestamptz,
             null::jsonb
           from below where rest like '%/%')
         select to_jsonb(e) from entries e where starts_with(lower(name), lower($3))
         order by {column} {order}, name limit $4 offset $5"
    );
    let entries: Vec<Value> = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
        .bind(bucket)
        .bind(folder)
        .bind(listing.search)
        .bind(listing.limit)
        .bind(listing.offset)
        .fetch_all(&mut *rows)
        .await?;
    Ok(Json(Value::Array(entries)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    bucket_id: String,
    source_key: String,
    destination_key: String,
    destination_bucket: Option<String>,
}

pub(super) async fn rename(
    State(gateway): State<Arc<Gateway>>,
    caller: Caller,
    Json(wish): Json<Transfer>,
) -> Result<Json<Value>, StorageError> {
    check_name(&wish.destination_key)?;
    let mut rows = caller.begin(&gateway).await?;
    let update = "update storage.objects set bucket_id = $3, name = $4, updated_at = now() where bucket_id = $1 and name = $2";
    let done = sqlx::query(update)
        .bind(&wish.bucket_id)
        .bind(&wish.source_key)
        .bind(wish.destination_bucket.as_ref().unwrap_or(&wish.bucket_id))
        .bind(&wish.destination_key)
        .execute(&mut *rows)
        .await?;
    rows.commit().await?;
    match done.rows_affected() {
        0 => Err(StorageError::no_object()),
        _ => Ok(Json(json!({"message": "Successfully moved"}))),
    }
}

pub(super) async fn copy(
    State(gateway): State<Arc<Gateway>>,
    caller: Caller,
    Json(wish): Json<Transfer>,
) -> Result<Json<Value>, StorageError> {
    check_name(&wish.destination_key)?;
    let mut rows = caller.begin(&gateway).await?;
    let source = find(&mut rows, &wish.bucket_id, &wish.source_key).await?;
    drop(rows);
    let bucket = wish.destination_bucket.as_ref().unwrap_or(&wish.bucket_id);
    let file = Received::copy(&gateway, source.version()?).await?;
    let place = (bucket.as_str(), wish.destination_key.as_str());
    store(
        &gateway,
        &caller,
        place,
        file,
        &source.metadata,
        Write::Create,
    )
    .await
    .map(Json)
}

pub(super) async fn remove(
    State(gateway): State<Arc<Gateway>>,
    Path((bucket, name)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Value>, StorageError> {
    match remove_these(&gateway, &caller, &bucket, &[name])
        .await?
        .is_empty()
    {
        true => Err(StorageError::no_object()),
        false => Ok(Json(json!({"message": "Successfully deleted"}))),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Names {
    prefixes: Vec<String>,
}

/// Removes objects by their names; answers with those that were there and may be removed.
pub(super) async fn remove_all(
    State(gateway): State<Arc<Gateway>>,
    Path(bucket): Path<String>,
    caller: Caller,
    Json(names): Json<Names>,
) -> Result<Json<Value>, StorageError> {
    let removed = remove_these(&gateway, &caller, &bucket, &names.prefixes).await?;
    Ok(Json(Value::Array(removed)))
}

async fn remove_these(
    gateway: &Gateway,
    caller: &Caller,
    bucket: &str,
    names: &[String],
) -> Result<Vec<Value>, StorageError> {
    let mut rows = caller.begin(gateway).await?;
    let delete = "delete from storage.objects o where bucket_id = $1 and name = any ($2) returning to_jsonb(o)";
    let removed: Vec<Value> = sqlx::query_scalar(delete)
        .bind(bucket)
        .bind(names)
        .fetch_all(&mut *rows)
        .await?;
    rows.commit().await?;
    let versions = removed
        .iter()
        .filter_map(|object| object["version"].as_str()?.parse().ok());
    files::remove(gateway, versions.collect()).await;
    Ok(removed)
}
