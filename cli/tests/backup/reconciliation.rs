//! What a restore does about what may have happened since the backup, and about changes that no migration made.

use catalyst_cli::{
    backup::{self, BackupError, End, Scratch},
    migrate,
};

use crate::world::{archive, ask, fault, recipient, restore, run, runtime, store, turn, world};

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

        // It is full now.
        let again = restore(world, &world.manifest, &archive(world), &identities, &login, End::Commit).await;
        assert!(matches!(fault(again.map(drop)), BackupError::NotEmpty { .. }));
        project.stop().await;
    });
}

#[test]
fn what_was_changed_outside_the_migrations_does_not_pass_a_verification() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let project = Scratch::start().await.expect("a server");
        let login = project.login();
        let identities = [world.identity.clone()];
        migrate::up(&login, &world.project.migrations(), |_| {}).await.expect("the migrations");
        run(&login, "drop policy \"users see themselves\" on public.users; create policy \"users see themselves\" on public.users for select to anon using (true)").await;
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        backup::create(&login, &store, &[recipient(world)]).await.expect("a backup");
        let verified = backup::verify(&world.project, &store, "latest", &identities, Some(&world.target), Some(&login)).await;
        let BackupError::Differs(differences) = fault(verified.map(drop)) else {
            panic!("the changed policy was not noticed");
        };
        assert!(differences.iter().all(|line| line.contains("users see themselves")), "{differences:?}");
        let failure = "select (failure is not null and verified_at is null)::text from private.backups order by created_at desc limit 1";
        assert_eq!(ask(&login, failure).await, "true");
        run(&login, "create table private.beside (id integer)").await;
        backup::create(&login, &store, &[recipient(world)]).await.expect("a backup");
        let verified = backup::verify(&world.project, &store, "latest", &identities, Some(&world.target), None).await;
        assert!(matches!(fault(verified.map(drop)), BackupError::Unfit(what) if what.contains("private.beside")));
        project.stop().await;
    });
}
