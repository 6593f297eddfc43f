//! The local stack: Postgres, the gateway, the functions and the stand-ins, started together and stopped together.

pub mod clock;
pub mod cluster;
mod database;
mod net;
pub mod secrets;
pub mod stand_ins;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{net::TcpListener, task::JoinHandle};

use self::{
    clock::Clock,
    cluster::{Cluster, Durability, PASSWORD},
    secrets::Secrets,
    stand_ins::StandIns,
};
use crate::{
    error::{Error, Result},
    functions::Platform,
    gateway::{self, Gateway},
    migrate, process,
    project::Project,
};

/// Where everything listens.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Data API and Auth.
    pub gateway: u16,
    /// Postgres.
    pub postgres: u16,
    /// The functions.
    pub functions: u16,
    /// Google, YouTube, Gemini, RevID and Slack stand-ins.
    pub stand_ins: [u16; 5],
}

impl Ports {
    /// Those of `supabase start` and `vercel dev`.
    pub const USUAL: Self = Self {
        gateway: 54321,
        postgres: 54322,
        functions: 3000,
        stand_ins: [54331, 54332, 54333, 54334, 54335],
    };

    /// Ports that nothing listens on.
    pub fn free() -> Result<Self> {
        // All are held until all are found, so that none is found twice.
        let held: Vec<_> = (0..8)
            .map(|_| process::free_listener())
            .collect::<std::io::Result<_>>()
            .map_err(Error::io("no free port"))?;
        let mut ports = [0; 8];
        for (port, listener) in ports.iter_mut().zip(&held) {
            *port = listener
                .local_addr()
                .map_err(Error::io("no free port"))?
                .port();
        }
        let [gateway, postgres, functions, stand_ins @ ..] = ports;
        Ok(Self {
            gateway,
            postgres,
            functions,
            stand_ins,
        })
    }
}

/// How a stack is to be started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of its data, secrets and logs.
    pub state: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    /// What a crash may cost.
    pub durability: Durability,
    /// The folder of the functions' binaries.
    pub binaries: PathBuf,
    /// Variables for the functions, besides those the stack gives: of `.env`, and of the environment.
    pub variables: BTreeMap<String, String>,
    /// The catalogue of the stand-in channel; a made-up one without it.
    pub catalog: Option<PathBuf>,
    /// Another Supabase project in the place of the local one.
    pub supabase: Option<Supabase>,
}

/// A Supabase project that is not ours to start.
#[derive(Clone, Debug)]
pub struct Supabase {
    /// Its address.
    pub url: String,
    /// A connection string, when its database may be migrated and asked.
    pub database_url: Option<String>,
}

/// The variables of this process that the functions may see: the system's, and the product's settings as `.env.example`
/// names them, without what says where Supabase is. A function that was built for `make coverage` writes what it ran to
/// `LLVM_PROFILE_FILE`.
pub fn passed_variables(project: &Project) -> BTreeMap<String, String> {
    const SYSTEM: [&str; 8] = [
        "PATH",
        "HOME",
        "TMPDIR",
        "TZ",
        "LANG",
        "RUST_LOG",
        "RUST_BACKTRACE",
        "LLVM_PROFILE_FILE",
    ];
    let example = fs::read_to_string(project.root().join(".env.example")).unwrap_or_default();
    let settings: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("SUPABASE_") && *name != "DATABASE_URL")
        .collect();
    env::vars()
        .filter(|(name, value)| {
            !value.is_empty()
                && (SYSTEM.contains(&name.as_str()) || settings.contains(name.as_str()))
        })
        .collect()
}

/// A running stack.
#[derive(Debug)]
pub struct Stack {
    cluster: Option<Cluster>,
    gateway: Option<Arc<Gateway>>,
    tasks: Vec<JoinHandle<()>>,
    platform: Arc<Platform>,
    stand_ins: StandIns,
    environment: BTreeMap<String, String>,
    libpq: BTreeMap<String, String>,
    applied: Vec<String>,
    pools: Vec<PgPool>,
}

impl Stack {
    /// Starts everything and waits until it answers.
    pub async fn start(project: &Project, options: &Options) -> Result<Self> {
        fs::create_dir_all(&options.state).map_err(Error::io(format!(
            "cannot make {}",
            options.state.display()
        )))?;
        let secrets = Secrets::load(&options.state)?;
        let ports = options.ports;
        let functions = listen(ports.functions, "the functions").await?;
        let mocking = options
            .variables
            .get("ENABLE_API_MOCKING")
            .is_none_or(|value| value == "true");
        let stand_ins = if mocking {
            StandIns::start(
                ports.stand_ins,
                Some(&options.state),
                options.catalog.clone(),
            )
            .await?
        } else {
            StandIns::none()
        };
        let clock_file = options.state.join("clock");

        let mut stack = Self {
            cluster: None,
            gateway: None,
            tasks: Vec::new(),
            platform: Platform::new(
                project,
                options.binaries.clone(),
                options.state.join("logs"),
                BTreeMap::new(),
                0,
            )?,
            stand_ins,
            environment: BTreeMap::new(),
            libpq: BTreeMap::new(),
            applied: Vec::new(),
            pools: Vec::new(),
        };
        let app_url = format!("http://127.0.0.1:{}", ports.functions);
        let mut own = BTreeMap::from([
            ("APP_URL".to_owned(), app_url.clone()),
            ("API_URL".to_owned(), app_url),
            ("CRON_SECRET".to_owned(), secrets.cron_secret.clone()),
            (
                "TOKEN_ENCRYPTION_KEYS".to_owned(),
                secrets.token_encryption_keys.clone(),
            ),
            ("ENABLE_API_MOCKING".to_owned(), mocking.to_string()),
            ("VERCEL_DEV".to_owned(), "1".to_owned()),
            ("VERCEL_REGION".to_owned(), "dev1".to_owned()),
        ]);
        if mocking {
            own.insert("CLOCK_FILE".to_owned(), clock_file.display().to_string());
            own.extend(stack.stand_ins.environment());
        }
        match &options.supabase {
            None => {
                stack
                    .start_supabase(project, options, secrets, &mut own, clock_file)
                    .await?;
            }
            Some(other) => {
                stack
                    .use_supabase(project, other, &mut own, clock_file)
                    .await?;
            }
        }
        // What a person set wins over what is made up here, but not over where this stack is.
        let mut environment = options.variables.clone();
        let made_up = ["CRON_SECRET", "TOKEN_ENCRYPTION_KEYS"];
        for (name, value) in own {
            if !made_up.contains(&name.as_str()) || !environment.contains_key(&name) {
                environment.insert(name, value);
            }
        }
        if options.supabase.is_none() {
            // For psql and pg_prove.
            for (name, value) in [
                ("PGHOST", "127.0.0.1"),
                ("PGUSER", "postgres"),
                ("PGDATABASE", "postgres"),
                ("PGPASSWORD", PASSWORD),
            ] {
                stack.libpq.insert(name.to_owned(), value.to_owned());
            }
            stack
                .libpq
                .insert("PGPORT".to_owned(), ports.postgres.to_string());
        }
        if options.supabase.is_some() {
            // The jobs of a project elsewhere cannot reach this machine.
            stack.tasks.push(tokio::spawn(wake(environment.clone())));
        }
        stack.keep_cron_secrets(&environment).await?;
        stack.platform = Platform::new(
            project,
            options.binaries.clone(),
            options.state.join("logs"),
            environment.clone(),
            ports.functions,
        )?;
        stack.tasks.push(stack.platform.serve(functions));
        stack.environment = environment;
        Ok(stack)
    }

    /// Postgres, migrations and the gateway.
    async fn start_supabase(
        &mut self,
        project: &Project,
        options: &Options,
        secrets: Secrets,
        own: &mut BTreeMap<String, String>,
        clock_file: PathBuf,
    ) -> Result {
        let ports = options.ports;
        let listener = listen(ports.gateway, "the gateway").await?;
        drop(listen(ports.postgres, "Postgres").await?);
        let cluster = Cluster::start(&options.state, ports.postgres, options.durability).await?;
        let (admin_login, postgres_login) =
            (cluster.login("supabase_admin"), cluster.login("postgres"));
        let users_login = cluster.login("supabase_auth_admin");
        self.cluster = Some(cluster);
        database::bootstrap(&admin_login, &postgres_login).await?;
        self.applied = migrate::up(&postgres_login, &project.migrations(), |_| {})
            .await?
            .into_iter()
            .map(|one| one.file)
            .collect();

        let pool = |size: u32| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(10))
        };
        let failed = || Error::database("cannot connect to the local database");
        let admin = pool(6).connect_with(admin_login).await.map_err(failed())?;
        let users = pool(6).connect_with(users_login).await.map_err(failed())?;
        self.pools = vec![admin.clone(), users.clone()];
        seed(project, &admin).await?;
        let clock =
            Arc::new(Clock::start(clock_file, Some(admin.clone()), self.stand_ins.clock()).await?);

        let url = format!("http://127.0.0.1:{}", ports.gateway);
        own.extend([
            ("SUPABASE_URL".to_owned(), url.clone()),
            (
                "SUPABASE_PUBLISHABLE_KEY".to_owned(),
                secrets.publishable_key.clone(),
            ),
            ("SUPABASE_SECRET_KEY".to_owned(), secrets.secret_key.clone()),
            (
                "DATABASE_URL".to_owned(),
                format!(
                    "postgresql://postgres:{PASSWORD}@127.0.0.1:{}/postgres",
                    ports.postgres
                ),
            ),
        ]);
        let gateway = Gateway::new(secrets, options.state.clone(), url.clone(), users, clock);
        self.tasks.push(gateway.serve(listener));
        gateway::wait_until_up(&url).await?;
        gateway.start_rest(ports.postgres, &admin).await?;
        self.gateway = Some(Arc::clone(&gateway));
        self.tasks.push(net::start(admin).await?);
        Ok(())
    }

    /// The database of another project, migrated when it may be.
    async fn use_supabase(
        &mut self,
        project: &Project,
        other: &Supabase,
        own: &mut BTreeMap<String, String>,
        clock_file: PathBuf,
    ) -> Result {
        own.insert("SUPABASE_URL".to_owned(), other.url.clone());
        if let Some(url) = &other.database_url {
            let login: PgConnectOptions = url
                .parse()
                .map_err(Error::database("DATABASE_URL is not a connection string"))?;
            if is_here(&login) {
                self.applied = migrate::up(&login, &project.migrations(), |_| {})
                    .await?
                    .into_iter()
                    .map(|one| one.file)
                    .collect();
            } else {
                refuse_pending(&login, project).await?;
            }
        }
        // Only the stand-ins' time can be moved beside a project that is not ours.
        Clock::start(clock_file, None, self.stand_ins.clock())
            .await
            .map(drop)
    }

    async fn keep_cron_secrets(&self, environment: &BTreeMap<String, String>) -> Result {
        let Some(admin) = self.pools.first() else {
            return Ok(());
        };
        let value = |name: &str| {
            environment
                .get(name)
                .map(String::as_str)
                .unwrap_or_default()
        };
        let slack = match value("SLACK_WEBHOOK_URL") {
            "" => value("FAKE_SLACK_URL"),
            own => own,
        };
        database::keep_secrets(
            admin,
            &[
                ("app_url", value("APP_URL")),
                ("cron_secret", value("CRON_SECRET")),
                ("slack_webhook_url", slack),
            ],
        )
        .await
    }

    /// What a program needs to use this stack.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The variables by which Postgres's own programs find the database.
    pub fn libpq(&self) -> &BTreeMap<String, String> {
        &self.libpq
    }

    /// The migrations that this start applied.
    pub fn applied(&self) -> &[String] {
        &self.applied
    }

    /// Whether Postgres still runs.
    pub fn is_healthy(&mut self) -> bool {
        self.cluster.as_mut().is_none_or(Cluster::is_running)
    }

    /// Destroys the database: kills its server and removes its data. Everything else goes on without it.
    ///
    /// # Errors
    ///
    /// When the data cannot be removed.
    pub async fn destroy_database(&mut self, options: &Options) -> Result {
        if let Some(cluster) = self.cluster.take() {
            cluster.kill().await;
        }
        cluster::remove(&options.state)
    }

    /// Puts an empty server in the destroyed one's place: a new project, with nothing of the product in it.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn new_database(&mut self, options: &Options) -> Result {
        // The old server's children hold the port until they notice.
        for _ in 0..100 {
            if TcpListener::bind(("127.0.0.1", options.ports.postgres))
                .await
                .is_ok()
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let cluster =
            Cluster::start(&options.state, options.ports.postgres, options.durability).await?;
        bootstrap(&cluster).await?;
        self.cluster = Some(cluster);
        Ok(())
    }

    /// Has the Data API read the restored database's schema.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn reopen(&self, options: &Options) -> Result {
        match (&self.gateway, self.pools.first()) {
            (Some(gateway), Some(admin)) => gateway.start_rest(options.ports.postgres, admin).await,
            _ => Ok(()),
        }
    }

    /// Stops everything: first those who ask, then those who are asked.
    pub async fn stop(self) {
        self.platform.stop().await;
        for task in &self.tasks {
            task.abort();
        }
        if let Err(error) = self.stand_ins.stop().await {
            tracing::warn!(%error, "the stand-ins' world is lost");
        }
        for pool in &self.pools {
            drop(tokio::time::timeout(Duration::from_secs(2), pool.close()).await);
        }
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
    }
}

/// Brings a new cluster to what a hosted project starts with: no product in it yet.
///
/// # Errors
///
/// When its database refuses.
pub async fn bootstrap(cluster: &Cluster) -> Result {
    database::bootstrap(&cluster.login("supabase_admin"), &cluster.login("postgres")).await
}

async fn listen(port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| {
            Error::setup(
                format!("port {port}, for {what}, cannot be had: {error}"),
                "is another stack running? `catalyst down` stops the one of this folder",
            )
        })
}

/// Whether a database is on this machine, as `supabase start`'s is.
fn is_here(login: &PgConnectOptions) -> bool {
    matches!(login.get_host(), "127.0.0.1" | "localhost" | "::1")
}

/// A database elsewhere is migrated only when somebody says so.
async fn refuse_pending(login: &PgConnectOptions, project: &Project) -> Result {
    let lines = migrate::status(login, &project.migrations()).await?;
    let pending = lines
        .iter()
        .filter(|line| line.state == migrate::State::Pending)
        .count();
    if pending == 0 {
        return Ok(());
    }
    Err(Error::setup(
        format!(
            "{pending} migrations are not applied to {}",
            login.get_host()
        ),
        "`catalyst migrate up --database-url \"$DATABASE_URL\"` applies them",
    ))
}

/// Wakes the dispatcher every half minute.
async fn wake(environment: BTreeMap<String, String>) {
    let value = |name: &str| {
        environment
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    let Ok(client) = catalyst::tls::client_builder()
        .timeout(Duration::from_secs(20))
        .build()
    else {
        return;
    };
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let call = client
            .post(format!("{}/api/cron/dispatch", value("APP_URL")))
            .bearer_auth(value("CRON_SECRET"))
            .send()
            .await;
        if let Err(error) = call {
            tracing::warn!(%error, "the dispatcher was not woken");
        }
    }
}

/// Runs `supabase/seed.sql` once on a fresh database.
async fn seed(project: &Project, admin: &PgPool) -> Result {
    let path = project.root().join("supabase/seed.sql");
    let Ok(sql) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let failed = || Error::database("cannot apply supabase/seed.sql");
    let mut connection = admin.acquire().await.map_err(failed())?;
    sqlx::raw_sql(
        "set role postgres; create schema if not exists supabase_migrations;
         create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null)",
    )
    .execute(&mut *connection)
    .await
    .map_err(failed())?;
    let known: bool = sqlx::query_scalar("select exists (select from supabase_migrations.seed_files where path = 'supabase/seed.sql')")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed())?;
    if !known {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.as_str()))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
        sqlx::query("insert into supabase_migrations.seed_files values ('supabase/seed.sql', $1)")
            .bind(migrate::checksum(sql.as_bytes()))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
    }
    sqlx::raw_sql("reset role")
        .execute(&mut *connection)
        .await
        .map(drop)
        .map_err(failed())
}

/// The folder of a stack that is thrown away, reachable for the account that Postgres runs as.
pub fn throwaway_folder() -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new()
        .prefix("catalyst-")
        .tempdir()
        .map_err(Error::io("cannot make a temporary folder"))?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))
        .map_err(Error::io("cannot open a temporary folder"))?;
    Ok(folder)
}

/// Where a stack that runs for a person says that it runs.
#[derive(Debug)]
pub struct Running {
    _lock: fs::File,
    path: PathBuf,
}

impl Running {
    /// Claims a state folder; refuses when another process holds it.
    pub fn claim(state: &Path) -> Result<Self> {
        fs::create_dir_all(state).map_err(Error::io(format!("cannot make {}", state.display())))?;
        let path = state.join("up.pid");
        let failed = || Error::io(format!("cannot write {}", path.display()));
        let lock = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(state.join("lock"))
            .map_err(failed())?;
        if lock.try_lock().is_err() {
            return Err(Error::setup(
                "a stack already runs in this folder",
                "use it, or stop it with `catalyst down`",
            ));
        }
        fs::write(&path, std::process::id().to_string()).map_err(failed())?;
        Ok(Self { _lock: lock, path })
    }

    /// The process that runs the stack of a state folder.
    pub fn find(state: &Path) -> Option<i32> {
        let lock = fs::File::open(state.join("lock")).ok()?;
        // Whoever can take the lock finds that nobody holds it.
        if lock.try_lock().is_ok() {
            return None;
        }
        fs::read_to_string(state.join("up.pid"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// Whether a port is in use, for `catalyst doctor`.
pub fn is_port_taken(port: u16) -> bool {
    std::net::TcpListener::bind(("127.0.0.1", port)).is_err()
}

/// A program to run against the stack, ended with it.
pub fn program(
    words: &[String],
    environment: &BTreeMap<String, String>,
) -> tokio::process::Command {
    let mut command = process::command(Path::new(&words[0]), None, "TERM");
    command.args(&words[1..]).envs(environment);
    command
}
