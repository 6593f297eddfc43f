//! What an operator changes at a prompt, seen by users: each command, the functions that heed it, and the history.

use serde_json::{Value, json};

use crate::support::{SeededChannel, Stack, User, assert_problem, tool, tool_reading};

/// What the tool answers as JSON; it must be content.
#[track_caller]
fn said(words: &[&str]) -> Value {
    let (well, said) = tool(
        &[words, &["--json"]].concat(),
        &[("CATALYST_OPERATOR", "ada")],
    );
    assert!(well, "{words:?}: {said}");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{words:?}: {error}: {said}"))
}

/// The tool refuses, and says this.
#[track_caller]
fn assert_refused(words: &[&str], expected: &str) {
    let (well, said) = tool(words, &[("CATALYST_OPERATOR", "ada")]);
    assert!(!well && said.contains(expected), "{words:?}: {said}");
}

/// Gives a user a limit of their own.
fn set_plan(user: &User, limit: &str, value: &str) {
    said(&["users", "set", &user.email, limit, value]);
}

#[tokio::test]
async fn a_setting_is_set_read_and_given_back_and_each_change_is_in_the_history() {
    let name = "alerts.work_late_seconds";
    let before = said(&["settings", "get", name]);
    assert_eq!(
        (&before["value"], &before["default"]),
        (&json!(600), &json!(600))
    );
    let changed = said(&["settings", "set", name, "900"]);
    assert_eq!(
        changed,
        json!({"name": name, "old": 600, "new": 900, "made_by": "ada"})
    );
    let (_, plain) = tool(&["settings", "get", name], &[]);
    assert_eq!(plain.trim(), "900");
    let listed = said(&["settings", "list"]);
    let line = listed["settings"]
        .as_array()
        .expect("settings")
        .iter()
        .find(|line| line["name"] == name);
    let line = line.expect("the setting is listed");
    assert_eq!(
        (&line["value"], &line["changed_by"]),
        (&json!(900), &json!("ada"))
    );
    assert_eq!(listed["unknown"], json!([]));
    said(&["settings", "set", name, "default", "--by", "grace"]);
    let history = said(&["settings", "history", "alerts"]);
    let lines: Vec<_> = history["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .take(2)
        .map(|line| {
            (
                line["made_by"].clone(),
                line["old_value"].clone(),
                line["new_value"].clone(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (json!("grace"), json!(900), json!(600)),
            (json!("ada"), json!(600), json!(900))
        ]
    );
}

#[tokio::test]
async fn a_name_or_a_value_that_cannot_be_is_refused_with_what_was_meant() {
    assert_refused(
        &["settings", "set", "quota_capcity.uploads", "5"],
        "did you mean quota_capacity.uploads?",
    );
    assert_refused(&["settings", "set", "alerts.error_rate", "5"], "0 to 1");
    assert_refused(&["settings", "get", "colour"], "catalyst settings list");
    assert_refused(
        &["settings", "set", "cron_secret", "hunter2"],
        "fewer than 16 characters",
    );
    assert_refused(
        &["users", "set", "nobody@example.com", "colour", "5"],
        "catalyst users get USER",
    );
    assert_refused(
        &[
            "users",
            "set",
            "nobody@example.com",
            "renders_per_month",
            "5",
        ],
        "nobody has the id or address",
    );
    assert_refused(
        &["unclaimed", "release", "none"],
        "there is no unclaimed video",
    );
    let stack = Stack::from_env();
    let _away = stack.changed(
        "insert into private.settings (key, value) values ('quota_capcity', '{}')",
        "delete from private.settings where key = 'quota_capcity'",
    );
    assert_refused(&["settings", "list"], "did you mean quota_capacity");
}

#[tokio::test]
async fn a_secret_of_vault_is_set_from_standard_input_and_never_shown() {
    let stack = Stack::from_env();
    let secret = "https://hooks.example.com/services/canary";
    let held = "select coalesce((select decrypted_secret from vault.decrypted_secrets where name = 'slack_webhook_url'), '')";
    let before = stack.sql(held);
    let words = ["settings", "set", "slack_webhook_url", "-", "--by", "ada"];
    let (well, set) = tool_reading(&words, &[], &format!("{secret}\n"));
    assert!(well && !set.contains("canary"), "{set}");
    assert_eq!(stack.sql(held), secret);
    let (_, listed) = tool(&["settings", "list"], &[]);
    let (_, history) = tool(&["settings", "history"], &[]);
    assert!(
        !listed.contains("canary") && !history.contains("canary"),
        "{listed}{history}"
    );
    assert!(history.contains("slack_webhook_url"), "{history}");
    stack.sql(&format!("select vault.update_secret(id, '{before}') from vault.secrets where name = 'slack_webhook_url' and '{before}' <> ''"));
    stack.sql(&format!(
        "delete from vault.secrets where name = 'slack_webhook_url' and '{before}' = ''"
    ));
}

#[tokio::test]
async fn a_user_s_own_number_of_requests_is_what_the_limiter_lets_through() {
    let user = Stack::from_env().sign_up().await;
    let quota = async || {
        let answer = user.api.get("/api/me").await.status(200);
        (
            answer.header("ratelimit-policy").map(str::to_owned),
            answer.json["limits"]["requests_per_minute"].clone(),
        )
    };
    assert_eq!(
        quota().await,
        (Some("\"read\";q=100;w=60".to_owned()), json!(100))
    );
    set_plan(&user, "requests_per_minute", "3");
    assert_eq!(
        quota().await,
        (Some("\"read\";q=3;w=60".to_owned()), json!(3))
    );
    quota().await;
    assert_problem(&user.api.get("/api/me").await, 429, "rate_limited");
    // Changes get half, and what spends a tenth, but one at least.
    let change = json!({ "display_name": "Ada" });
    assert_eq!(
        user.api
            .patch("/api/me", &change)
            .await
            .header("ratelimit-policy"),
        Some("\"write\";q=1;w=60")
    );
    set_plan(&user, "requests_per_minute", "200");
    assert_eq!(quota().await.1, json!(200));
    set_plan(&user, "requests_per_minute", "default");
    assert_eq!(quota().await.1, json!(100));
    let history = said(&["users", "history", &user.email]);
    let values: Vec<_> = history["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|line| line["new_value"].clone())
        .collect();
    assert_eq!(values, [Value::Null, json!(200), json!(3)]);
}

#[tokio::test]
async fn a_user_s_own_budgets_are_those_of_generation_and_rendering() {
    let seeded = SeededChannel::new().await;
    for (limit, value) in [
        ("renders_per_month", "0"),
        ("render_credits_per_day", "7"),
        ("generation_user_month_micros", "$0.0001"),
        ("generation_channel_day", "9"),
    ] {
        set_plan(&seeded.user, limit, value);
    }
    let me = seeded.user.api.get("/api/me").await.status(200).json;
    assert_eq!(me["budgets"]["render_credits_today"]["budget"], 7, "{me}");
    assert_eq!(me["limits"]["renders_per_month"], 0, "{me}");
    assert_eq!(me["budgets"]["generation"]["budget_micros"], 100, "{me}");
    let asked = json!({"channel_id": seeded.channel, "topic": "Stools"});
    let generated = seeded.user.api.post("/api/generate/titles", &asked).await;
    assert_problem(&generated, 402, "budget_exhausted");
    assert_problem(
        &seeded.request_render(&seeded.seeded_script()).await,
        402,
        "budget_exhausted",
    );
    let account = said(&["users", "get", &seeded.user.email]);
    assert_eq!(account["plan"]["render_credits_per_day"], 7, "{account}");
}

#[tokio::test]
async fn what_a_setting_allows_for_renders_counts_more_than_the_variables() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script_with(json!({ "credits": 20 })).await;
    said(&["settings", "set", "render_limits.credits_per_render", "19"]);
    assert_problem(
        &seeded.request_render(&script).await,
        422,
        "render_too_costly",
    );
    said(&[
        "settings",
        "set",
        "render_limits.credits_per_render",
        "default",
    ]);
    said(&["settings", "set", "render_limits.renders_per_month", "0"]);
    let me = seeded.user.api.get("/api/me").await.status(200).json;
    assert_eq!(me["limits"]["renders_per_month"], 0, "{me}");
    assert_problem(
        &seeded.request_render(&script).await,
        402,
        "budget_exhausted",
    );
    said(&[
        "settings",
        "set",
        "render_limits.renders_per_month",
        "default",
    ]);
    seeded.request_render(&script).await.status(202);
}
