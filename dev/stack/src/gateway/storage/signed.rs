//! Signed addresses: whoever has one may read one object until it ends.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json,
    extract::{Path, Query, State},
    response::Response,
};
use http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    error::StorageError,
    objects::{find, send_any},
};
use crate::gateway::state::Gateway;

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    /// Bucket and name.
    url: String,
    iat: u64,
    exp: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wish {
    /// Seconds.
    expires_in: u32,
    #[serde(default)]
    paths: Vec<String>,
}

/// The path and query of an address, below `/storage/v1`.
fn address(
    gateway: &Gateway,
    bucket: &str,
    name: &str,
    seconds: u32,
) -> Result<String, StorageError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let url = format!("{bucket}/{name}");
    let claims = Claims {
        url: url.clone(),
        iat: now,
        exp: now + u64::from(seconds),
    };
    let key = EncodingKey::from_secret(gateway.secrets().jwt_secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|error| StorageError::new(500, "InternalError", &error.to_string()))?;
    Ok(format!("/object/sign/{url}?token={token}"))
}

pub(super) async fn sign(
    State(gateway): State<Arc<Gateway>>,
    Path((bucket, name)): Path<(String, String)>,
    caller: Caller,
    Json(wish): Json<Wish>,
) -> Result<Json<Value>, StorageError> {
    let mut rows = caller.begin(&gateway).await?;
    find(&mut rows, &bucket, &name).await?;
    let signed = address(&gateway, &bucket, &name, wish.expires_in)?;
    Ok(Json(json!({"signedURL": signed})))
}

pub(super) async fn sign_all(
    State(gateway): State<Arc<Gateway>>,
    Path(bucket): Path<String>,
    caller: Caller,
    Json(wish): Json<Wish>,
) -> Result<Json<Value>, StorageError> {
    let mut rows = caller.begin(&gateway).await?;
    let mut signed = Vec::new();
    for name in wish.paths {
        signed.push(match find(&mut rows, &bucket, &name).await {
            Ok(_) => {
                let address = address(&gateway, &bucket, &name, wish.expires_in)?;
                json!({"error": null, "path": name, "signedURL": address})
            }
            Err(_) => {
                let error = "Either the object does not exist or you do not have access to it";
                json!({"error": error, "path": name, "signedURL": null})
            }
        });
    }
    Ok(Json(Value::Array(signed)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    token: Option<String>,
}

pub(super) async fn download(
    State(gateway): State<Arc<Gateway>>,
    Path(place): Path<(String, String)>,
    Query(shown): Query<Shown>,
    request: Parts,
) -> Result<Response, StorageError> {
    let token = shown.token.ok_or_else(|| {
        StorageError::new(
            400,
            "Error",
            "querystring must have required property 'token'",
        )
    })?;
    let mut rules = Validation::new(Algorithm::HS256);
    rules.leeway = 0;
    let key = DecodingKey::from_secret(gateway.secrets().jwt_secret.as_bytes());
    let claims: Claims = jsonwebtoken::decode(&token, &key, &rules)
        .map_err(|error| {
            use jsonwebtoken::errors::ErrorKind::ExpiredSignature;
            let message = match error.kind() {
                ExpiredSignature => "\"exp\" claim timestamp check failed",
                _ => "invalid signature",
            };
            StorageError::new(400, "InvalidJWT", message)
        })?
        .claims;
    if claims.url != format!("{}/{}", place.0, place.1) {
        return Err(StorageError::new(
            400,
            "InvalidSignature",
            "Invalid signature",
        ));
    }
    send_any(&gateway, &place, &request).await
}
