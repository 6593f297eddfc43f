//! How calls come in, fail when they are to, and are answered.

use std::io;
use std::sync::{Arc, Mutex};

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::{Router, response::Response};
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::world::World;
use crate::{Loopback, empty_response, json_response, lock, with_header};

/// The token that each accepts.
pub const SUPABASE_TOKEN: &str = "sbp_of-the-stand-in-9f31c2";
/// The token that each accepts.
pub const VERCEL_TOKEN: &str = "vcp_of-the-stand-in-5d20aa";

/// A call: what was asked, by whom, and what was sent.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) body: &'a Value,
    pub(super) bytes: &'a Bytes,
    pub(super) digest: &'a str,
}

/// What a stand-in answers.
pub(super) type Answer = (u16, Value);

type Handle = fn(&mut World, &Call<'_>) -> Answer;
type Served = (Arc<Mutex<World>>, Handle, Option<&'static str>);

/// Serves one of them on a port of its own.
pub(super) async fn serve(
    world: Arc<Mutex<World>>,
    handle: Handle,
    token: Option<&'static str>,
) -> io::Result<Loopback> {
    let app = Router::new()
        .fallback(answer)
        .with_state((world, handle, token));
    Loopback::serve(app).await
}

async fn answer(State((world, handle, token)): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 64 * 1024 * 1024).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let header = |name: &str| {
        let value = parts.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let bearer = header(AUTHORIZATION.as_str());
    let call = Call {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        body: &body,
        bytes: &bytes,
        // The site's callers are known by their key.
        digest: match token {
            None if bearer.is_empty() => header("apikey"),
            None => bearer.trim_start_matches("Bearer "),
            Some(_) => header("x-vercel-digest"),
        },
    };
    let mut world = lock(&world);
    let Some(token) = token else {
        return written(handle(&mut world, &call));
    };
    let number = world.count(call.method, call.path);
    if let Some(refusal) = world.failure.and_then(|failure| failure.before(number)) {
        return failed(refusal);
    }
    if bearer.strip_prefix("Bearer ") != Some(token) {
        let vercel = json!({"error": {"code": "forbidden", "message": "Not authorized", "invalidToken": true}});
        let supabase = json!({"message": "Unauthorized"});
        return written(match token == VERCEL_TOKEN {
            true => (403, vercel),
            false => (401, supabase),
        });
    }
    let answer = handle(&mut world, &call);
    match world.failure.and_then(|failure| failure.after(number)) {
        Some(refusal) => failed(refusal),
        None => written(answer),
    }
}

fn written((status, body): Answer) -> Response {
    json_response(status, &body)
}

fn failed(status: u16) -> Response {
    let response = empty_response(status);
    match status {
        429 => with_header(response, "retry-after", "0"),
        _ => response,
    }
}
