//! A backup while others write.

use catalyst_cli::backup::{self, Manifest};
use sqlx::{Connection, PgConnection};

use crate::world::{recipient, run, runtime, signer, store, world};

#[test]
fn a_snapshot_is_of_one_moment_while_others_write() {
    let world = world();
    runtime().block_on(async {
        let mut writer = PgConnection::connect_with(&world.source).await.expect("a connection");
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let recipients = [recipient(world)];
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
                manifests.push(backup::create(&world.source, &store, &recipients, signer()).await.expect("a backup"));
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
