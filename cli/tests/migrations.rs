//! `catalyst migrate` against a real Postgres: what is refused, and that nothing is ever half done.

use std::{
    fs,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
};

use catalyst_cli::{
    Error,
    migrate::{self, MigrateError, State},
    postgres::{Cluster, Durability, cluster},
    process,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

/// One cluster for all tests, kept by a thread that lives as long as this process: the server dies with that thread.
fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let (found, port) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                // Always the same folder, as nothing removes it when this process ends.
                let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("migrations");
                cluster::remove(&folder).expect("the folder is free");
                let port = process::free_port().expect("a port");
                let _cluster = Cluster::start(&folder, port, Durability::Throwaway)
                    .await
                    .expect("Postgres starts");
                found.send(port).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        port.recv().expect("Postgres starts")
    })
}

/// A database and a folder of migrations of one test.
struct Case {
    login: PgConnectOptions,
    folder: TempDir,
}

impl Case {
    async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("case_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let admin = cluster::login(port(), "supabase_admin");
        let mut connection = PgConnection::connect_with(&admin)
            .await
            .expect("a connection");
        let statement = format!("create database {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .expect("a database");
        Self {
            login: admin.database(&name),
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn write(&self, file: &str, sql: &str) -> &Self {
        fs::write(self.folder.path().join(file), sql).expect("a file");
        self
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn up(&self) -> Result<Vec<String>, Error> {
        let applied = migrate::up(&self.login, self.path(), |_| {}).await?;
        Ok(applied
            .into_iter()
            .map(|migration| migration.version)
            .collect())
    }

    async fn refusal(&self) -> MigrateError {
        match self.up().await {
            Err(Error::Migrate(error)) => *error,
            other => panic!("it was not refused: {other:?}"),
        }
    }

    async fn states(&self) -> Vec<State> {
        migrate::status(&self.login, self.path())
            .await
            .expect("a status")
            .into_iter()
            .map(|line| line.state)
            .collect()
    }

    async fn ask(&self, sql: &'static str) -> String {
        let mut connection = PgConnection::connect_with(&self.login)
            .await
            .expect("a connection");
        sqlx::query_scalar::<_, Option<String>>(sql)
            .fetch_one(&mut connection)
            .await
            .expect("an answer")
            .unwrap_or_default()
    }

    async fn run(&self, sql: &'static str) {
        let mut connection = PgConnection::connect_with(&self.login)
            .await
            .expect("a connection");
        sqlx::raw_sql(sql)
            .execute(&mut connection)
            .await
            .expect("it runs");
    }
}

const FIRST: &str = "20260101000000_first.sql";
const SECOND: &str = "20260102000000_second.sql";
const THIRD: &str = "20260103000000_third.sql";

#[tokio::test]
async fn files_are_applied_in_order_and_recorded() {
    let case = Case::new().await;
    case.write(SECOND, "insert into a values (2);").write(
        FIRST,
        "-- one;\ncreate table a (n int);\ninsert into a values (1);",
    );
    assert_eq!(case.states().await, [State::Pending, State::Pending]);
    assert_eq!(
        case.up().await.unwrap(),
        ["20260101000000", "20260102000000"]
    );
    assert_eq!(case.up().await.unwrap(), Vec::<String>::new());
    assert_eq!(
        case.ask("select string_agg(n::text, ',') from a").await,
        "1,2"
    );
    assert_eq!(
        case.ask("select string_agg(version || ' ' || name || ' ' || cardinality(statements), ', ' order by version) from supabase_migrations.schema_migrations").await,
        "20260101000000 first 2, 20260102000000 second 1"
    );
    assert_eq!(
        case.ask("select max(length(sha256))::text from supabase_migrations.catalyst_checksums")
            .await,
        "64"
    );
    assert_eq!(case.states().await, [State::Applied, State::Applied]);
    assert_eq!(migrate::verify(&case.login, case.path()).await.unwrap(), 2);
}

#[tokio::test]
async fn a_changed_file_is_refused_and_nothing_else_applied() {
    let case = Case::new().await;
    case.write(FIRST, "create table a (n int);");
    case.up().await.unwrap();
    case.write(FIRST, "create table a (n bigint);")
        .write(SECOND, "create table b (n int);");
    assert!(matches!(case.refusal().await, MigrateError::Changed { file, .. } if file == FIRST));
    assert!(matches!(
        migrate::verify(&case.login, case.path()).await,
        Err(Error::Migrate(_))
    ));
    assert_eq!(case.states().await, [State::Changed, State::Pending]);
    assert_eq!(case.ask("select to_regclass('b')::text").await, "");
}

#[tokio::test]
async fn a_gap_is_refused() {
    let case = Case::new().await;
    case.write(SECOND, "select 1;");
    case.up().await.unwrap();
    case.write(FIRST, "create table a (n int);")
        .write(THIRD, "create table c (n int);");
    let refusal = case.refusal().await;
    assert!(
        matches!(&refusal, MigrateError::Gap { file, newest } if file == FIRST && newest == "20260102000000")
    );
    assert!(
        refusal
            .to_string()
            .contains("rename the file to a timestamp after 20260102000000"),
        "{refusal}"
    );
    assert_eq!(
        case.states().await,
        [State::Gap, State::Applied, State::Pending]
    );
    assert_eq!(case.ask("select to_regclass('c')::text").await, "");
}

#[tokio::test]
async fn a_missing_file_is_refused() {
    let case = Case::new().await;
    case.write(FIRST, "select 1;");
    case.up().await.unwrap();
    fs::remove_file(case.path().join(FIRST)).unwrap();
    case.write(SECOND, "select 2;");
    assert!(
        matches!(case.refusal().await, MigrateError::Missing { version, name } if version == "20260101000000" && name == "first")
    );
    assert_eq!(case.states().await, [State::Missing, State::Pending]);
}

#[tokio::test]
async fn names_that_are_none_are_refused() {
    let case = Case::new().await;
    case.write("1_first.sql", "select 1;");
    assert!(matches!(case.refusal().await, MigrateError::Name(file) if file == "1_first.sql"));
    let case = Case::new().await;
    case.write(FIRST, "select 1;")
        .write("20260101000000_other.sql", "select 1;")
        .write("notes.txt", "not a migration");
    assert!(matches!(case.refusal().await, MigrateError::Twice { .. }));
}

#[tokio::test]
async fn a_failing_statement_names_its_place_and_leaves_nothing() {
    let case = Case::new().await;
    case.write(FIRST, "create table a (n int);");
    case.write(SECOND, "create table b (n int);\n\ninsert into a\nvalues (1),\n       (nope);\ncreate table c (n int);\n");
    case.write(THIRD, "create table d (n int);");
    let refusal = case.refusal().await;
    let MigrateError::Statement(failed) = &refusal else {
        panic!("{refusal}")
    };
    assert_eq!(
        (failed.file.as_str(), failed.line, failed.code.as_str()),
        (SECOND, 5, "42703")
    );
    assert!(failed.statement.starts_with("insert into a"), "{refusal}");
    assert!(
        refusal.to_string().contains("rolled back whole"),
        "{refusal}"
    );
    assert_eq!(
        case.ask("select concat_ws(' ', to_regclass('a'), to_regclass('b'), to_regclass('c'), to_regclass('d'))").await,
        "a",
        "the file before stays, of this one nothing does"
    );
    assert_eq!(
        case.states().await,
        [State::Applied, State::Pending, State::Pending]
    );
    case.write(SECOND, "create table b (n int);");
    assert_eq!(case.up().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_statement_that_fails_at_commit_leaves_nothing() {
    let case = Case::new().await;
    case.write(
        FIRST,
        "create table a (n int primary key);
         create table b (n int references a deferrable initially deferred);
         insert into b values (1);",
    );
    assert!(case.up().await.is_err());
    assert_eq!(case.ask("select to_regclass('a')::text").await, "");
    assert_eq!(case.states().await, [State::Pending]);
}

#[tokio::test]
async fn a_file_does_not_end_its_own_transaction() {
    for statement in ["commit", "BEGIN", "rollback", "start transaction", "end"] {
        let case = Case::new().await;
        case.write(
            FIRST,
            &format!("create table a (n int);\n{statement};\ncreate table b (n int);"),
        );
        assert!(
            matches!(
                case.refusal().await,
                MigrateError::Transaction { line: 2, .. }
            ),
            "{statement}"
        );
        assert_eq!(case.ask("select to_regclass('a')::text").await, "");
    }
}

#[tokio::test]
async fn many_at_once_apply_each_file_once() {
    let case = Case::new().await;
    case.write(FIRST, "create table a (n int); select pg_sleep(0.1);")
        .write(SECOND, "insert into a values (1); select pg_sleep(0.1);");
    let runs = futures_util::future::join_all((0..6).map(|_| case.up())).await;
    let applied: Vec<String> = runs
        .into_iter()
        .flat_map(|run| run.expect("none fails"))
        .collect();
    assert_eq!(applied, ["20260101000000", "20260102000000"]);
    assert_eq!(case.ask("select count(*)::text from a").await, "1");
}

#[tokio::test]
async fn what_a_file_sets_does_not_reach_the_next() {
    let case = Case::new().await;
    case.write(
        FIRST,
        "create schema s; set search_path = s; create table a (n int);",
    )
    .write(
        SECOND,
        "create table public.b (n int); create table c (n int);",
    );
    case.up().await.unwrap();
    assert_eq!(
        case.ask("select concat_ws(' ', to_regclass('s.a'), to_regclass('public.c'))")
            .await,
        "s.a c"
    );
}

#[tokio::test]
async fn what_the_supabase_cli_applied_is_taken_over() {
    let case = Case::new().await;
    case.run(
        "create schema supabase_migrations;
         create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
         insert into supabase_migrations.schema_migrations values ('20260101000000', array['create table a (n int)', 'select  1'], 'first')",
    )
    .await;
    case.write(FIRST, "-- why\ncreate table a (n int);\nselect 1;")
        .write(SECOND, "select 2;");
    assert_eq!(
        case.states().await,
        [State::AppliedElsewhere, State::Pending]
    );
    assert_eq!(case.up().await.unwrap(), ["20260102000000"]);
    assert_eq!(case.states().await, [State::Applied, State::Applied]);

    let case = Case::new().await;
    case.run(
        "create schema supabase_migrations;
         create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
         insert into supabase_migrations.schema_migrations values ('20260101000000', array['create table a (n int)'], 'first')",
    )
    .await;
    case.write(FIRST, "create table a (n bigint);");
    assert!(matches!(case.refusal().await, MigrateError::Changed { .. }));
}
