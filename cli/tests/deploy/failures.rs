//! What a person is told, and that nothing was changed: wrong tokens, taken names, half-made projects.

use fakes::accounts::{Accounts, Failure, Limits};
use serde_json::json;

use crate::folder::{Said, checkout, deploy, deploy_with};
use crate::world::{self, Start, database};

async fn accounts() -> Accounts {
    let database = database(Start::Migrated).await;
    Accounts::start(database).await.expect("ports")
}

fn refused(said: &Said, words: &[&str]) {
    assert!(!said.good, "it was not refused:\n{}", said.text);
    for word in words {
        assert!(
            said.text.contains(word),
            "no word of {word}:\n{}",
            said.text
        );
    }
    assert!(said.text.contains("same command"), "{}", said.text);
}

#[tokio::test]
async fn wrong_tokens_are_told_before_anything_is_made() {
    let (accounts, checkout) = (accounts().await, checkout());
    for (variable, service) in [
        ("SUPABASE_ACCESS_TOKEN", "Supabase"),
        ("VERCEL_TOKEN", "Vercel"),
    ] {
        let said = deploy_with(
            &accounts,
            checkout.path(),
            &[],
            &[(variable, "wrong-token-for-everything")],
        )
        .await;
        refused(
            &said,
            &[service, variable, "Nothing was changed in this run"],
        );
        assert!(!said.text.contains("wrong-token"), "{}", said.text);
        let said = deploy_with(&accounts, checkout.path(), &[], &[(variable, "")]).await;
        refused(&said, &[variable, "not set"]);
    }
    let state = accounts.state();
    assert!(
        state["projects"] == json!([]) && state["sites"] == json!([]),
        "{state:#}"
    );
}

#[tokio::test]
async fn a_plan_with_no_room_is_told_and_the_same_command_continues() {
    let (accounts, checkout) = (accounts().await, checkout());
    accounts.limit(Limits {
        no_project: true,
        ..Limits::default()
    });
    let said = deploy(&accounts, checkout.path(), &[]).await;
    refused(
        &said,
        &[
            "the plan does not allow it",
            "Nothing was changed in this run",
        ],
    );
    accounts.limit(Limits {
        free_plan: true,
        ..Limits::default()
    });
    let said = deploy(&accounts, checkout.path(), &[]).await;
    assert!(said.good, "{}", said.text);
    assert!(
        said.text.contains("this plan stores files of 50 MiB")
            && said.text.contains("a paid plan refuses them"),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn a_taken_address_is_told_and_a_domain_of_one_s_own_continues() {
    let (accounts, checkout) = (accounts().await, checkout());
    accounts.limit(Limits {
        taken: vec!["content-catalyst.vercel.app".to_owned()],
        ..Limits::default()
    });
    let said = deploy(&accounts, checkout.path(), &[]).await;
    refused(
        &said,
        &[
            "take the address content-catalyst.vercel.app",
            "--domain",
            "made the project content-catalyst",
        ],
    );
    let said = deploy(
        &accounts,
        checkout.path(),
        &["--domain", "api.example.com", "--no-build"],
    )
    .await;
    assert!(said.good, "{}", said.text);
    for line in [
        "CNAME record of api.example.com: cname.vercel-dns.com",
        "TXT record of _vercel.example.com: vc-domain-verify=x",
        "https://api.example.com/api/channels/callback",
    ] {
        assert!(said.text.contains(line), "no {line}:\n{}", said.text);
    }
    assert_eq!(
        accounts.variable("APP_URL").as_deref(),
        Some("https://api.example.com")
    );
    assert_eq!(
        accounts.state()["projects"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn projects_that_hold_something_else_are_left_alone() {
    let database = database(Start::Empty).await;
    world::run(
        &database,
        "set role postgres; create table public.invoices (id bigint)",
    )
    .await;
    let (accounts, checkout) = (Accounts::start(database).await.expect("ports"), checkout());
    let said = deploy(&accounts, checkout.path(), &[]).await;
    refused(&said, &["holds tables that are not ours", "--use-existing"]);
    assert_eq!(accounts.state()["sites"], json!([]));
    let said = deploy(&accounts, checkout.path(), &["--use-existing"]).await;
    assert!(said.good, "{}", said.text);
}

#[tokio::test]
async fn half_made_and_paused_projects_are_explained_or_woken() {
    let (accounts, checkout) = (accounts().await, checkout());
    assert!(
        deploy(&accounts, checkout.path(), &["--no-build"])
            .await
            .good
    );
    accounts.set("content-catalyst", "status", json!("INIT_FAILED"));
    let said = deploy(&accounts, checkout.path(), &[]).await;
    refused(&said, &["INIT_FAILED", "delete it in the dashboard"]);
    accounts.set("content-catalyst", "status", json!("INACTIVE"));
    let said = deploy(&accounts, checkout.path(), &[]).await;
    assert!(
        said.good && said.text.contains("the paused project is woken"),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn a_failed_build_is_told_with_its_log_and_the_next_run_builds_again() {
    let (accounts, checkout) = (accounts().await, checkout());
    accounts.limit(Limits {
        broken_build: true,
        ..Limits::default()
    });
    let said = deploy(&accounts, checkout.path(), &[]).await;
    refused(
        &said,
        &[
            "the build failed: Command \"cargo build\"",
            "https://vercel.com/studio",
        ],
    );
    accounts.limit(Limits::default());
    let said = deploy(&accounts, checkout.path(), &[]).await;
    assert!(said.good, "{}", said.text);
    assert_eq!(accounts.state()["deployments"], json!(["ERROR", "READY"]));
}

#[tokio::test]
async fn calls_that_come_too_often_wait_as_long_as_they_are_told() {
    let (accounts, checkout) = (accounts().await, checkout());
    for nth in [1, 5, 6, 20] {
        accounts.fail(Some(Failure {
            nth,
            has_effect: false,
            status: 429,
            all_after: false,
        }));
        let said = deploy(&accounts, checkout.path(), &["--no-build"]).await;
        assert!(said.good, "{}", said.text);
    }
}

#[tokio::test]
async fn keys_that_would_be_lost_are_refused_rather_than_replaced() {
    let database = database(Start::Migrated).await;
    let (accounts, checkout) = (
        Accounts::start(database.clone()).await.expect("ports"),
        checkout(),
    );
    assert!(
        deploy(&accounts, checkout.path(), &["--no-build"])
            .await
            .good
    );
    let keys = accounts.variable("TOKEN_ENCRYPTION_KEYS");
    let kept = checkout.path().join(".env.deploy.content-catalyst");
    // On another machine there is no file: what Vercel has stays.
    std::fs::remove_file(&kept).expect("a file");
    let said = deploy(&accounts, checkout.path(), &["--no-build"]).await;
    assert!(said.good, "{}", said.text);
    assert_eq!(accounts.variable("TOKEN_ENCRYPTION_KEYS"), keys);
    // Other keys in the file are refused.
    std::fs::write(&kept, "TOKEN_ENCRYPTION_KEYS=k2:somebody-elses-keys\n").expect("a file");
    let said = deploy(&accounts, checkout.path(), &["--no-build"]).await;
    refused(&said, &["Vercel holds other TOKEN_ENCRYPTION_KEYS"]);
    assert_eq!(accounts.variable("TOKEN_ENCRYPTION_KEYS"), keys);
}
