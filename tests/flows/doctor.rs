//! `catalyst doctor` on the stack itself: fine as it is, and each thing that is taken away in the database is named.

use std::env;

use serde_json::json;

use crate::connecting::Creator;
use crate::support::{Stack, StandIn, tool};

/// What the tool says, and whether it found nothing to mend.
fn doctor(changes: &[(&str, &str)]) -> (bool, String) {
    tool(&["doctor"], changes)
}

#[tokio::test]
async fn the_doctor_finds_what_is_taken_away_and_nothing_else() {
    let stack = Stack::from_env();
    let (well, said) = doctor(&[]);
    assert!(well, "{said}");
    for fine in [
        "the secret key may change state",
        "the public key may not",
        "Google knows the OAuth client",
        "Gemini takes the key",
        "RevID takes the key",
        "is healthy",
        "the dispatcher takes CRON_SECRET",
        "Vault holds app_url",
        "Vault holds cron_secret",
        "jobs are scheduled",
        "row level security is on",
    ] {
        let line = said.lines().find(|line| line.contains(fine));
        assert!(
            line.is_some_and(|line| line.starts_with("ok")),
            "{fine}: {said}"
        );
    }

    // From now on Google knows this client alone.
    let of = |name: &str| env::var(name).expect("the stack's OAuth client");
    let client =
        json!({"client_id": of("GOOGLE_CLIENT_ID"), "client_secret": of("GOOGLE_CLIENT_SECRET")});
    StandIn::Google.control("clients", &client).await;
    let cases = [
        (
            "select vault.update_secret(id, null, 'away_app_url') from vault.decrypted_secrets where name = 'app_url'",
            "select vault.update_secret(id, null, 'app_url') from vault.decrypted_secrets where name = 'away_app_url'",
            "Vault does not hold app_url",
        ),
        (
            "select cron.alter_job(jobid, active := false) from cron.job where jobname = 'wake-dispatcher'",
            "select cron.alter_job(jobid, active := true) from cron.job where jobname = 'wake-dispatcher'",
            "jobs that are not scheduled: wake-dispatcher",
        ),
        (
            "create table public.left_open (id int)",
            "drop table public.left_open",
            "row level security is off: left_open",
        ),
        (
            "create table public.kept as select * from supabase_migrations.schema_migrations order by version desc limit 1; \
             alter table public.kept enable row level security; \
             delete from supabase_migrations.schema_migrations where version in (select version from public.kept)",
            "insert into supabase_migrations.schema_migrations select * from public.kept; drop table public.kept",
            "migrations: ",
        ),
    ];
    for (take, give_back, expected) in cases {
        stack.sql(take);
        let (well, said) = doctor(&[]);
        stack.sql(give_back);
        assert!(!well && said.contains(expected), "{expected}: {said}");
    }
    for (variable, value, expected) in [
        (
            "CRON_SECRET",
            "5e0c9d71b2a84f365e0c9d71b2a84f36",
            "Vault holds another cron_secret",
        ),
        (
            "GOOGLE_CLIENT_SECRET",
            "another",
            "Google refuses the OAuth client",
        ),
        (
            "SUPABASE_URL",
            "http://127.0.0.1:9",
            "SUPABASE_URL (http://127.0.0.1:9) does not answer",
        ),
        (
            "DATABASE_URL",
            "postgresql://postgres@127.0.0.1:9/postgres",
            "compare DATABASE_URL",
        ),
    ] {
        let (well, said) = doctor(&[(variable, value)]);
        assert!(!well && said.contains(expected), "{variable}: {said}");
    }
    let (well, said) = doctor(&[]);
    assert!(well, "{said}");
}

#[tokio::test]
async fn a_google_project_in_testing_is_noticed_by_its_short_permissions() {
    let life = async |seconds: Option<u32>| {
        StandIn::Google
            .control("knobs", &json!({"refresh_token_seconds": seconds}))
            .await;
    };
    life(Some(604_799)).await;
    let creator = Creator::new().await;
    creator.connect(5).await;
    life(None).await;
    let (well, said) = doctor(&[]);
    creator
        .stack
        .sql("update private.channel_credentials set permission_expires_at = null");
    assert!(
        !well && said.contains("the Google project is still in testing: 1 channels"),
        "{said}"
    );
}
