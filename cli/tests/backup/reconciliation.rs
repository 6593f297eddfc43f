//! What a restore does about what may have happened since the backup, and about changes that no migration made.

use catalyst_cli::{
    backup::{self, BackupError, End, Scratch},
    migrate,
};
use sqlx::Connection as _;

use crate::world::{
    archive, ask, fault, recipient, restore, run, runtime, signer, store, turn, verifier, world,
};

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
        assert_eq!((&restored.reconciled["sessions"], &restored.reconciled["webhooks"]), (&1.into(), &1.into()));

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

        // What may have been replaced or ended since opens nothing; what was to be sent waits for a new secret.
        let doors = "select (select count(*) from auth.sessions) || ' ' || (select count(*) from auth.refresh_tokens) || ' '
          || (select count(*) from auth.one_time_tokens) || ' ' || (select count(*) from private.oauth_states) || ' '
          || (select count(*) from private.calendar_feeds) || ' ' || (select count(*) from private.webhook_secrets)";
        assert_eq!(ask(&login, doors).await, "0 0 0 0 0 0");
        let endpoint = "select e.state || ' ' || e.state_reason || ' ' || d.state from public.webhook_endpoints e
          join public.webhook_deliveries d on d.endpoint_id = e.id";
        assert_eq!(ask(&login, endpoint).await, "disabled restored pending");
        let moved = "select (purge_at > private.now() + interval '6 days')::text from public.channels where title = 'Unverified'";
        assert_eq!(ask(&login, moved).await, "true");

        // Who was erased after the backup does not return.
        assert_eq!(restored.erased, serde_json::json!({"channels": 1, "users": 1}));
        let erased = "select (select count(*) from auth.users where email = 'three@example.org') || ' '
          || (select count(*) from public.users) || ' ' || (select count(*) from public.channels where title = 'Erased') || ' '
          || (select count(*) from private.steps where channel_id = '00000000-0000-4000-8000-00000000000d')";
        assert_eq!(ask(&login, erased).await, "0 2 0 0");

        // It is full now.
        let again = restore(world, &world.manifest, &archive(world), &identities, &login, End::Commit).await;
        assert!(matches!(fault(again.map(drop)), BackupError::NotEmpty { .. }));
        project.stop().await;
    });
}

#[test]
fn a_new_secret_lets_the_deliveries_of_a_restored_endpoint_go_on() {
    let world = world();
    let _turn = turn();
    runtime().block_on(async {
        let project = Scratch::start().await.expect("a server");
        let login = project.login();
        let identities = [world.identity.clone()];
        restore(world, &world.manifest, &archive(world), &identities, &login, End::Commit).await.expect("it is restored");
        let enable = "select engine.update_webhook_endpoint('00000000-0000-4000-8000-000000000001',
          '00000000-0000-4000-8000-000000000600', null, '{\"state\": \"enabled\"}')::text";
        let mut connection = sqlx::PgConnection::connect_with(&login).await.expect("a connection");
        let refused = sqlx::raw_sql(enable).execute(&mut connection).await.expect_err("it has no secret");
        let refused = refused.into_database_error().expect("a refusal");
        let detail = refused.downcast_ref::<sqlx::postgres::PgDatabaseError>().detail();
        assert!(detail.is_some_and(|detail| detail.contains("Rotate it")), "{refused:?}");
        let rotate = "select engine.rotate_webhook_secret('00000000-0000-4000-8000-000000000001', null,
          '00000000-0000-4000-8000-000000000600', gen_random_uuid(), 'v1.k.n.c', false)::text";
        ask(&login, rotate).await;
        let goes_on = "select e.state || ' ' || d.state || ' ' || s.state from public.webhook_endpoints e
          join public.webhook_deliveries d on d.endpoint_id = e.id join private.steps s on s.subject_id = e.id";
        assert_eq!(ask(&login, goes_on).await, "enabled pending waiting");
        project.stop().await;
    });
}

#[test]
fn nobody_in_a_scratch_server_may_run_programs() {
    runtime().block_on(async {
        let server = Scratch::start().await.expect("a server");
        let mut connection = sqlx::PgConnection::connect_with(&server.login())
            .await
            .expect("a connection");
        for sql in [
            "grant pg_execute_server_program to postgres",
            "create role other",
            "copy pg_class to program 'true'",
        ] {
            let refused = sqlx::raw_sql(sql).execute(&mut connection).await;
            let refused = refused.expect_err(sql).into_database_error().expect(sql);
            assert_eq!(refused.code().as_deref(), Some("42501"), "{sql}: {refused}");
        }
        server.stop().await;
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
        backup::create(&login, &store, &[recipient(world)], signer()).await.expect("a backup");
        let verified = backup::verify(&world.project, &store, "latest", &identities, verifier(), Some(&world.target), Some(&login)).await;
        let BackupError::Differs(differences) = fault(verified.map(drop)) else {
            panic!("the changed policy was not noticed");
        };
        assert!(differences.iter().all(|line| line.contains("users see themselves")), "{differences:?}");
        let failure = "select (failure is not null and verified_at is null)::text from private.backups order by created_at desc limit 1";
        assert_eq!(ask(&login, failure).await, "true");
        run(&login, "create table private.beside (id integer)").await;
        backup::create(&login, &store, &[recipient(world)], signer()).await.expect("a backup");
        let verified = backup::verify(&world.project, &store, "latest", &identities, verifier(), Some(&world.target), None).await;
        assert!(matches!(fault(verified.map(drop)), BackupError::Unfit(what) if what.contains("private.beside")));
        project.stop().await;
    });
}
