//! No secret is printed: not by a run, not by a dry run, and none is in the arguments.

use fakes::accounts::{Accounts, SUPABASE_TOKEN, VERCEL_TOKEN};
use serde_json::json;

use crate::folder::{checkout, deploy_with};
use crate::world::{PASSWORD, Start, database};

/// What the operator gives.
const GIVEN: [(&str, &str); 7] = [
    ("SMTP_HOST", "smtp.example.com"),
    ("GOOGLE_CLIENT_ID", "1234.apps.googleusercontent.com"),
    ("GOOGLE_CLIENT_SECRET", "google-secret-canary-1b5e"),
    ("GEMINI_API_KEY", "gemini-key-canary-90aa"),
    ("REVID_API_KEY", "revid-key-canary-41fc"),
    (
        "SLACK_WEBHOOK_URL",
        "https://hooks.example.com/slack-canary-2d18",
    ),
    ("SMTP_PASS", "smtp-password-canary-66b3"),
];

fn prints_none(text: &str, accounts: &Accounts) {
    let given = GIVEN.iter().skip(2).map(|(_, value)| (*value).to_owned());
    let tokens = [SUPABASE_TOKEN, VERCEL_TOKEN, PASSWORD].map(str::to_owned);
    for secret in accounts.secrets().into_iter().chain(given).chain(tokens) {
        assert!(!text.contains(&secret), "{secret} is printed:\n{text}");
    }
}

#[tokio::test]
async fn neither_a_run_nor_a_dry_run_prints_a_secret() {
    let database = database(Start::Migrated).await;
    let (accounts, checkout) = (Accounts::start(database).await.expect("ports"), checkout());
    let run = async |arguments: &[&str]| {
        let said = deploy_with(&accounts, checkout.path(), arguments, &GIVEN).await;
        assert!(said.good, "{}", said.text);
        prints_none(&said.text, &accounts);
        said.text
    };

    // With nothing there, every change is told and none is made.
    let text = run(&["--dry-run"]).await;
    for call in [
        "POST ",
        "/v1/projects {",
        "/cli/login-role",
        "/api-keys",
        "/postgrest",
        "/config/auth",
        "/config/storage",
        "/v11/projects",
        "/domains",
        "/env",
        "/v13/deployments",
    ] {
        assert!(text.contains(call), "no word of {call}:\n{text}");
    }
    let state = accounts.state();
    assert!(
        state["projects"] == json!([]) && state["sites"] == json!([]),
        "{state:#}"
    );
    let made = std::fs::read_dir(checkout.path())
        .expect("a folder")
        .flatten();
    let made = made.filter(|file| file.file_name().to_string_lossy().starts_with(".env"));
    assert_eq!(made.count(), 0, "a dry run writes nothing");

    run(&["--no-build"]).await;
    for (name, value) in &GIVEN[1..5] {
        assert_eq!(accounts.variable(name).as_deref(), Some(*value));
    }
    // Previews get what their pages are built with, and no secret.
    let state = accounts.state();
    for variable in state["variables"].as_array().expect("variables") {
        let previews = variable["target"]
            .as_array()
            .is_some_and(|target| target.contains(&json!("preview")));
        let public = ["SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY"].map(|name| json!(name));
        assert_eq!(previews, public.contains(&variable["key"]), "{variable:#}");
        assert!(!previews || variable["type"] == "plain");
    }
    // With everything there, hardly anything is left to tell.
    let text = run(&["--dry-run", "--no-build"]).await;
    let changes = text.lines().filter(|line| {
        line.starts_with("would")
            && !line.contains("login-role")
            && !line.contains("SQL")
            && !line.contains("apply those")
    });
    assert_eq!(changes.collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
}
