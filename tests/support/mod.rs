//! What the black-box tests share: a stack started by `catalyst-dev exec`, users, calls, the stand-ins, and waiting for a state.
//!
//! Tests in `tests/api` run in parallel on one stack: each makes its own user and its own account at the stand-ins, and
//! none moves the clock. Tests that move it live in `tests/flows`.

#![allow(
    dead_code,
    unused_imports,
    reason = "two test binaries share this, and neither uses all of it"
)]

mod answer;
mod function;
mod mint;
mod sink;
mod tool;
mod world;

use std::{
    env,
    future::Future,
    path::PathBuf,
    process::Command,
    sync::{Arc, Once},
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use answer::{Answer, SECRETS, assert_problem, assert_problem_at};
pub(crate) use function::{CANARY, Condition, Function, Line};
pub(crate) use mint::{Mint, message, sign_with};
pub(crate) use sink::Sink;
#[allow(
    unused_imports,
    reason = "two test binaries share this, and one runs the tool"
)]
pub(crate) use tool::tool;
pub(crate) use world::{Account, StandIn};

/// The stack that the environment names.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    http: Client,
    pub(crate) api_url: String,
    pub(crate) supabase_url: String,
    pub(crate) publishable_key: String,
    pub(crate) secret_key: String,
    pub(crate) cron_secret: String,
    database_url: String,
}

/// Somebody who has signed up.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) api: Api,
    stack: Arc<Stack>,
}

/// The product's API, as one caller sees it.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    http: Client,
    base: String,
    token: Option<String>,
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this test under `catalyst-dev exec -- cargo test --test api` (or `make test`)"))
}

/// A client for addresses outside the API, following no redirects.
pub(crate) fn plain_client() -> Client {
    client()
}

/// A client of its own for each test: pooled connections die with the runtime that made them.
fn client() -> Client {
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
            http: client(),
            api_url: variable("API_URL"),
            supabase_url: variable("SUPABASE_URL"),
            publishable_key: variable("SUPABASE_PUBLISHABLE_KEY"),
            secret_key: variable("SUPABASE_SECRET_KEY"),
            cron_secret: variable("CRON_SECRET"),
            database_url: variable("DATABASE_URL"),
        })
    }

    /// Kills every dispatcher of this stack, as the platform may at any moment, and says how many there were.
    pub(crate) fn kill_dispatchers(&self) -> usize {
        self.kill(|name| name == "api_cron")
    }

    /// Kills the processes of these functions of this stack, and says how many there were. They are dead when it returns.
    pub(crate) fn kill(&self, is_meant: impl Fn(&str) -> bool) -> usize {
        let killed = self.send("-KILL", is_meant);
        let deadline = Instant::now() + Duration::from_secs(10);
        // A dead process has no program any more, whether its parent has noticed or not.
        while killed
            .iter()
            .any(|process| std::fs::read_link(process.join("exe")).is_ok())
        {
            assert!(Instant::now() < deadline, "{killed:?} does not die");
            std::thread::yield_now();
        }
        killed.len()
    }

    /// Sends a signal to the processes of these functions of this stack, and says how many there were.
    pub(crate) fn signal(&self, signal: &str, is_meant: impl Fn(&str) -> bool) -> usize {
        self.send(signal, is_meant).len()
    }

    /// Sends a signal, and says to which processes.
    fn send(&self, signal: &str, is_meant: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let mine = format!("SUPABASE_URL={}", self.supabase_url);
        let mut reached = Vec::new();
        for process in std::fs::read_dir("/proc")
            .expect("a process table")
            .flatten()
        {
            let path = process.path();
            let meant = std::fs::read_link(path.join("exe")).is_ok_and(|exe| {
                exe.file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(&is_meant)
            });
            let ours = std::fs::read(path.join("environ")).is_ok_and(|environ| {
                environ
                    .split(|byte| *byte == 0)
                    .any(|pair| pair == mine.as_bytes())
            });
            if meant && ours {
                let done = Command::new("kill")
                    .arg(signal)
                    .arg(process.file_name())
                    .status();
                if done.is_ok_and(|status| status.success()) {
                    reached.push(path);
                }
            }
        }
        reached
    }

    /// The API without a token.
    pub(crate) fn anonymous(&self) -> Api {
        self.api(None)
    }

    /// The API with any token, good or not.
    pub(crate) fn api(&self, token: Option<&str>) -> Api {
        Api {
            http: self.http.clone(),
            base: self.api_url.clone(),
            token: token.map(str::to_owned),
        }
    }

    /// A new user with an address of its own.
    pub(crate) async fn sign_up(self: &Arc<Self>) -> User {
        let email = format!("{}@example.com", Uuid::new_v4().simple());
        let password = Uuid::new_v4().to_string();
        let session = self
            .auth("signup", &json!({ "email": email, "password": password }))
            .await;
        self.user(&session, email, password)
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

    fn user(self: &Arc<Self>, session: &Value, email: String, password: String) -> User {
        let text = |name: &str| {
            session[name]
                .as_str()
                .unwrap_or_else(|| panic!("no {name} in {session}"))
                .to_owned()
        };
        let access_token = text("access_token");
        User {
            id: session["user"]["id"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .expect("a user id"),
            email,
            password,
            api: self.api(Some(&access_token)),
            access_token,
            refresh_token: text("refresh_token"),
            stack: Arc::clone(self),
        }
    }

    async fn auth(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/auth/v1/{path}", self.supabase_url);
        Answer::of(
            self.http
                .post(url)
                .header("apikey", &self.publishable_key)
                .json(body),
        )
        .await
        .ok()
        .json
    }

    /// Calls a function of schema `engine` with the secret key, as the functions do.
    pub(crate) async fn engine(&self, function: &str, arguments: &Value) -> Answer {
        let url = format!("{}/rest/v1/rpc/{function}", self.supabase_url);
        Answer::of(
            self.http
                .post(url)
                .header("apikey", &self.secret_key)
                .header("content-profile", "engine")
                .json(arguments),
        )
        .await
    }

    /// Runs SQL as `postgres`, which row level security does not bind; unaligned rows, fields parted by `|`.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let output = Command::new("psql")
            .args([
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--quiet",
                "--set=ON_ERROR_STOP=1",
                "--command",
                statement,
            ])
            .arg(&self.database_url)
            .output()
            .expect("psql runs");
        assert!(
            output.status.success(),
            "{statement}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim_end()
            .to_owned()
    }

    /// Holds a channel's row for so long, in a session of its own: whoever wants to add to the channel waits.
    pub(crate) fn hold_channel(&self, channel: Uuid, time: Duration) -> std::process::Child {
        let statement = format!(
            "begin; select from public.channels where id = '{channel}' for update; select pg_sleep({}); commit",
            time.as_secs_f64()
        );
        Command::new("psql")
            .args(["--no-psqlrc", "--quiet", "--command", &statement])
            .arg(&self.database_url)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("psql runs")
    }

    /// Wakes the dispatcher as pg_cron does.
    pub(crate) async fn dispatch(&self) {
        let request = self
            .http
            .post(format!("{}/api/cron/dispatch", self.api_url))
            .bearer_auth(&self.cron_secret)
            .json(&json!({}));
        Answer::of(request).await.status(202);
    }

    /// The product's time, in seconds since 1970.
    pub(crate) async fn now(&self) -> jiff::Timestamp {
        let answer = Answer::of(
            self.http
                .get(format!("{}/_control/clock", self.supabase_url)),
        )
        .await
        .ok();
        answer.json["now"]
            .as_str()
            .and_then(|now| now.parse().ok())
            .expect("a time")
    }

    /// Moves the product's time once no step runs: a step sleeps by the clock it saw, so what it decides before a jump and
    /// says after it would be late by the jump. Only for `tests/flows`.
    pub(crate) async fn advance(&self, by: Duration) {
        until("a pause between steps", Duration::from_secs(90), async || {
            match self
                .sql("select count(*) from private.steps where state = 'running' and lease_until > private.now()")
                .as_str()
            {
                "0" => Ok(()),
                running => Err(format!("{running} steps run")),
            }
        })
        .await;
        self.jump(by).await;
    }

    /// Moves the product's time over a pause of its own, when no step runs and the next one is due within half a minute.
    async fn skip_pause(&self) {
        let pause = self.sql(
            "select ceil(extract(epoch from min(due_at) - private.now()))::integer from private.steps
             where state = 'waiting' and not exists (select from private.steps where state = 'running')",
        );
        if let Ok(seconds @ 1..=30) = pause.parse() {
            self.jump(Duration::from_secs(seconds)).await;
        }
    }

    /// Moves the product's time whatever is going on: past the leases of workers that are dead.
    pub(crate) async fn jump(&self, by: Duration) {
        let url = format!("{}/_control/clock", self.supabase_url);
        Answer::of(
            self.http
                .post(url)
                .json(&json!({ "advance_seconds": by.as_secs() })),
        )
        .await
        .ok();
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
        Answer::of(
            self.http
                .post(format!("{}/_control/auth/rotate", self.supabase_url)),
        )
        .await
        .ok();
    }
}

impl User {
    /// The same user with a newer token.
    pub(crate) async fn refreshed(&self) -> Self {
        let session = self
            .stack
            .auth(
                "token?grant_type=refresh_token",
                &json!({ "refresh_token": self.refresh_token }),
            )
            .await;
        self.stack
            .user(&session, self.email.clone(), self.password.clone())
    }

    /// Rows of the Data API, as this user sees them: `rows("videos?select=id")`.
    pub(crate) async fn rows(&self, path: &str) -> Answer {
        let url = format!("{}/rest/v1/{path}", self.stack.supabase_url);
        Answer::of(
            self.stack
                .http
                .get(url)
                .header("apikey", &self.stack.publishable_key)
                .bearer_auth(&self.access_token),
        )
        .await
    }

    /// Makes a Google account with a channel of a few made-up videos, and connects it through the consent page.
    pub(crate) async fn connect_channel(&self) -> Account {
        let account = Account::create(&json!({ "generated": { "videos": 40, "seed": 7 } })).await;
        self.connect(account).await
    }

    /// Connects an account's channel through the consent page, and finds the product's id of the channel.
    pub(crate) async fn connect(&self, mut account: Account) -> Account {
        let landed = self.consent(&account).await;
        assert!(landed.status < 400, "the callback refused: {landed}");
        let channels = self.api.get("/api/channels").await.ok();
        let channel = channels.json["items"]
            .as_array()
            .and_then(|items| {
                items
                    .iter()
                    .find(|item| item.to_string().contains(&account.youtube_channel_id))
            })
            .unwrap_or_else(|| panic!("{} is not among {channels}", account.youtube_channel_id));
        account.channel_id = channel["id"].as_str().and_then(|id| id.parse().ok());
        account
    }

    /// Goes to the consent page and back: what the callback answered.
    pub(crate) async fn consent(&self, account: &Account) -> Answer {
        let started = self.api.post("/api/channels/connect", &json!({})).await;
        assert!(started.status < 300, "{started}");
        let page = first_text(&started.json, &|text| {
            text.starts_with("http") && text.contains("/o/oauth2/")
        })
        .unwrap_or_else(|| panic!("no consent page in {started}"));
        let answer = Answer::of(
            self.stack
                .http
                .get(format!("{page}&login_hint={}", account.name)),
        )
        .await;
        let back = answer
            .header("location")
            .unwrap_or_else(|| panic!("the consent page led nowhere: {answer}"));
        Answer::of(self.stack.http.get(back)).await
    }
}

/// The first text in a JSON value that fits.
fn first_text(value: &Value, fits: &dyn Fn(&str) -> bool) -> Option<String> {
    match value {
        Value::String(text) => fits(text).then(|| text.clone()),
        Value::Array(items) => items.iter().find_map(|item| first_text(item, fits)),
        Value::Object(fields) => fields.values().find_map(|field| first_text(field, fits)),
        _ => None,
    }
}

impl Api {
    /// A request to be completed by hand: other headers, a raw body.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// `POST` with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// `POST` with an `Idempotency-Key`.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        Answer::of(
            self.request(Method::POST, path)
                .header("idempotency-key", key)
                .json(body),
        )
        .await
    }

    /// `POST` with bytes that may be no JSON at all.
    pub(crate) async fn post_raw(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        Answer::of(
            self.request(Method::POST, path)
                .header("content-type", content_type)
                .body(body.into()),
        )
        .await
    }

    /// `PATCH` with a JSON body.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// `PATCH` of the version that the caller has read.
    pub(crate) async fn patch_if(&self, path: &str, etag: &str, body: &Value) -> Answer {
        Answer::of(
            self.request(Method::PATCH, path)
                .header("if-match", etag)
                .json(body),
        )
        .await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }
}

/// Asks until the answer is there. Fails, with what was seen last, after `patience`.
pub(crate) async fn until<T, Asked>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> Asked,
) -> T
where
    Asked: Future<Output = Result<T, String>>,
{
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(20);
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() > deadline => {
                panic!("{what} did not come within {patience:?}; seen last: {seen}")
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_millis(400));
    }
}

impl Api {
    /// Reads a resource until a field of it has one of these values, waking the dispatcher meanwhile as pg_cron would. Tests
    /// that are alone on their stack do not sit out the product's pauses.
    pub(crate) async fn until_field(
        &self,
        stack: &Stack,
        path: &str,
        field: &str,
        wanted: &[&str],
        patience: Duration,
    ) -> Answer {
        until(
            &format!("{field} of {path} in {wanted:?}"),
            patience,
            async || {
                stack.dispatch().await;
                let answer = self.get(path).await;
                let there = answer
                    .json
                    .pointer(field)
                    .and_then(Value::as_str)
                    .is_some_and(|value| wanted.contains(&value));
                if there {
                    return Ok(answer);
                }
                if crate::ALONE {
                    stack.skip_pause().await;
                }
                Err(answer.to_string())
            },
        )
        .await
    }
}
