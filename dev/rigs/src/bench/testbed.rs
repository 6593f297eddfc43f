//! What everything is measured on: a stack of its own with the release functions, users, and rows to read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use catalyst_cli::project::Project;
use serde_json::json;
use sqlx::PgPool;
use stack::api_client::Client;
use stack::{Addresses, Stack};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::database::{RIG, rows, run, run_all, superuser};
use crate::environment::Environment;

/// Where the functions in TypeScript are.
pub(super) const PEER: &str = "dev/rigs/peer";

/// The stack and what is in it.
pub(super) struct Testbed {
    stack: Stack,
    environment: Environment,
    pub(super) binaries: PathBuf,
    pub(super) peer: PathBuf,
    pub(super) database: PgPool,
    pub(super) addresses: Addresses,
    pub(super) user: Client,
    pub(super) admin: Client,
    /// Takes what functions send to the deployment itself, and does nothing with it.
    sink: u16,
    sinking: JoinHandle<()>,
    renders: Mutex<Vec<Uuid>>,
}

impl Testbed {
    /// Starts the stack, signs a user and an operator up, and lets scores be seen.
    pub(super) async fn start(project: &Project) -> Result<Self> {
        let mut environment = Environment::new(project, "bench", true, &[])?;
        // Nothing that is set where the bench is run reaches the functions.
        environment.options.variables =
            [("ENABLE_RATE_LIMITING".to_owned(), "false".to_owned())].into();
        let stack = Stack::start(project, &environment.options).await?;
        let database = superuser(environment.options.ports.postgres).await?;
        prepare(&database).await?;
        let addresses = stack.addresses();
        let secret = stack.environment().get("SUPABASE_SECRET_KEY");
        let (sink, sinking) = sink()?;
        Ok(Self {
            user: Client::sign_up(&addresses).await?,
            admin: Client::sign_up_admin(&addresses, secret.map_or("", String::as_str)).await?,
            stack,
            binaries: environment.options.binaries.clone(),
            environment,
            peer: project.root().join(PEER),
            database,
            addresses,
            sink,
            sinking,
            renders: Mutex::default(),
        })
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
    pub(super) fn function_environment(&self) -> BTreeMap<String, String> {
        let mut environment = self.stack.environment().clone();
        environment.remove("CLOCK_FILE");
        environment.insert("APP_URL".to_owned(), self.sink_url());
        environment
    }

    /// The port of the stack's gateway.
    pub(super) fn gateway(&self) -> u16 {
        self.environment.options.ports.gateway
    }

    /// From now on the scheduler wakes nobody and looks for no lost work, so that nothing runs beside what is measured.
    pub(super) async fn stop_scheduler(&self) -> Result {
        let silence =
            "select vault.update_secret(id, $1) from vault.secrets where name = 'app_url'";
        run(&self.database, silence, (self.sink_url(),)).await?;
        let cancel = "select cron.alter_job(jobid, active := false) from cron.job where jobname like 'reconcile-%';
             select private.cancel_step(kind, subject_id) from private.steps";
        run_all(&self.database, cancel).await
    }

    fn sink_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.sink)
    }

    /// Changes a user's profile: for 90 seconds afterwards a function gives them no answer again that it has kept, so that
    /// each request is answered from the database.
    pub(super) async fn bypass_cache(&self, user: &Client) -> Result {
        let profile = json!({"display_name": "Bench"});
        user.patch("/api/me", profile).await.map(drop)
    }

    /// Lets uploads of a channel stand as close to each other as one likes.
    pub(super) async fn allow_any_schedule(&self, channel: Uuid) -> Result {
        let allow = "update public.channels set minimum_gap_minutes = 0 where id = $1";
        run(&self.database, allow, (channel,)).await
    }

    /// Makes finished renders to be scheduled.
    pub(super) async fn make_renders(&self, channel: Uuid, count: i32) -> Result {
        let (make, user) = (
            "select * from bench.make_renders($1, $2, $3)",
            self.user.id(),
        );
        let made: Vec<(Uuid,)> = rows(&self.database, make, (channel, user, count)).await?;
        self.renders().extend(made.into_iter().map(|(id,)| id));
        Ok(())
    }

    /// A render that nobody has scheduled yet.
    pub(super) fn take_render(&self) -> Uuid {
        self.renders().pop().unwrap_or_default()
    }

    fn renders(&self) -> MutexGuard<'_, Vec<Uuid>> {
        self.renders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the stack and keeps its logs.
    pub(super) async fn stop(self) {
        self.sinking.abort();
        self.database.close().await;
        drop(self.environment.close(self.stack, "logs", false).await);
    }
}

/// Makes the functions that fill tables, accepts the derived metrics, and allows any amount of quota.
async fn prepare(database: &PgPool) -> Result {
    for sql in [RIG, include_str!("world.sql")] {
        run_all(database, sql).await?;
    }
    run(database, "select rig.lift_quota()", ()).await?;
    let accept = "insert into private.settings (key, value) values ('derived_metrics_accepted_at', to_jsonb(now()))
         on conflict (key) do update set value = excluded.value";
    run(database, accept, ()).await
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
