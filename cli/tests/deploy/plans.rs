//! What is left to a person, and the check of each.

use fakes::accounts::Accounts;
use serde_json::json;

use crate::folder::{checkout, deploy};
use crate::world::{self, Start, database};

#[tokio::test]
async fn what_only_a_person_can_do_is_listed_with_a_check_of_each() {
    let database = database(Start::Migrated).await;
    let (accounts, checkout) = (
        Accounts::start(database.clone()).await.expect("ports"),
        checkout(),
    );
    let said = deploy(&accounts, checkout.path(), &["--no-build"]).await;
    assert!(said.good, "{}", said.text);
    let redirect = format!(
        "Authorised redirect URIs: {}/api/channels/callback",
        accounts.site()
    );
    for line in [
        redirect.as_str(),
        "https://www.googleapis.com/auth/youtube.upload",
        "--check 7",
        "/dashboard/project/abcdefghijklmnopqrsa/auth/smtp",
    ] {
        assert!(said.text.contains(line), "no {line}:\n{}", said.text);
    }
    let check = async |number: &str| deploy(&accounts, checkout.path(), &["--check", number]).await;
    for (number, words) in [
        ("1", "GOOGLE_CLIENT_ID is not set"),
        ("3", "no video of ours"),
        ("4", "scores are hidden"),
        ("5", "GEMINI_API_KEY is not set"),
        ("7", "Supabase's own server"),
        ("9", "there is no number 9"),
    ] {
        let said = check(number).await;
        assert!(
            !said.good && said.text.contains(words),
            "{number}: {}",
            said.text
        );
    }
    world::run(
        &database,
        "insert into private.settings values ('derived_metrics_accepted_at', to_jsonb(now()))",
    )
    .await;
    accounts.set(
        "content-catalyst",
        "auth",
        json!({"smtp_host": "smtp.example.com"}),
    );
    for number in ["4", "7"] {
        let said = check(number).await;
        assert!(said.good, "{number}: {}", said.text);
    }
}
