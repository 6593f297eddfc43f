//! Stand-ins of the accounts that a deployment is made in: Supabase's Management API and Vercel's REST API, and the address at
//! which the deployment and the project then answer. They keep what is done to them, so that a test can count it.
//!
//! Fields and paths are those of `@vercel/sdk` 1.28 and `supabase-management-js` 2.0. The projects' database is the caller's.

mod failure;
mod site;
mod supabase;
mod vercel;
mod world;

use std::io;
use std::sync::{Arc, Mutex};

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::{Router, response::Response};
use http::header::AUTHORIZATION;
use serde_json::Value;

use crate::{Loopback, empty_response, json_response, lock, with_header};
use world::World;

pub use failure::Failure;
pub use world::{Database, Limits};

/// The token that each accepts.
pub const SUPABASE_TOKEN: &str = "sbp_of-the-stand-in-9f31c2";
/// The token that each accepts.
pub const VERCEL_TOKEN: &str = "vcp_of-the-stand-in-5d20aa";

/// A call: what was asked, by whom, and what was sent.
struct Call<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    body: &'a Value,
    bytes: &'a Bytes,
    digest: &'a str,
}

/// What a stand-in answers.
type Answer = (u16, Value);

/// All of them, each on a port of its own. They end when this is dropped.
#[derive(Debug)]
pub struct Accounts {
    supabase: Loopback,
    vercel: Loopback,
    site: Loopback,
    world: Arc<Mutex<World>>,
}

impl Accounts {
    /// Starts them with empty accounts; every Supabase project has this one database.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(database: Database) -> io::Result<Self> {
        let world = Arc::new(Mutex::new(World::new(database)));
        let serve = |handle: fn(&mut World, &Call<'_>) -> Answer, token: Option<&'static str>| {
            let state = (Arc::clone(&world), handle, token);
            Loopback::serve(Router::new().fallback(answer).with_state(state))
        };
        Ok(Self {
            supabase: serve(supabase::answer, Some(SUPABASE_TOKEN)).await?,
            vercel: serve(vercel::answer, Some(VERCEL_TOKEN)).await?,
            site: serve(site::answer, None).await?,
            world,
        })
    }

    /// The address of Supabase's Management API.
    pub fn supabase(&self) -> &str {
        &self.supabase.url
    }

    /// The address of Vercel's API.
    pub fn vercel(&self) -> &str {
        &self.vercel.url
    }

    /// Where the deployment answers, and the Supabase project.
    pub fn site(&self) -> &str {
        &self.site.url
    }

    /// What the plans allow and which names are taken.
    pub fn limit(&self, limits: Limits) {
        lock(&self.world).limits = limits;
    }

    /// Lets calls fail, counted from now; none heals.
    pub fn fail(&self, failure: Option<Failure>) {
        let mut world = lock(&self.world);
        world.failure = failure;
        world.since = 0;
    }

    /// The calls of both APIs until now, as `METHOD /path`.
    pub fn calls(&self) -> Vec<String> {
        lock(&self.world).calls.clone()
    }

    /// What there is in both accounts. Secrets are told as the number of their letters.
    pub fn state(&self) -> Value {
        lock(&self.world).state()
    }

    /// What was sent as a variable's value, which the API never tells.
    pub fn variable(&self, name: &str) -> Option<String> {
        lock(&self.world).variable(name)
    }

    /// Everything secret that they were told or told themselves.
    pub fn secrets(&self) -> Vec<String> {
        lock(&self.world).secrets.clone()
    }

    /// Changes a Supabase project from outside, such as its `status`.
    pub fn set(&self, name: &str, field: &str, value: Value) {
        for project in &mut lock(&self.world).projects {
            if project["name"] == name {
                project[field] = value.clone();
            }
        }
    }
}

type Handle = fn(&mut World, &Call<'_>) -> Answer;
type Served = (Arc<Mutex<World>>, Handle, Option<&'static str>);

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
    let number = world.count(&call);
    if let Some(refusal) = world.failure.and_then(|failure| failure.before(number)) {
        return failed(refusal);
    }
    if bearer.strip_prefix("Bearer ") != Some(token) {
        let vercel = serde_json::json!({"error": {"code": "forbidden", "message": "Not authorized", "invalidToken": true}});
        let supabase = serde_json::json!({"message": "Unauthorized"});
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
