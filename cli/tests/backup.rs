//! `catalyst backup` against real servers: what is restored is what was there, and whatever is wrong with a backup is told
//! before anything is touched.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc},
    thread,
    time::Duration,
};

use catalyst_cli::{
    Error,
    backup::{self, End, Fault, Identity, Manifest, Plan, Recipient, Restored, Scratch, Store},
    migrate,
    project::Project,
};
use fakes::s3::S3;
use http::StatusCode;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// Something that must never be readable in an archive.
const CANARY: &str = "canary-7f3a-of-the-backup-test";

/// Rows of every difficult kind, and work that is under way.
const SEED: &str = include_str!("backup/seed.sql");

/// One source with data, one empty target, and one backup of the source; the servers die with their thread.
struct World {
    project: Project,
    source: PgConnectOptions,
    target: PgConnectOptions,
    identity: Identity,
    folder: PathBuf,
    manifest: Manifest,
}

fn world() -> &'static World {
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

/// The target is one, and some of these tests hold on to it.
fn turn() -> MutexGuard<'static, ()> {
    static TARGET: Mutex<()> = Mutex::new(());
    TARGET.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> tokio::runtime::Runtime {
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
    )
    .await
    .expect("a backup");
    World {
        project,
        source: source.login(),
        target: target.login(),
        identity,
        folder,
        manifest,
    }
}

fn store(place: &Path) -> Store {
    Store::open(place.to_str().expect("a path")).expect("a folder")
}

async fn run(login: &PgConnectOptions, sql: &'static str) {
    let mut connection = PgConnection::connect_with(login)
        .await
        .expect("a connection");
    sqlx::raw_sql(sql)
        .execute(&mut connection)
        .await
        .expect(sql);
    drop(connection.close().await);
}

async fn ask(login: &PgConnectOptions, sql: &'static str) -> String {
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
async fn relations(login: &PgConnectOptions) -> String {
    ask(
        login,
        "select count(*)::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'private', 'engine', 'supabase_migrations') or (n.nspname = 'pgmq' and c.relname ~ '^[qa]_')",
    )
    .await
}

/// Restores an archive that is what `manifest` says, or not.
async fn restore(
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

async fn refusal(world: &World, manifest: &Manifest, archive: &Path, identity: &Identity) -> Fault {
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

fn fault(result: Result<(), Error>) -> Fault {
    match result {
        Err(Error::Backup(fault)) => fault,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn archive(world: &World) -> PathBuf {
    world.folder.join(format!("{}.age", world.manifest.name()))
}

/// A copy of the archive with another inside.
fn changed(world: &World, change: impl FnOnce(&mut Vec<u8>)) -> tempfile::NamedTempFile {
    let mut bytes = std::fs::read(archive(world)).expect("the archive");
    change(&mut bytes);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    file
}

#[test]
fn a_backup_is_verified_by_a_restore_that_leaves_nothing() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let contents = &world.manifest.contents;
        assert!(contents.rows > 2_000, "{}", contents.rows);
        assert!(
            contents
                .tables
                .iter()
                .any(|table| table.full_name() == "auth.users" && table.rows == 2)
        );
        assert!(contents.jobs.contains_key("watch"));

        let store = store(&world.folder);
        let identities = [world.identity.clone()];
        let (name, restored) = backup::verify(
            &world.project,
            &store,
            "latest",
            &identities,
            Some(&world.target),
            Some(&world.source),
        )
        .await
        .expect("it is good");
        assert_eq!(name, world.manifest.name());
        assert_eq!(restored.rows, contents.rows);
        assert_eq!(relations(&world.target).await, "0");
        assert!(store.list().await.expect("a list")[0].is_verified());
        assert_eq!(store.find("verified").await.expect("one").0, name);
        let known =
            "select (private.last_verified_backup() > private.now() - interval '1 hour')::text";
        assert_eq!(ask(&world.source, known).await, "true");
    });
}

#[test]
fn nothing_in_an_archive_can_be_read_without_the_identity() {
    let world = world();
    let bytes = std::fs::read(archive(world)).expect("the archive");
    for word in [CANARY, "scheduled_uploads", "copy"] {
        let found = bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes());
        assert!(!found, "{word}");
    }
    let manifest =
        std::fs::read_to_string(world.folder.join(format!("{}.json", world.manifest.name())))
            .expect("the manifest");
    assert!(!manifest.contains(CANARY));
}

#[test]
fn a_changed_byte_is_noticed_by_the_hash_and_by_the_seal() {
    let world = world();
    let size = std::fs::metadata(archive(world))
        .expect("the archive")
        .len();
    let name = world.manifest.name();
    let written = world.manifest.write();
    let places: usize = std::env::var("CORRUPTIONS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(25);
    let identities = [world.identity.clone()];
    let mut random = fastrand::Rng::with_seed(11);
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    std::fs::write(folder.path().join(format!("{name}.json")), &written).expect("a copy");
    let (mut by_hash, mut by_seal, mut by_manifest) = (0, 0, 0);
    runtime().block_on(async {
        for _ in 0..places {
            let place = random.u64(..size + written.len() as u64);
            let bit = 1 << random.u8(..8);
            if place >= size {
                let mut bytes = written.clone();
                bytes[usize::try_from(place - size).expect("small")] ^= bit;
                by_manifest += usize::from(Manifest::read(&name, &bytes).is_err());
                continue;
            }
            let file = changed(world, |bytes| {
                bytes[usize::try_from(place).expect("small")] ^= bit
            });
            // The hash alone.
            std::fs::copy(file.path(), folder.path().join(format!("{name}.age"))).expect("a copy");
            let fetched = store.fetch(&name, &world.manifest).await;
            let noticed = matches!(fetched, Err(Error::Backup(Fault::Damaged { .. })));
            by_hash += usize::from(noticed);
            // The seal alone: whoever changes an archive may change its manifest, too.
            let noticed = backup::examine(file.path(), &world.manifest, &identities).is_err();
            by_seal += usize::from(noticed);
        }
    });
    println!(
        "{places} places: {by_manifest} in the manifest, {by_hash} noticed by the hash, {by_seal} by the seal"
    );
    assert_eq!(
        (by_hash, by_seal),
        (places - by_manifest, places - by_manifest)
    );
    backup::examine(&archive(world), &world.manifest, &identities).expect("unchanged, it is good");
}

#[test]
fn a_truncated_archive_leaves_the_target_untouched() {
    let world = world();
    let _turn = turn();
    let size = usize::try_from(
        std::fs::metadata(archive(world))
            .expect("the archive")
            .len(),
    )
    .expect("small");
    runtime().block_on(async {
        for left in [0, 1, 150, size / 2, size - 1] {
            let file = changed(world, |bytes| bytes.truncate(left));
            let refused = refusal(world, &world.manifest, file.path(), &world.identity).await;
            assert!(
                matches!(refused, Fault::Damaged { .. }),
                "{left} of {size}: {refused:?}"
            );
        }
        // The last byte of the rows of the last table: nearly everything is loaded by then.
        let file = changed(world, |bytes| bytes[size - 40] ^= 1);
        let refused = refusal(world, &world.manifest, file.path(), &world.identity).await;
        assert!(matches!(refused, Fault::Damaged { .. }), "{refused:?}");
    });
}

#[test]
fn a_foreign_manifest_a_newer_schema_and_another_key_are_refused() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        // The manifest of another backup of the same database.
        let mut other = world.manifest.clone();
        other.contents.id = uuid::Uuid::new_v4();
        let refused = refusal(world, &other, &archive(world), &world.identity).await;
        assert!(matches!(refused, Fault::Foreign { .. }), "{refused:?}");

        let mut newer = world.manifest.clone();
        let mut last = newer.contents.migrations.last().cloned().expect("some");
        last.version = "20991231235959".to_owned();
        newer.contents.schema_version = last.version.clone();
        newer.contents.migrations.push(last);
        let refused = refusal(world, &newer, &archive(world), &world.identity).await;
        assert!(matches!(refused, Fault::TooNew { .. }), "{refused:?}");
        assert!(refused.to_string().contains("20991231235959"), "{refused}");

        let mut edited = world.manifest.clone();
        edited.contents.migrations[0].sha256 = Some("0".repeat(64));
        let refused = refusal(world, &edited, &archive(world), &world.identity).await;
        assert!(
            matches!(refused, Fault::OtherMigrations { .. }),
            "{refused:?}"
        );

        let stranger = Identity::generate().expect("a key");
        let refused = refusal(world, &world.manifest, &archive(world), &stranger).await;
        assert_eq!(refused, Fault::NotForUs);

        // A manifest that says of one table something else than its archive.
        let mut lying = world.manifest.clone();
        let table = lying
            .contents
            .tables
            .iter_mut()
            .find(|table| table.rows > 0)
            .expect("one");
        table.rows -= 1;
        let refused = refusal(world, &lying, &archive(world), &world.identity).await;
        assert!(matches!(refused, Fault::Damaged { .. }), "{refused:?}");

        // A store with a file that is none of ours.
        let folder = tempfile::tempdir().expect("a folder");
        let name = world.manifest.name();
        std::fs::write(
            folder.path().join(format!("{name}.json")),
            r#"{"version": 3, "backups": []}"#,
        )
        .expect("a file");
        std::fs::write(folder.path().join(format!("{name}.age")), b"?").expect("a file");
        let found = store(folder.path()).find("latest").await;
        assert!(matches!(fault(found.map(drop)), Fault::Foreign { .. }));
        let found = store(folder.path()).find("20200101T000000Z-00000000").await;
        assert!(matches!(fault(found.map(drop)), Fault::Missing { .. }));
    });
}

#[test]
fn a_target_with_anything_in_it_is_refused() {
    let world = world();
    runtime().block_on(async {
        let before = ask(&world.source, "select count(*)::text from public.videos").await;
        let identities = [world.identity.clone()];
        let refused = restore(
            world,
            &world.manifest,
            &archive(world),
            &identities,
            &world.source,
            End::Commit,
        )
        .await;
        assert!(matches!(fault(refused.map(drop)), Fault::NotEmpty { .. }));
        assert_eq!(
            ask(&world.source, "select count(*)::text from public.videos").await,
            before
        );
    });
}

#[test]
fn a_restore_that_is_cut_half_way_leaves_nothing() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        // Somebody holds a table that the restore needs, so that it stands still in the middle.
        let mut holder = PgConnection::connect_with(&world.target)
            .await
            .expect("a connection");
        sqlx::raw_sql("begin; lock table auth.one_time_tokens in share mode")
            .execute(&mut holder)
            .await
            .expect("a lock");
        let identities = [world.identity.clone()];
        let archive = archive(world);
        let restoring = restore(
            world,
            &world.manifest,
            &archive,
            &identities,
            &world.target,
            End::Commit,
        );
        let cutting = async {
            for _ in 0..300 {
                let cut = ask(
                    &world.target,
                    "select count(pg_terminate_backend(pid))::text from pg_stat_activity
                     where wait_event_type = 'Lock' and query ~ 'delete from'",
                )
                .await;
                if cut != "0" {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("the restore never stood still");
        };
        let (restored, ()) = tokio::join!(restoring, cutting);
        assert!(
            matches!(restored, Err(Error::Database { .. })),
            "{restored:?}"
        );
        sqlx::raw_sql("rollback")
            .execute(&mut holder)
            .await
            .expect("an end");
        assert_eq!(relations(&world.target).await, "0");
    });
}

#[test]
fn a_snapshot_is_of_one_moment_while_others_write() {
    let world = world();
    runtime().block_on(async {
        let mut writer = PgConnection::connect_with(&world.source).await.expect("a connection");
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let recipients = [Recipient::parse(&world.identity.recipient().expect("a key").to_string()).expect("a key")];
        let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
        // Two tables that every transaction changes alike; one is read long before the other.
        let writing = async {
            let mut written = 0;
            while stopped.try_recv().is_err() {
                sqlx::raw_sql(
                    "begin; insert into private.settings (key, value) values ('pair ' || gen_random_uuid(), '1');
                     insert into public.system_logs (event_type, severity, source, message) values ('pair', 'debug', 'test', ''); commit",
                )
                .execute(&mut writer)
                .await
                .expect("a pair");
                written += 1;
                tokio::task::yield_now().await;
            }
            written
        };
        let backing_up = async {
            let mut manifests = Vec::new();
            for _ in 0..3 {
                manifests.push(backup::create(&world.source, &store, &recipients).await.expect("a backup"));
            }
            stop.send(()).expect("it still writes");
            manifests
        };
        let (manifests, written) = tokio::join!(backing_up, writing);
        assert!(written > 3, "{written} pairs only");
        let rows = |manifest: &Manifest, name: &str| {
            manifest.contents.tables.iter().find(|table| table.full_name() == name).expect(name).rows
        };
        let apart: Vec<u64> = manifests
            .iter()
            .map(|one| rows(one, "public.system_logs") + 1_000 - rows(one, "private.settings"))
            .collect();
        assert!(apart.windows(2).all(|two| two[0] == two[1]), "{apart:?}");
        run(&world.source, "delete from private.settings where key like 'pair %'; delete from public.system_logs where event_type = 'pair'").await;
    });
}

#[test]
fn what_is_restored_asks_before_it_acts() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let project = Scratch::start().await.expect("a server");
        let login = project.login();
        let identities = [world.identity.clone()];
        let restored = restore(world, &world.manifest, &archive(world), &identities, &login, End::Commit)
            .await
            .expect("it is restored");
        assert_eq!(restored.rows, world.manifest.contents.rows);
        assert_eq!(restored.reconciled["uploads"], 3);
        assert_eq!(restored.reconciled["renders"], 1);
        assert_eq!(restored.reconciled["steps"], 1);

        // Whatever had no video then is looked for before it is sent; sessions of that time are not used again.
        let states = "select string_agg(title || ' ' || state || coalesce(' ' || reason, ''), ', ' order by title) from public.scheduled_uploads";
        assert_eq!(
            ask(&login, states).await,
            "asked on_youtube, due outcome_unknown reconciling, ended published, lost outcome_unknown reconciling, \
             sent outcome_unknown reconciling, stopped needs_attention slot_missed"
        );
        let sessions = "select string_agg(u.title || ' ' || s.outcome || ' ' || (s.session_uri is null) || ' ' || (s.bytes_sent = s.bytes_total), ', ' order by u.title)
          from private.upload_sessions s join public.scheduled_uploads u on u.id = s.upload_id where u.youtube_video_id is null";
        assert_eq!(
            ask(&login, sessions).await,
            "due gone true true, lost gone true true, sent gone true true, stopped gone true true"
        );
        // A claim of the lost time has a fence that never comes again.
        let fences = "select (min(fence) >= 1000000 and count(*) filter (where state = 'running') = 0)::text from private.steps";
        assert_eq!(ask(&login, fences).await, "true");
        let claims = "select count(*)::text from engine.claim_steps('test', array['publish', 'render', 'sync'], 50, 30)";
        assert!(ask(&login, claims).await.parse::<u32>().expect("a number") >= 4);
        let render = "select state || ' ' || cost_basis from public.renders where state <> 'ready'";
        assert_eq!(ask(&login, render).await, "submit_unknown estimated");
        let told = "select string_agg(event_type || ' ' || (user_id is null), ', ' order by id) from public.system_logs where source = 'backups'";
        assert_eq!(
            ask(&login, told).await,
            "database.restored true, service.restored false, service.restored false"
        );
        let texts = "select message from public.system_logs where event_type = 'odd'";
        assert_eq!(ask(&login, texts).await, "tab\there, \\N, \\\\., line\nbreak, \u{1F3AC} and \u{e9}");

        // It is full now; and what is changed beside the migrations does not pass a verification.
        let again = restore(world, &world.manifest, &archive(world), &identities, &login, End::Commit).await;
        assert!(matches!(fault(again.map(drop)), Fault::NotEmpty { .. }));
        run(&login, "drop policy \"users see themselves\" on public.users; create policy \"users see themselves\" on public.users for select to anon using (true)").await;
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        backup::create(&login, &store, &[world.identity.recipient().expect("a key")]).await.expect("a backup");
        let verified = backup::verify(&world.project, &store, "latest", &identities, Some(&world.target), Some(&login)).await;
        let Fault::Differs(differences) = fault(verified.map(drop)) else {
            panic!("the changed policy was not noticed");
        };
        assert!(differences.iter().all(|line| line.contains("users see themselves")), "{differences:?}");
        let failure = "select (failure is not null and verified_at is null)::text from private.backups order by created_at desc limit 1";
        assert_eq!(ask(&login, failure).await, "true");
        run(&login, "create table private.beside (id integer)").await;
        backup::create(&login, &store, &[world.identity.recipient().expect("a key")]).await.expect("a backup");
        let verified = backup::verify(&world.project, &store, "latest", &identities, Some(&world.target), None).await;
        assert!(matches!(fault(verified.map(drop)), Fault::Unfit { what } if what.contains("private.beside")));
        project.stop().await;
    });
}

#[test]
fn a_bucket_keeps_backups_as_a_folder_does() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let s3 = S3::start("backups", "test-key", "test-secret", "eu-central-1").await.expect("a port");
        let with = |secret: &'static str| {
            let url = s3.url().to_owned();
            Store::open_with("s3://backups/nightly", move |name| match name {
                "AWS_ACCESS_KEY_ID" => Some("test-key".to_owned()),
                "AWS_SECRET_ACCESS_KEY" => Some(secret.to_owned()),
                "AWS_REGION" => Some("eu-central-1".to_owned()),
                "AWS_ENDPOINT_URL_S3" => Some(url.clone()),
                _ => None,
            })
            .expect("a bucket")
        };
        let bucket = with("test-secret");
        // Its hiccups are waited out.
        s3.fail(2, StatusCode::SERVICE_UNAVAILABLE);
        bucket.put(&world.manifest, &archive(world)).await.expect("it is kept");
        let name = world.manifest.name();
        assert_eq!(s3.keys(), [format!("nightly/{name}.age"), format!("nightly/{name}.json")]);
        // More files than a page of a list holds, and some that are none of ours.
        for other in 0..7 {
            s3.put(&format!("nightly/notes-{other}"), Vec::new());
        }
        s3.put("weekly/else.json", Vec::new());
        let (found, _) = bucket.find("latest").await.expect("one");
        assert_eq!(found, name);
        let identities = [world.identity.clone()];
        backup::verify(&world.project, &bucket, "latest", &identities, Some(&world.target), None).await.expect("it is good");
        assert!(bucket.list().await.expect("a list")[0].is_verified());

        // A wrong key is told as such, at once.
        let before = s3.calls();
        let refused = with("another").list().await;
        assert!(matches!(fault(refused.map(drop)), Fault::Store(why) if why.contains("SignatureDoesNotMatch")));
        assert_eq!((s3.refused(), s3.calls() - before), (1, 1));

        // A byte that changes where it lies.
        let mut bytes = s3.get(&format!("nightly/{name}.age")).expect("the archive");
        bytes[999] ^= 4;
        s3.put(&format!("nightly/{name}.age"), bytes);
        let fetched = bucket.fetch(&name, &world.manifest).await;
        assert!(matches!(fault(fetched.map(drop)), Fault::Damaged { .. }));

        bucket.remove(&name).await.expect("it is removed");
        assert!(bucket.list().await.expect("a list").is_empty());
        assert!(Store::open_with("s3://backups", |_| None).is_err());
    });
}

#[test]
fn a_production_database_is_set_as_far_as_its_owner_may() {
    use catalyst_cli::postgres_config::{State, configure};
    let world = world();
    runtime().block_on(async {
        let before = configure(&world.source, false).await.expect("a comparison");
        assert!(
            before.iter().any(|line| line.state == State::Other(None)),
            "{before:?}"
        );
        let set = configure(&world.source, true).await.expect("it is set");
        for line in &set {
            // A plain server lets only a superuser set what is logged; a hosted one lets its owner.
            let refused = ["log_min_duration_statement", "track_io_timing"]
                .iter()
                .any(|name| line.setting.ends_with(name));
            let allowed = matches!(line.state, State::Set | State::AsWanted);
            assert!(
                allowed || (refused && line.state == State::Refused),
                "{line}"
            );
        }
        assert_eq!(ask(&world.source, "show work_mem").await, "8MB");
        let again = configure(&world.source, true).await.expect("it is set");
        assert!(
            again.iter().all(|line| line.state != State::Set),
            "{again:?}"
        );
    });
}
