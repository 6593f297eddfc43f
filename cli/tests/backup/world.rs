//! What these tests share: servers, one backup, and ways to restore it.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc},
    thread,
};

use catalyst_cli::{
    Error,
    backup::{
        self, BackupError, End, Identity, Manifest, Plan, Recipient, Restored, Scratch, SigningKey,
        Store, Trust,
    },
    migrate,
    project::Project,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// Something that must never be readable in an archive.
pub(crate) const CANARY: &str = "canary-7f3a-of-the-backup-test";

/// Rows of every difficult kind, and work that is under way.
const SEED: &str = include_str!("seed.sql");

/// One source with data, one empty target, and one backup of the source; the servers die with their thread.
pub(crate) struct World {
    pub(crate) project: Project,
    pub(crate) source: PgConnectOptions,
    pub(crate) target: PgConnectOptions,
    pub(crate) identity: Identity,
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (made, world) = mpsc::channel();
        thread::spawn(move || {
            runtime().block_on(async {
                // Always the same folders, as nothing removes them when this process ends.
                let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("backup-servers");
                let (source, target) = (place.join("source"), place.join("target"));
                let (source, target) =
                    tokio::join!(Scratch::start_in(&source), Scratch::start_in(&target));
                let (source, target) = (source.expect("a server"), target.expect("a server"));
                made.send(make(&source, &target).await)
                    .expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        world.recv().expect("a world")
    })
}

/// Who makes backups.
pub(crate) fn signer() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().expect("a key"))
}

/// Who verifies them.
pub(crate) fn verifier() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().expect("a key"))
}

pub(crate) fn trust() -> Trust {
    Trust {
        signers: vec![signer().public()],
        verifiers: vec![verifier().public()],
    }
}

/// The target is one, and some of these tests hold on to it.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TARGET: Mutex<()> = Mutex::new(());
    TARGET.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

async fn make(source: &Scratch, target: &Scratch) -> World {
    let project = Project::at(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    migrate::up(&source.login(), &project.migrations(), |_| {})
        .await
        .expect("the migrations");
    run(&source.login(), SEED).await;
    let identity = Identity::generate().expect("a key");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("backups");
    drop(std::fs::remove_dir_all(&folder));
    let manifest = backup::create(
        &source.login(),
        &store(&folder),
        &[identity.recipient().expect("a key")],
        signer(),
    )
    .await
    .expect("a backup");
    // After the backup, somebody is erased.
    run(
        &source.login(),
        "delete from public.channels where title = 'Erased'; delete from auth.users where email = 'three@example.org'",
    )
    .await;
    let aside = backup::put_aside(&source.login(), &store(&folder), signer()).await;
    assert_eq!(aside.expect("they are put aside"), 2);
    World {
        project,
        source: source.login(),
        target: target.login(),
        identity,
        folder,
        manifest,
    }
}

pub(crate) fn store(place: &Path) -> Store {
    let store = Store::open(place.to_str().expect("a path")).expect("a folder");
    store.trusting(trust())
}

pub(crate) async fn run(login: &PgConnectOptions, sql: &'static str) {
    let mut connection = PgConnection::connect_with(login)
        .await
        .expect("a connection");
    sqlx::raw_sql(sql)
        .execute(&mut connection)
        .await
        .expect(sql);
    drop(connection.close().await);
}

pub(crate) async fn ask(login: &PgConnectOptions, sql: &'static str) -> String {
    let mut connection = PgConnection::connect_with(login)
        .await
        .expect("a connection");
    sqlx::query_scalar::<_, Option<String>>(sql)
        .fetch_one(&mut connection)
        .await
        .expect(sql)
        .unwrap_or_default()
}

/// What a restore must not leave in a target when it fails.
pub(crate) async fn relations(login: &PgConnectOptions) -> String {
    ask(
        login,
        "select count(*)::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'private', 'engine', 'supabase_migrations') or (n.nspname = 'pgmq' and c.relname ~ '^[qa]_')",
    )
    .await
}

/// Restores an archive that is what `manifest` says, or not.
pub(crate) async fn restore(
    world: &World,
    manifest: &Manifest,
    archive: &Path,
    identities: &[Identity],
    target: &PgConnectOptions,
    end: End,
) -> Result<Restored, Error> {
    let migrations = world.project.migrations();
    let store = store(&world.folder);
    let plan = Plan {
        manifest,
        archive,
        identities,
        migrations: &migrations,
        store: &store,
    };
    backup::restore(target, &plan, end).await
}

pub(crate) async fn refusal(
    world: &World,
    manifest: &Manifest,
    archive: &Path,
    identity: &Identity,
) -> BackupError {
    let refused = restore(
        world,
        manifest,
        archive,
        std::slice::from_ref(identity),
        &world.target,
        End::Commit,
    )
    .await;
    assert_eq!(
        relations(&world.target).await,
        "0",
        "the target was touched"
    );
    fault(refused.map(drop))
}

pub(crate) fn fault(result: Result<(), Error>) -> BackupError {
    match result {
        Err(Error::Backup(fault)) => fault,
        other => panic!("it was not refused: {other:?}"),
    }
}

pub(crate) fn archive(world: &World) -> PathBuf {
    world.folder.join(format!("{}.age", world.manifest.name()))
}

/// A copy of the archive with another inside.
pub(crate) fn changed(world: &World, change: impl FnOnce(&mut Vec<u8>)) -> tempfile::NamedTempFile {
    let mut bytes = std::fs::read(archive(world)).expect("the archive");
    change(&mut bytes);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    file
}

/// The recipient of the world's backups.
pub(crate) fn recipient(world: &World) -> Recipient {
    world.identity.recipient().expect("a key")
}
