//! Postgres with the product's schema, and the gateway before it.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{Cluster, bootstrap, cluster, cluster::PASSWORD};
use catalyst_cli::project::Project;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{net::TcpListener, task::JoinSet};

use crate::gateway::{self, Gateway};
use crate::options::{Options, listen};
use crate::{clock::Clock, database, pg_net, secrets::Secrets};

/// The part of a stack that stands for a Supabase project.
#[derive(Debug)]
pub(crate) struct LocalSupabase {
    cluster: Option<Cluster>,
    gateway: Arc<Gateway>,
    admin: PgPool,
    users: PgPool,
    storage: PgPool,
    tasks: JoinSet<()>,
    applied: Vec<String>,
}

impl LocalSupabase {
    /// Starts the server, migrates its database and starts the gateway.
    pub(crate) async fn start(
        project: &Project,
        options: &Options,
        secrets: Secrets,
        clock_file: PathBuf,
        stand_ins: Option<fakes::Clock>,
    ) -> Result<Self> {
        let ports = options.ports;
        let listener = listen(ports.gateway, "the gateway").await?;
        drop(listen(ports.postgres, "Postgres").await?);
        let cluster = Cluster::start(&options.state, ports.postgres, options.durability).await?;
        bootstrap(&cluster).await?;
        let applied = database::migrated(&cluster.login("postgres"), project).await?;

        let pool = async |role| {
            PgPoolOptions::new()
                .max_connections(6)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(cluster.login(role))
                .await
                .map_err(Error::database("cannot connect to the local database"))
        };
        let admin = pool("supabase_admin").await?;
        let users = pool("supabase_auth_admin").await?;
        let storage = pool("supabase_storage_admin").await?;
        database::seed(project, &admin).await?;
        let clock = Clock::start(clock_file, Some(admin.clone()), stand_ins).await?;
        let at = [ports.gateway, ports.functions].map(|port| format!("http://127.0.0.1:{port}"));
        let state = options.state.clone();
        let (of_users, of_files) = (users.clone(), storage.clone());
        let gateway = Gateway::new(secrets, state, at, of_users, of_files, Arc::new(clock))?;
        gateway.start_data_api(ports.postgres, &admin).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(gateway::serve(Arc::clone(&gateway), listener));
        tasks.spawn(pg_net::worker(admin.clone()).await?);
        Ok(Self {
            cluster: Some(cluster),
            gateway,
            admin,
            users,
            storage,
            tasks,
            applied,
        })
    }

    /// The migrations that this start applied.
    pub(crate) fn applied(&self) -> &[String] {
        &self.applied
    }

    /// A pool of the superuser.
    pub(crate) fn admin(&self) -> &PgPool {
        &self.admin
    }

    /// Whether Postgres still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.cluster.as_mut().is_none_or(Cluster::is_running)
    }

    /// Kills the server and removes its data. The gateway goes on without it.
    pub(crate) async fn destroy_database(&mut self, options: &Options) -> Result {
        if let Some(cluster) = self.cluster.take() {
            cluster.kill().await;
        }
        cluster::remove(&options.state)
    }

    /// Puts an empty server in the destroyed one's place.
    pub(crate) async fn new_database(&mut self, options: &Options) -> Result {
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

    /// Starts the Data API anew, which reads the schema of a restored database.
    pub(crate) async fn restart_data_api(&self, options: &Options) -> Result {
        self.gateway
            .start_data_api(options.ports.postgres, &self.admin)
            .await
    }

    /// Stops all of it, the server last.
    pub(crate) async fn stop(mut self) {
        self.gateway.stop_data_api();
        self.tasks.abort_all();
        for pool in [&self.admin, &self.users, &self.storage] {
            drop(tokio::time::timeout(Duration::from_secs(2), pool.close()).await);
        }
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
    }
}

/// What a program needs to use the project with these secrets.
pub(crate) fn environment(options: &Options, secrets: &Secrets) -> BTreeMap<String, String> {
    let (gateway, postgres) = (options.ports.gateway, options.ports.postgres);
    let database = format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{postgres}/postgres");
    [
        ("SUPABASE_URL", format!("http://127.0.0.1:{gateway}")),
        ("SUPABASE_PUBLISHABLE_KEY", secrets.publishable_key.clone()),
        ("SUPABASE_SECRET_KEY", secrets.secret_key.clone()),
        ("DATABASE_URL", database),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The variables by which Postgres's own programs find the database.
pub(crate) fn libpq(port: u16) -> BTreeMap<String, String> {
    [
        ("PGHOST", "127.0.0.1".to_owned()),
        ("PGPORT", port.to_string()),
        ("PGUSER", "postgres".to_owned()),
        ("PGDATABASE", "postgres".to_owned()),
        ("PGPASSWORD", PASSWORD.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
