//! All parts together: started together and stopped together.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use catalyst_cli::{error::Error, error::Result, project::Project};
use fakes::Fakes;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::task::JoinSet;

use crate::local_supabase::{self, LocalSupabase};
use crate::options::{Options, listen};
use crate::{api_client::Addresses, clock::Clock, database, functions::Platform};
use crate::{http_client, secrets::Secrets, stand_ins};

/// A running stack.
pub struct Stack {
    platform: Arc<Platform>,
    supabase: Option<LocalSupabase>,
    stand_ins: Option<Fakes>,
    tasks: JoinSet<()>,
    environment: BTreeMap<String, String>,
    libpq: BTreeMap<String, String>,
    applied: Vec<String>,
}

impl Stack {
    /// Starts everything and waits until it answers.
    ///
    /// # Errors
    ///
    /// When a part does not start, or a migration cannot be applied.
    pub async fn start(project: &Project, options: &Options) -> Result<Self> {
        let state = &options.state;
        fs::create_dir_all(state).map_err(Error::io(format!("cannot make {}", state.display())))?;
        let secrets = Secrets::load(state)?;
        let listener = listen(options.ports.functions, "the functions").await?;
        let stand_ins = start_stand_ins(options).await?;
        let (clock, clock_file) = (stand_ins.as_ref().map(Fakes::clock), state.join("clock"));
        let mut own = own_variables(options, &secrets, stand_ins.as_ref(), &clock_file);
        let mut tasks = JoinSet::new();
        let (mut supabase, mut libpq, mut applied) = (None, BTreeMap::new(), Vec::new());
        if let Some(external) = &options.supabase {
            own.insert("SUPABASE_URL".to_owned(), external.url.clone());
            applied = database::prepare(project, external).await?;
            // Only the stand-ins' time can be moved beside a project that is not ours.
            drop(Clock::start(clock_file, None, clock).await?);
        } else {
            own.extend(local_supabase::environment(options, &secrets));
            libpq = local_supabase::libpq(options.ports.postgres);
            let local = LocalSupabase::start(project, options, secrets, clock_file, clock).await?;
            applied.extend_from_slice(local.applied());
            supabase = Some(local);
        }
        let environment = merged(own, &options.variables);
        match &supabase {
            Some(local) => database::keep_secrets(local.admin(), &environment).await?,
            // The jobs of a project elsewhere cannot reach this machine.
            None => drop(tasks.spawn(keep_awake(environment.clone(), Duration::from_secs(30)))),
        }
        let (binaries, port) = (options.binaries.clone(), options.ports.functions);
        let platform = Platform::new(
            project,
            binaries,
            state.join("logs"),
            environment.clone(),
            port,
        )?;
        tasks.spawn(Arc::clone(&platform).serve(listener));
        Ok(Self {
            platform,
            supabase,
            stand_ins,
            tasks,
            environment,
            libpq,
            applied,
        })
    }

    /// What a program needs to use this stack.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// Where its parts are reached.
    pub fn addresses(&self) -> Addresses {
        Addresses::of(&self.environment)
    }

    /// The variables by which Postgres's own programs find the database.
    pub(crate) fn libpq(&self) -> &BTreeMap<String, String> {
        &self.libpq
    }

    /// The migrations that this start applied.
    pub(crate) fn applied(&self) -> &[String] {
        &self.applied
    }

    /// Two connections to its database, as the operator.
    ///
    /// # Errors
    ///
    /// When the database does not let anybody in.
    pub async fn database(&self) -> Result<PgPool> {
        let url = self
            .environment
            .get("DATABASE_URL")
            .map_or("", String::as_str);
        PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            .connect(url)
            .await
            .map_err(Error::database("cannot connect to the stack's database"))
    }

    /// Whether Postgres still runs.
    pub(crate) fn is_healthy(&mut self) -> bool {
        self.supabase.as_mut().is_none_or(LocalSupabase::is_running)
    }

    /// Destroys the database: kills its server and removes its data. Everything else goes on without it.
    ///
    /// # Errors
    ///
    /// When the data cannot be removed.
    pub async fn destroy_database(&mut self, options: &Options) -> Result {
        self.supabase
            .as_mut()
            .ok_or_else(not_own)?
            .destroy_database(options)
            .await
    }

    /// Puts an empty server in the destroyed one's place: a new project, with nothing of the product in it.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn new_database(&mut self, options: &Options) -> Result {
        self.supabase
            .as_mut()
            .ok_or_else(not_own)?
            .new_database(options)
            .await
    }

    /// Has the Data API read the restored database's schema.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn restart_data_api(&self, options: &Options) -> Result {
        self.supabase
            .as_ref()
            .ok_or_else(not_own)?
            .restart_data_api(options)
            .await
    }

    /// Stops everything: callers before what they call.
    pub async fn stop(mut self) {
        self.platform.stop().await;
        self.tasks.abort_all();
        if let Some(running) = self.stand_ins
            && let Err(error) = stand_ins::stop(running).await
        {
            tracing::warn!(%error, "what the stand-ins held is lost");
        }
        if let Some(supabase) = self.supabase {
            supabase.stop().await;
        }
    }
}

fn not_own() -> Error {
    let problem = "the stack runs beside a database that is not its own";
    Error::setup(problem, "start it without --supabase")
}

async fn start_stand_ins(options: &Options) -> Result<Option<Fakes>> {
    let mocking = options.variables.get("ENABLE_API_MOCKING");
    if mocking.is_some_and(|value| value != "true") {
        return Ok(None);
    }
    let (state, catalog) = (Some(options.state.as_path()), options.catalog.clone());
    stand_ins::start(options.ports.stand_ins, state, catalog)
        .await
        .map(Some)
}

/// What this stack says to its functions, without where Supabase is.
fn own_variables(
    options: &Options,
    secrets: &Secrets,
    stand_ins: Option<&Fakes>,
    clock_file: &Path,
) -> BTreeMap<String, String> {
    let app_url = format!("http://127.0.0.1:{}", options.ports.functions);
    let mut own: BTreeMap<String, String> = [
        ("APP_URL", app_url.clone()),
        ("API_URL", app_url),
        ("CRON_SECRET", secrets.cron_secret.clone()),
        (
            "TOKEN_ENCRYPTION_KEYS",
            secrets.token_encryption_keys.clone(),
        ),
        ("ENABLE_API_MOCKING", stand_ins.is_some().to_string()),
        ("VERCEL_DEV", "1".to_owned()),
        ("VERCEL_REGION", "dev1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if let Some(stand_ins) = stand_ins {
        own.insert("CLOCK_FILE".to_owned(), clock_file.display().to_string());
        own.extend(stand_ins::environment(stand_ins));
    }
    own
}

/// What a person set wins over what is made up here, but not over where this stack is.
fn merged(
    own: BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut environment = given.clone();
    for (name, value) in own {
        if matches!(name.as_str(), "CRON_SECRET" | "TOKEN_ENCRYPTION_KEYS") {
            environment.entry(name).or_insert(value);
        } else {
            environment.insert(name, value);
        }
    }
    environment
}

/// Copies the logs of a stack whose folder is thrown away: they are worth reading when something failed.
pub fn keep_logs(from: &Path, to: &Path) {
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                keep_logs(&entry.path(), &to.join(entry.file_name()));
            } else {
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok(())
    };
    if let Err(error) = copy() {
        tracing::warn!(error = %error, "the logs could not be kept");
    }
}

/// Wakes the dispatcher of a stack with these variables in the place of a scheduler, or of many requests, for as long as it
/// is polled.
pub async fn keep_awake(environment: BTreeMap<String, String>, every: Duration) {
    let value = |name: &str| environment.get(name).map_or("", String::as_str);
    let Ok(client) = http_client::with_timeout(Duration::from_secs(20)) else {
        return;
    };
    loop {
        tokio::time::sleep(every).await;
        let dispatcher = format!("{}/api/cron/dispatch", value("APP_URL"));
        let call = client.post(dispatcher).bearer_auth(value("CRON_SECRET"));
        if let Err(error) = call.send().await {
            tracing::warn!(%error, "the dispatcher was not woken");
        }
    }
}
