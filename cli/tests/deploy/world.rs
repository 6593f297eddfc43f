//! One database server for all tests, with a database of its own for each deployment.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread;

use catalyst_cli::backup::Scratch;
use catalyst_cli::{migrate, project::Project};
use fakes::accounts::Database;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// The role that Supabase makes for a few minutes, and its password, which must not be printed.
const ROLE: &str = "cli_login_postgres";
pub(crate) const PASSWORD: &str = "login-role-canary-77d1";

/// What a deployment's database holds in the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Held {
    migrations: i64,
    jobs: i64,
    buckets: i64,
    vault: Vec<String>,
}

/// What a new project's database is a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// As Supabase gives it.
    Empty,
    /// With the migrations, as they take the longest and are tested elsewhere.
    Migrated,
}

/// A database of one deployment.
pub(crate) async fn database(start: Start) -> Database {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("deployed_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let template = match start {
        Start::Empty => "as_given",
        Start::Migrated => "as_migrated",
    };
    let server = server();
    copy(server, &name, template).await;
    Database {
        port: server.get_port(),
        name,
        user: ROLE.to_owned(),
        password: PASSWORD.to_owned(),
    }
}

pub(crate) async fn held(database: &Database) -> Held {
    let mut connection = connect(&database.name).await;
    let mut count = async |sql: &'static str| -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&mut connection)
            .await
            .expect("a number")
    };
    let migrations = count("select count(*) from supabase_migrations.schema_migrations").await;
    let jobs = count("select count(*) from cron.job").await;
    let buckets = count("select count(*) from storage.buckets").await;
    let vault = sqlx::query_scalar("select name from vault.secrets order by name");
    let vault = vault.fetch_all(&mut connection).await.expect("names");
    Held {
        migrations,
        jobs,
        buckets,
        vault,
    }
}

pub(crate) async fn vault(database: &Database, name: &str) -> String {
    let mut connection = connect(&database.name).await;
    let sql =
        sqlx::query_scalar("select decrypted_secret from vault.decrypted_secrets where name = $1");
    sql.bind(name)
        .fetch_one(&mut connection)
        .await
        .expect("a secret")
}

pub(crate) async fn run(database: &Database, sql: &'static str) {
    let mut connection = connect(&database.name).await;
    sqlx::raw_sql(sql)
        .execute(&mut connection)
        .await
        .expect("done");
}

async fn connect(name: &str) -> PgConnection {
    let login = server().clone().database(name);
    PgConnection::connect_with(&login)
        .await
        .expect("a connection")
}

/// Logs in as the superuser; the server dies with its thread.
fn server() -> &'static PgConnectOptions {
    static SERVER: OnceLock<PgConnectOptions> = OnceLock::new();
    SERVER.get_or_init(|| {
        let (made, server) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deploy-server");
                let scratch = Scratch::start_in(&folder).await.expect("a server");
                let admin = scratch.login().username("supabase_admin");
                prepare(&admin).await;
                made.send(admin).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        server.recv().expect("a server")
    })
}

/// Makes the two databases that others are copies of. Nobody may be connected to what is copied, and pg_cron always is.
async fn prepare(admin: &PgConnectOptions) {
    let mut connection = PgConnection::connect_with(&admin.clone().database("template1"))
        .await
        .expect("a connection");
    let sql = format!(
        "create role {ROLE} login noinherit password '{PASSWORD}'; grant postgres to {ROLE};
         alter database postgres with allow_connections false;
         select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres';"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .expect("a role");
    drop(connection.close().await);
    copy(admin, "as_given", "postgres").await;
    copy(admin, "as_migrated", "as_given").await;
    let project = Project::at(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let login = admin.clone().database("as_migrated");
    migrate::up(&login, &project.migrations(), |_| {})
        .await
        .expect("the migrations");
}

async fn copy(admin: &PgConnectOptions, name: &str, template: &str) {
    let mut connection = PgConnection::connect_with(&admin.clone().database("template1"))
        .await
        .expect("a connection");
    for sql in [
        format!("create database {name} owner postgres template {template}"),
        format!("alter database {name} set search_path = \"$user\", public, extensions"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .expect("a database");
    }
    drop(connection.close().await);
}
