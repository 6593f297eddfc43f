//! The local stack: Postgres, the gateway, the functions and the stand-ins, started together and stopped together.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc, time::Duration};

use catalyst_cli::{
    error::{Error, Result},
    migrate,
    postgres::{
        Cluster, bootstrap,
        cluster::{self, PASSWORD},
    },
    project::Project,
};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    clock::Clock,
    functions::Platform,
    gateway::{self, Gateway},
    net,
    options::{Options, Supabase},
    ports::listen,
    secrets::Secrets,
    stand_ins::StandIns,
    wake::wake,
};

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
        let cluster = self.cluster.insert(cluster);
        bootstrap(cluster).await?;
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
        keep_secrets(
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

/// Keeps the secrets that jobs in the database read.
async fn keep_secrets(pool: &PgPool, secrets: &[(&str, &str)]) -> Result {
    for (name, value) in secrets.iter().filter(|(_, value)| !value.is_empty()) {
        sqlx::query(
            "insert into vault.secrets (name, secret) values ($1, $2) \
             on conflict (name) do update set secret = excluded.secret, updated_at = now()",
        )
        .bind(name)
        .bind(value)
        .execute(pool)
        .await
        .map_err(Error::database("cannot keep a secret in the vault"))?;
    }
    Ok(())
}
