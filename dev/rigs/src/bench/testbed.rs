//! What everything is measured on: a stack of its own with the release functions, users, and rows to read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{Durability, cluster, throwaway_folder};
use catalyst_cli::process;
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use stack::demo::{self, client::Addresses};
use stack::{Options, Ports, Stack};
use tokio::task::JoinHandle;
use uuid::Uuid;

const SCHEMA: &str = include_str!("world.sql");

/// A signed-in user.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: Uuid,
    pub(super) token: String,
}

/// The stack and what is in it.
pub(super) struct Testbed {
    stack: Stack,
    state: tempfile::TempDir,
    pub(super) binaries: PathBuf,
    pub(super) peer: PathBuf,
    pub(super) database: PgPool,
    pub(super) http: reqwest::Client,
    pub(super) addresses: Addresses,
    pub(super) user: User,
    pub(super) admin: User,
    sink: u16,
    sinking: JoinHandle<()>,
    renders: Mutex<Vec<Uuid>>,
}

impl Testbed {
    /// Starts the stack, signs two users up, and lets scores be seen.
    pub(super) async fn make(project: &Project) -> Result<Self> {
        let state = throwaway_folder()?;
        let binaries = project.binaries(true);
        let ports = Ports::free()?;
        let options = Options {
            binaries: binaries.clone(),
            state: state.path().to_owned(),
            ports,
            durability: Durability::Throwaway,
            variables: [("ENABLE_RATE_LIMITING".to_owned(), "false".to_owned())].into(),
            supabase: None,
            catalog: None,
        };
        let stack = Stack::start(project, &options).await?;
        let database = PgPoolOptions::new()
            .max_connections(8)
            .connect_with(
                // Ten million rows take longer to be made than any statement of the product may run.
                cluster::login(ports.postgres, "supabase_admin").options([
                    ("statement_timeout", "0"),
                    ("maintenance_work_mem", "512MB"),
                ]),
            )
            .await
            .map_err(Error::database("cannot connect to the stack's database"))?;
        sqlx::raw_sql(SCHEMA)
            .execute(&database)
            .await
            .map_err(Error::database("cannot prepare the database"))?;
        sqlx::raw_sql(
            "insert into private.settings (key, value) values
               ('derived_metrics_accepted_at', to_jsonb(now())),
               ('quota_capacity', '{\"uploads\": 100000000, \"search\": 100, \"batch_get_stats\": 10000, \"units\": 1000000000}')
             on conflict (key) do update set value = excluded.value",
        )
        .execute(&database)
        .await
        .map_err(Error::database("cannot write the operator's settings"))?;
        let http = clients::tls::client_builder().build().map_err(|error| {
            Error::setup(
                format!("no HTTP client: {error}"),
                "this is a fault of the tool",
            )
        })?;
        let addresses = demo::addresses(&stack);
        let secret = stack
            .environment()
            .get("SUPABASE_SECRET_KEY")
            .cloned()
            .unwrap_or_default();
        let (sink, sinking) = sink()?;
        Ok(Self {
            user: sign_up(&http, &addresses, None).await?,
            admin: sign_up(&http, &addresses, Some(&secret)).await?,
            stack,
            state,
            binaries,
            peer: project.root().join("dev/rigs/peer"),
            database,
            http,
            addresses,
            sink,
            sinking,
            renders: Mutex::default(),
        })
    }

    /// Another user.
    pub(super) async fn sign_up(&self) -> Result<User> {
        sign_up(&self.http, &self.addresses, None).await
    }

    /// A variable that the stack gives to its functions.
    pub(super) fn variable(&self, name: &str) -> &str {
        self.stack
            .environment()
            .get(name)
            .map_or("", String::as_str)
    }

    /// What a measured function is started with: what the stack gives to its own, but nobody is woken by it, and its time is
    /// the machine's, as where it is deployed.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let mut environment = self.stack.environment().clone();
        environment.remove("CLOCK_FILE");
        environment.insert(
            "APP_URL".to_owned(),
            format!("http://127.0.0.1:{}", self.sink),
        );
        environment
    }

    /// The stack's gateway.
    pub(super) fn gateway(&self) -> u16 {
        port(&self.addresses.supabase)
    }

    /// From now on the scheduler wakes nobody and looks for no lost work, so that nothing runs beside what is measured.
    pub(super) async fn be_quiet(&self) -> Result {
        sqlx::query("select vault.update_secret(id, $1) from vault.secrets where name = 'app_url'")
            .bind(format!("http://127.0.0.1:{}", self.sink))
            .execute(&self.database)
            .await
            .map_err(Error::database("cannot silence the scheduler"))?;
        sqlx::raw_sql(
            "select cron.alter_job(jobid, active := false) from cron.job where jobname like 'reconcile-%';
             select private.cancel_step(kind, subject_id) from private.steps",
        )
        .execute(&self.database)
        .await
        .map(drop)
        .map_err(Error::database("cannot cancel what is still to do"))
    }

    /// Changes a user's profile: for 90 seconds afterwards a function gives them no answer again that it has kept, so that
    /// each request is answered from the database.
    pub(super) async fn change_something(&self, user: &User) -> Result {
        let change = json!({"display_name": "Bench"});
        self.api(user, reqwest::Method::PATCH, "/api/me", Some(change))
            .await
            .map(drop)
    }

    /// Makes finished renders to be scheduled.
    pub(super) async fn make_renders(&self, channel: Uuid, count: i32) -> Result {
        let made: Vec<Uuid> = sqlx::query_scalar("select * from bench.make_renders($1, $2, $3)")
            .bind(channel)
            .bind(self.user.id)
            .bind(count)
            .fetch_all(&self.database)
            .await
            .map_err(Error::database("cannot make renders"))?;
        self.renders
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .extend(made);
        Ok(())
    }

    /// A render that nobody has scheduled yet.
    pub(super) fn take_render(&self) -> Uuid {
        self.renders
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }

    /// Posts to a control of a stand-in.
    pub(super) async fn control(&self, url: String, body: Value) -> Result<Value> {
        call(self.http.post(url).json(&body)).await
    }

    /// Calls the product as a user.
    pub(super) async fn api(
        &self,
        user: &User,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let url = format!("{}{path}", self.addresses.api);
        let mut request = self.http.request(method, url).bearer_auth(&user.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        call(request).await
    }

    pub(super) async fn stop(self) {
        self.sinking.abort();
        self.database.close().await;
        self.stack.stop().await;
        if let Err(error) = cluster::remove(self.state.path()) {
            tracing::warn!(error = %error, "the database could not be removed");
        }
    }
}

/// The port of an address of this machine.
pub(super) fn port(url: &str) -> u16 {
    url.rsplit(':')
        .next()
        .and_then(|port| port.trim_end_matches('/').parse().ok())
        .unwrap_or_default()
}

/// Sends a request that has to succeed.
pub(super) async fn call(request: reqwest::RequestBuilder) -> Result<Value> {
    let failed = |error: reqwest::Error| Error::setup(error.to_string(), "see the stack's logs");
    let answer = request.send().await.map_err(failed)?;
    let (status, url) = (answer.status(), answer.url().clone());
    let text = answer.text().await.map_err(failed)?;
    if status.is_success() {
        return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    Err(Error::setup(
        format!("{url} was answered with {status}"),
        text,
    ))
}

/// A new user; an operator when the secret key is given.
async fn sign_up(
    http: &reqwest::Client,
    addresses: &Addresses,
    secret: Option<&str>,
) -> Result<User> {
    let auth = format!("{}/auth/v1", addresses.supabase);
    let login = json!({
        "email": format!("{}@example.org", Uuid::new_v4().simple()), "password": Uuid::new_v4().to_string(),
    });
    let post = async |path: &str| {
        call(
            http.post(format!("{auth}/{path}"))
                .header("apikey", &addresses.publishable_key)
                .json(&login),
        )
        .await
    };
    let mut session = post("signup").await?;
    let id = session["user"]["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::setup("sign-up gave no user", session.to_string()))?;
    if let Some(secret) = secret {
        let role = json!({"app_metadata": {"role": "admin"}});
        call(
            http.put(format!("{auth}/admin/users/{id}"))
                .header("apikey", secret)
                .json(&role),
        )
        .await?;
        session = post("token?grant_type=password").await?;
    }
    let token = session["access_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Ok(User { id, token })
}

/// Takes what functions send to the deployment itself, and does nothing with it.
fn sink() -> Result<(u16, JoinHandle<()>)> {
    let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
    let app = axum::Router::new().fallback(async || http::StatusCode::ACCEPTED);
    let serving = tokio::spawn(async move {
        drop(axum::serve(listener, app).await);
    });
    Ok((port, serving))
}

/// The size of a file in bytes.
pub(super) fn size(path: &Path) -> Result<f64> {
    path.metadata()
        .map(|found| found.len() as f64)
        .map_err(Error::io(format!("{} is not built", path.display())))
}
