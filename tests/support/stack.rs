//! The stack that the tests run on: its addresses and keys, its database, its dispatcher.

use std::{
    env,
    process::Command,
    sync::{Arc, Once},
    time::Duration,
};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Api, OnDrop, PATIENCE, User, until};

/// The stack that the environment names.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(super) http: Client,
    pub(crate) api_url: String,
    pub(crate) supabase_url: String,
    pub(crate) publishable_key: String,
    pub(crate) secret_key: String,
    pub(crate) cron_secret: String,
    pub(super) database_url: String,
}

pub(super) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this test under `catalyst-dev exec -- cargo test --test api` (or `make test`)"))
}

/// A client for addresses outside the API, following no redirects. Each test has its own: pooled connections die with the
/// runtime that made them.
pub(crate) fn plain_client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::aws_lc_rs::default_provider().install_default()));
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .tls_backend_preconfigured(
            rustls::ClientConfig::builder()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth(),
        )
        .build()
        .expect("a client for plain HTTP")
}

impl Stack {
    /// The stack of this test run.
    pub(crate) fn from_env() -> Arc<Self> {
        Arc::new(Self {
            http: plain_client(),
            api_url: variable("API_URL"),
            supabase_url: variable("SUPABASE_URL"),
            publishable_key: variable("SUPABASE_PUBLISHABLE_KEY"),
            secret_key: variable("SUPABASE_SECRET_KEY"),
            cron_secret: variable("CRON_SECRET"),
            database_url: variable("DATABASE_URL"),
        })
    }

    /// The API without a token.
    pub(crate) fn anonymous(&self) -> Api {
        self.api(None)
    }

    /// The API with any token, good or not.
    pub(crate) fn api(&self, token: Option<&str>) -> Api {
        Api::new(self.http.clone(), self.api_url.clone(), token)
    }

    /// A call of the Storage API.
    pub(crate) fn storage_request(
        &self,
        method: Method,
        url: &str,
        key: &str,
        token: &str,
    ) -> reqwest::RequestBuilder {
        let request = self.http.request(method, url).header("apikey", key);
        request.bearer_auth(token)
    }

    /// What stands at an address, for anybody.
    pub(crate) async fn fetch(&self, url: &str) -> reqwest::Response {
        self.http.get(url).send().await.expect("an answer")
    }

    /// A new user with an address of its own.
    pub(crate) async fn sign_up(self: &Arc<Self>) -> User {
        self.sign_up_as(format!("{}@example.com", Uuid::new_v4().simple()))
            .await
    }

    /// A new user of this address.
    pub(crate) async fn sign_up_as(self: &Arc<Self>, email: String) -> User {
        let password = Uuid::new_v4().to_string();
        let credentials = json!({ "email": email, "password": password });
        let session = self.auth("signup", &credentials).await;
        User::of(self, &session, email, password)
    }

    /// A new user whose token says that they are an operator.
    pub(crate) async fn sign_up_admin(self: &Arc<Self>) -> User {
        let user = self.sign_up().await;
        let url = format!("{}/auth/v1/admin/users/{}", self.supabase_url, user.id);
        let request = self
            .http
            .put(url)
            .header("apikey", &self.secret_key)
            .json(&json!({ "app_metadata": { "role": "admin" } }));
        Answer::of(request).await.ok();
        user.refreshed().await
    }

    /// A call of the auth service with the publishable key.
    pub(super) async fn auth(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/auth/v1/{path}", self.supabase_url);
        let request = self.http.post(url).header("apikey", &self.publishable_key);
        Answer::of(request.json(body)).await.ok().json
    }

    /// Method, path and document of every operation that a function carries out; the document itself is a file.
    pub(crate) async fn documented_operations(&self) -> Vec<(Method, String, Value)> {
        let path = catalyst::routes::openapi::PATH;
        let document = self.anonymous().get(path).await.status(200).json;
        let paths = document["paths"].as_object().expect("paths");
        let served = paths.iter().filter(|(served, _)| *served != path);
        served
            .flat_map(|(path, operations)| {
                let operations = operations.as_object().expect("operations");
                operations.iter().map(|(method, operation)| {
                    let method = method.to_uppercase().parse().expect("a method");
                    (method, path.clone(), operation.clone())
                })
            })
            .collect()
    }

    /// Calls a function of schema `engine` with the secret key, as the functions do.
    pub(crate) async fn engine(&self, function: &str, arguments: &Value) -> Answer {
        let url = format!("{}/rest/v1/rpc/{function}", self.supabase_url);
        let request = self
            .http
            .post(url)
            .header("apikey", &self.secret_key)
            .header("content-profile", "engine");
        Answer::of(request.json(arguments)).await
    }

    /// Runs SQL as `postgres`, which row level security does not bind; unaligned rows, fields parted by `|`.
    #[track_caller]
    pub(crate) fn sql(&self, statement: &str) -> String {
        self.try_sql(statement)
            .unwrap_or_else(|error| panic!("{statement}\n{error}"))
    }

    /// The same, where a failure must not end the test.
    pub(super) fn try_sql(&self, statement: &str) -> Result<String, String> {
        let output = self
            .psql()
            .args(["--command", statement])
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            let rows = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
            Ok(rows.trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Waits for a database that was killed to answer again.
    pub(crate) async fn database_is_back(&self) {
        until("the database", PATIENCE, async || {
            self.try_sql("select 1").map(drop)
        })
        .await;
    }

    /// psql on the stack's database. No statement runs for ever.
    pub(super) fn psql(&self) -> Command {
        let mut psql = Command::new("psql");
        psql.env("PGOPTIONS", "-c statement_timeout=120s")
            .args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet"])
            .args(["--set=ON_ERROR_STOP=1", "--dbname", &self.database_url]);
        psql
    }

    /// A number out of the database; 0 when there is none.
    pub(crate) fn count(&self, statement: &str) -> i64 {
        self.sql(statement).parse().unwrap_or(0)
    }

    /// Wakes the dispatcher as pg_cron does.
    pub(crate) async fn dispatch(&self) {
        self.wake().await.status(202);
    }

    /// The same, whether or not there is a dispatcher left to answer.
    pub(crate) async fn wake(&self) -> Answer {
        let scheduler = self.api(Some(&self.cron_secret));
        scheduler.post("/api/cron/dispatch", &json!({})).await
    }

    /// A rightly signed access token with these claims in the place of the usual ones; null takes one out.
    pub(crate) async fn token(&self, claims: &Value) -> String {
        let url = format!("{}/_control/auth/token", self.supabase_url);
        Answer::of(self.http.post(url).json(claims))
            .await
            .ok()
            .text("/access_token")
    }

    /// Puts a fresh key in use for access tokens.
    pub(crate) async fn rotate_signing_keys(&self) {
        let url = format!("{}/_control/auth/rotate", self.supabase_url);
        Answer::of(self.http.post(url)).await.ok();
    }

    /// Lets the published keys of access tokens stay what they are, whatever is in use, until the guard is dropped.
    pub(crate) async fn published_keys_lag(&self) -> OnDrop {
        let url = format!("{}/_control/auth/published", self.supabase_url);
        let request = self.http.post(url).json(&json!({ "lag": true }));
        Answer::of(request).await.status(204);
        let (base, path) = (self.supabase_url.clone(), "auth/published".into());
        OnDrop::control(base, "POST", path, json!({ "lag": false }))
    }
}
