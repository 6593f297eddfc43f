//! `catalyst doctor` on the stack itself: fine as it is, and each thing that is taken away in the database is named.

use std::env;

use serde_json::json;

use crate::support::{Creator, Stack, StandIn, tool};

/// What the tool says, and whether it found nothing to mend.
fn doctor(changes: &[(&str, &str)]) -> (bool, String) {
    tool(&["doctor"], changes)
}

/// Fails unless the tool finds this, and nothing once it is put back.
fn assert_found(stack: &Stack, take_away: &str, put_back: &str, expected: &str) {
    let away = stack.changed(take_away, put_back);
    let (well, said) = doctor(&[]);
    assert!(!well && said.contains(expected), "{expected}: {said}");
    drop(away);
    let (well, said) = doctor(&[]);
    assert!(well, "{said}");
}

/// Fails unless the tool finds this when a variable has another value.
fn assert_variable_found(variable: &str, value: &str, expected: &str) {
    let (well, said) = doctor(&[(variable, value)]);
    assert!(!well && said.contains(expected), "{variable}: {said}");
}

#[tokio::test]
async fn the_doctor_finds_nothing_to_mend_on_a_stack_that_is_whole() {
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
}

#[tokio::test]
async fn the_doctor_finds_an_address_that_vault_does_not_hold() {
    assert_found(
        &Stack::from_env(),
        "select vault.update_secret(id, null, 'away_app_url') from vault.decrypted_secrets where name = 'app_url'",
        "select vault.update_secret(id, null, 'app_url') from vault.decrypted_secrets where name = 'away_app_url'",
        "Vault does not hold app_url",
    );
}

#[tokio::test]
async fn the_doctor_finds_a_job_that_is_not_scheduled() {
    assert_found(
        &Stack::from_env(),
        "select cron.alter_job(jobid, active := false) from cron.job where jobname = 'wake-dispatcher'",
        "select cron.alter_job(jobid, active := true) from cron.job where jobname = 'wake-dispatcher'",
        "jobs that are not scheduled: wake-dispatcher",
    );
}

#[tokio::test]
async fn the_doctor_finds_a_table_without_row_level_security() {
    assert_found(
        &Stack::from_env(),
        "create table public.left_open (id int)",
        "drop table public.left_open",
        "row level security is off: left_open",
    );
}

#[tokio::test]
async fn the_doctor_finds_a_migration_that_was_not_applied() {
    assert_found(
        &Stack::from_env(),
        "create table public.kept as select * from supabase_migrations.schema_migrations order by version desc limit 1; \
         alter table public.kept enable row level security; \
         delete from supabase_migrations.schema_migrations where version in (select version from public.kept)",
        "insert into supabase_migrations.schema_migrations select * from public.kept; drop table public.kept",
        "migrations: ",
    );
}

#[tokio::test]
async fn the_doctor_finds_a_cron_secret_that_is_not_vaults() {
    assert_variable_found(
        "CRON_SECRET",
        "5e0c9d71b2a84f365e0c9d71b2a84f36",
        "Vault holds another cron_secret",
    );
}

#[tokio::test]
async fn the_doctor_finds_an_oauth_client_that_google_refuses() {
    // From now on Google knows this client alone.
    let of = |name: &str| env::var(name).expect("the stack's OAuth client");
    let client =
        json!({"client_id": of("GOOGLE_CLIENT_ID"), "client_secret": of("GOOGLE_CLIENT_SECRET")});
    StandIn::Google.control("clients", &client).await;
    let expected = "Google refuses the OAuth client";
    assert_variable_found("GOOGLE_CLIENT_SECRET", "another", expected);
}

#[tokio::test]
async fn the_doctor_finds_a_supabase_that_does_not_answer() {
    assert_variable_found(
        "SUPABASE_URL",
        "http://127.0.0.1:9",
        "SUPABASE_URL (http://127.0.0.1:9) does not answer",
    );
}

#[tokio::test]
async fn the_doctor_finds_a_database_that_does_not_answer() {
    assert_variable_found(
        "DATABASE_URL",
        "postgresql://postgres@127.0.0.1:9/postgres",
        "compare DATABASE_URL",
    );
}

#[tokio::test]
async fn case_y08_the_doctor_finds_a_google_project_in_testing_by_its_short_permissions() {
    let creator = Creator::new().await;
    let short = StandIn::Google
        .knobs_until_dropped(
            &json!({"refresh_token_seconds": 604_799}),
            json!({"refresh_token_seconds": null}),
        )
        .await;
    let account = creator.user.connect_channel(5).await;
    drop(short);
    let _permission = creator.stack.sql_on_drop(format!(
        "update private.channel_credentials set permission_expires_at = null where channel_id = '{}'",
        account.channel()
    ));
    let (well, said) = doctor(&[]);
    let expected = "the Google project is still in testing: 1 channels";
    assert!(!well && said.contains(expected), "{said}");
}
