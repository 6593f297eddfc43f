//! Buckets and their limits.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{caller::Caller, error::StorageError, files};
use crate::gateway::state::Gateway;

type Answer = Result<Json<Value>, StorageError>;

/// What a bucket takes.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Bucket {
    pub(super) id: String,
    pub(super) public: bool,
    /// In bytes.
    pub(super) file_size_limit: Option<i64>,
    allowed_mime_types: Option<Vec<String>>,
}

impl Bucket {
    pub(super) async fn find(gateway: &Gateway, id: &str) -> Result<Self, StorageError> {
        let select = "select id, public, file_size_limit, allowed_mime_types from storage.buckets where id = $1";
        let found = sqlx::query_as(select)
            .bind(id)
            .fetch_optional(&gateway.storage)
            .await?;
        found.ok_or_else(StorageError::no_bucket)
    }

    /// Refuses a type that is not among the allowed ones, of which one may end in `/*`.
    pub(super) fn check_mime(&self, mime: &str) -> Result<(), StorageError> {
        let essence = mime
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        let fits = |allowed: &String| match allowed.strip_suffix("/*") {
            Some(family) => essence.split('/').next() == Some(family),
            None => *allowed == essence,
        };
        let allowed = self.allowed_mime_types.as_deref().unwrap_or_default();
        match allowed.is_empty() || allowed.iter().any(fits) {
            true => Ok(()),
            false => {
                let message = format!("mime type {essence} is not supported");
                Err(StorageError::new(415, "invalid_mime_type", &message))
            }
        }
    }
}

/// A new bucket, or what changes about one.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    id: Option<String>,
    name: Option<String>,
    public: Option<bool>,
    file_size_limit: Option<Value>,
    allowed_mime_types: Option<Vec<String>>,
}

impl Wanted {
    /// The limit in bytes; `20MB` is one too.
    fn limit(&self) -> Result<Option<i64>, StorageError> {
        let invalid = || {
            let message = "Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B";
            StorageError::new(400, "InvalidRequest", message)
        };
        match &self.file_size_limit {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => {
                let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
                let factor = match unit.to_uppercase().as_str() {
                    "" | "B" => 1,
                    "KB" => 1024,
                    "MB" => 1024 * 1024,
                    "GB" => 1024 * 1024 * 1024,
                    _ => return Err(invalid()),
                };
                let number: i64 = text[..text.len() - unit.len()]
                    .parse()
                    .map_err(|_| invalid())?;
                Ok(number.checked_mul(factor))
            }
            Some(number) => number.as_i64().map(Some).ok_or_else(invalid),
        }
    }
}

const SHOWN: &str = "select to_jsonb(b) - '{avif_autodetection}'::text[] from storage.buckets b where $1 is null or id = $1 order by id";

pub(super) async fn list(State(gateway): State<Arc<Gateway>>, caller: Caller) -> Answer {
    let mut rows = caller.begin(&gateway).await?;
    let buckets: Vec<Value> = sqlx::query_scalar(SHOWN)
        .bind(None::<String>)
        .fetch_all(&mut *rows)
        .await?;
    Ok(Json(Value::Array(buckets)))
}

pub(super) async fn read(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Answer {
    let mut rows = caller.begin(&gateway).await?;
    let found: Option<Value> = sqlx::query_scalar(SHOWN)
        .bind(id)
        .fetch_optional(&mut *rows)
        .await?;
    found.map(Json).ok_or_else(StorageError::no_bucket)
}

pub(super) async fn create(
    State(gateway): State<Arc<Gateway>>,
    caller: Caller,
    Json(wanted): Json<Wanted>,
) -> Answer {
    let limit = wanted.limit()?;
    let name = wanted.name.or(wanted.id.clone()).unwrap_or_default();
    let id = wanted.id.unwrap_or_else(|| name.clone());
    let mut rows = caller.begin(&gateway).await?;
    let insert = "insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types, owner, owner_id)
                  values ($1, $2, $3, $4, $5, $6, $6::text)";
    sqlx::query(insert)
        .bind(&id)
        .bind(&name)
        .bind(wanted.public.unwrap_or(false))
        .bind(limit)
        .bind(wanted.allowed_mime_types)
        .bind(caller.user())
        .execute(&mut *rows)
        .await?;
    rows.commit().await?;
    Ok(Json(json!({"name": name})))
}

pub(super) async fn update(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    caller: Caller,
    Json(wanted): Json<Wanted>,
) -> Answer {
    let mut rows = caller.begin(&gateway).await?;
    let update = "update storage.buckets set public = coalesce($2, public), updated_at = now(),
                    file_size_limit = coalesce($3, file_size_limit), allowed_mime_types = coalesce($4, allowed_mime_types)
                  where id = $1";
    let done = sqlx::query(update)
        .bind(&id)
        .bind(wanted.public)
        .bind(wanted.limit()?)
        .bind(wanted.allowed_mime_types)
        .execute(&mut *rows)
        .await?;
    rows.commit().await?;
    match done.rows_affected() {
        0 => Err(StorageError::no_bucket()),
        _ => Ok(Json(json!({"message": "Successfully updated"}))),
    }
}

pub(super) async fn empty(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Answer {
    let mut rows = caller.begin(&gateway).await?;
    let delete = "delete from storage.objects where bucket_id = $1 returning version";
    let versions: Vec<String> = sqlx::query_scalar(delete)
        .bind(&id)
        .fetch_all(&mut *rows)
        .await?;
    rows.commit().await?;
    let versions = versions.iter().filter_map(|version| version.parse().ok());
    files::remove(&gateway, versions.collect()).await;
    Ok(Json(json!({"message": "Successfully emptied"})))
}

pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Answer {
    let held = "select exists (select from storage.objects where bucket_id = $1)";
    if sqlx::query_scalar(held)
        .bind(&id)
        .fetch_one(&gateway.storage)
        .await?
    {
        let message = "The bucket you tried to delete is not empty";
        return Err(StorageError::new(409, "InvalidRequest", message));
    }
    let mut rows = caller.begin(&gateway).await?;
    let done = sqlx::query("delete from storage.buckets where id = $1")
        .bind(&id)
        .execute(&mut *rows)
        .await?;
    rows.commit().await?;
    match done.rows_affected() {
        0 => Err(StorageError::no_bucket()),
        _ => Ok(Json(json!({"message": "Successfully deleted"}))),
    }
}
