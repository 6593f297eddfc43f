//! Tokens and keys are canaries: after everything else has run, none of them is found where it must not be.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Creator, SECRETS, StandIn, plain_client, until};

/// Files under `places` that hold one of `needles` as it stands.
fn holding(needles: &[String], places: &[&Path]) -> Vec<String> {
    let mut grep = Command::new("grep");
    grep.args([
        "--recursive",
        "--text",
        "--files-with-matches",
        "--fixed-strings",
    ]);
    for needle in needles {
        grep.args(["-e", needle]);
    }
    let output = grep.args(places).output().expect("grep runs");
    // A file may go while it is looked for; that is no reason to look no further.
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(ToOwned::to_owned)
        .collect()
}

/// The keys of this stack that belong into its processes only.
fn keys() -> Vec<String> {
    let of = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let mut keys: Vec<String> = [
        "GOOGLE_CLIENT_SECRET",
        "GEMINI_API_KEY",
        "REVID_API_KEY",
        "SUPABASE_SECRET_KEY",
    ]
    .map(of)
    .to_vec();
    keys.extend(
        of("TOKEN_ENCRYPTION_KEYS")
            .split(',')
            .filter_map(|key| key.split_once(':'))
            .map(|(_, key)| key.to_owned()),
    );
    keys
}

#[tokio::test]
async fn no_token_and_no_key_is_found_in_a_dump_in_the_wal_in_the_files_or_in_a_log() {
    let folder = PathBuf::from(env::var("CLOCK_FILE").expect("the stack's clock"));
    let folder = folder.parent().expect("the stack's folder");
    let mut creator = Creator::new().await;
    for n in 0..20 {
        // One user may not change so much in a minute.
        if n % 5 == 4 {
            creator = Creator::new().await;
        }
        let account = creator.connect_and_sync(2).await;
        // Every way in which a token could leak: renewed, refused, revoked, and a code that comes twice.
        if let 0 | 1 = n % 4 {
            let error = ["internal_failure", "invalid_grant"][n % 4];
            let fault = json!({"operation": "token", "error": error});
            account.fault(StandIn::Google, fault).await;
        }
        account.change(&json!({"expire_access_tokens": true})).await;
        creator.request_sync(account.channel()).await.status(202);
        creator.stack.dispatch().await;
        if n % 4 == 2 {
            let page = creator.user.begin_consent(&json!({})).await;
            let back = creator.user.approve(&page, &account.name).await;
            for _ in 0..2 {
                Answer::of(plain_client().get(&back)).await;
            }
        }
    }
    let issued: u64 = StandIn::Google.state("").await["accounts"]
        .as_object()
        .expect("accounts")
        .values()
        .filter_map(|account| account["refresh_tokens_issued"].as_u64())
        .sum();
    assert!(issued >= 20, "{issued} refresh tokens were issued");

    // What is searched must be found when it is there.
    let control = format!("control-{}", Uuid::new_v4());
    creator.stack.sql(&format!(
        "select private.log_event('canary.control', 'info', 'tests', '{control}', '{{}}', null)"
    ));
    let wal = folder.join("postgres/pg_wal");
    until(
        "the control in the WAL",
        Duration::from_secs(30),
        async || match holding(std::slice::from_ref(&control), &[&wal]).len() {
            0 => Err("not yet".to_owned()),
            _ => Ok(()),
        },
    )
    .await;
    let dump = folder.join("dump.sql");
    let dumped = Command::new("pg_dump")
        .arg(env::var("DATABASE_URL").expect("the database"))
        .arg("--file")
        .arg(&dump)
        .status()
        .expect("pg_dump runs");
    assert!(dumped.success());
    assert_eq!(holding(&[control], &[&dump]).len(), 1);

    let needles: Vec<String> = SECRETS
        .map(ToOwned::to_owned)
        .into_iter()
        .chain(keys())
        .collect();
    let logs = folder.join("logs");
    let places = [dump.as_path(), &folder.join("postgres"), &logs];
    assert_eq!(holding(&needles, &places), Vec::<String>::new());
    // Nor is an access token of a user written down.
    let token = "eyJhbGciOiJFUzI1NiI".to_owned();
    assert_eq!(holding(&[token], &[&dump, &logs]), Vec::<String>::new());
    println!("{issued} refresh tokens, 0 found");
}
