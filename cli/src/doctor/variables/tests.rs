use std::collections::BTreeMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::{Variables, check};
use crate::doctor::finding::Finding;
use crate::project::Project;

/// As good as random.
const RANDOM: &str = "5e0c9d71b2a84f36";

/// A configuration in which nothing is wrong.
fn sound() -> BTreeMap<String, String> {
    [
        ("SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co".to_owned()),
        ("SUPABASE_PUBLISHABLE_KEY", format!("sb_publishable_{}", "x1y2".repeat(6))),
        ("SUPABASE_SECRET_KEY", format!("sb_secret_{}", "a1b2".repeat(6))),
        ("APP_URL", "https://api.example.com".to_owned()),
        ("FRONTEND_URL", "https://app.example.com/start".to_owned()),
        ("CRON_SECRET", RANDOM.repeat(4)),
        ("TOKEN_ENCRYPTION_KEYS", format!("k1:{}", STANDARD.encode((0..32).collect::<Vec<u8>>()))),
        ("GOOGLE_CLIENT_ID", "1-a.apps.googleusercontent.com".to_owned()),
        ("GOOGLE_CLIENT_SECRET", format!("GOCSPX-{}", "q".repeat(8))),
        ("GEMINI_API_KEY", "gemini".to_owned()),
        ("REVID_API_KEY", "revid".to_owned()),
        ("DATABASE_URL", "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-central-1.pooler.supabase.com:5432/postgres".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn jwt(claims: &Value) -> String {
    format!(
        "{}.{}.sig",
        URL_SAFE_NO_PAD.encode("{}"),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

fn findings(variables: &BTreeMap<String, String>) -> Vec<Finding> {
    let project = Project::at(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut findings = Vec::new();
    if let Some(variables) = Variables::read(variables, &mut findings) {
        check(&variables, &project, &mut findings);
    }
    findings
}

/// What is found when these variables are set otherwise; an empty value takes one out.
fn changed(changes: &[(&str, &str)]) -> Vec<Finding> {
    let mut variables = sound();
    for (name, value) in changes {
        if value.is_empty() {
            variables.remove(*name);
        } else {
            variables.insert((*name).to_owned(), (*value).to_owned());
        }
    }
    findings(&variables)
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let found = findings(&sound());
    assert!(
        found
            .iter()
            .all(|finding| matches!(finding, Finding::Fine(_))),
        "{found:#?}"
    );
    assert!(
        found.contains(&Finding::fine(
            "functions (fra1) and database (eu-central-1) are neighbours"
        )),
        "{found:#?}"
    );
}

/// Each wrong setting alone is named, and nothing but it is a fault.
#[test]
fn every_wrong_setting_is_named() {
    let anon = jwt(
        &serde_json::json!({"role": "anon", "ref": "abcdefghijklmnopqrst", "exp": 4_000_000_000_i64}),
    );
    let foreign = jwt(
        &serde_json::json!({"role": "service_role", "ref": "zzzzzzzzzzzzzzzzzzzz", "exp": 4_000_000_000_i64}),
    );
    let old = jwt(
        &serde_json::json!({"role": "anon", "ref": "abcdefghijklmnopqrst", "exp": 1_000_000_000}),
    );
    let zeros = format!("k1:{}", STANDARD.encode([0; 32]));
    let twice = {
        let key = STANDARD.encode((0..32).collect::<Vec<u8>>());
        format!("k2:{key},k1:{key}")
    };
    let secret = sound()["SUPABASE_SECRET_KEY"].clone();
    let public = sound()["SUPABASE_PUBLISHABLE_KEY"].clone();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("SUPABASE_URL", "")], "SUPABASE_URL is not set"),
        (
            &[("SUPABASE_URL", "abcdefghijklmnopqrst")],
            "SUPABASE_URL is not an http or https URL",
        ),
        (
            &[("SUPABASE_PUBLISHABLE_KEY", "")],
            "SUPABASE_PUBLISHABLE_KEY is not set",
        ),
        (
            &[("SUPABASE_SECRET_KEY", "")],
            "SUPABASE_SECRET_KEY is not set",
        ),
        (&[("APP_URL", "")], "APP_URL is not set"),
        (&[("CRON_SECRET", "")], "CRON_SECRET is not set"),
        (
            &[("TOKEN_ENCRYPTION_KEYS", "")],
            "TOKEN_ENCRYPTION_KEYS is not set",
        ),
        (
            &[("GOOGLE_CLIENT_ID", ""), ("GOOGLE_CLIENT_SECRET", "")],
            "GOOGLE_CLIENT_ID is not set",
        ),
        (
            &[("GOOGLE_CLIENT_SECRET", "")],
            "GOOGLE_CLIENT_SECRET is not set although GOOGLE_CLIENT_ID is",
        ),
        (&[("GEMINI_API_KEY", "")], "GEMINI_API_KEY is not set"),
        (&[("REVID_API_KEY", "")], "REVID_API_KEY is not set"),
        (&[("CRON_SECRET", "short")], "CRON_SECRET is shorter"),
        (
            &[("CRON_SECRET", "my-cron-secret-of-today")],
            "CRON_SECRET can be guessed",
        ),
        (
            &[("CRON_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaa")],
            "CRON_SECRET can be guessed",
        ),
        (
            &[("TOKEN_ENCRYPTION_KEYS", "k1:c2hvcnQ=")],
            "TOKEN_ENCRYPTION_KEYS",
        ),
        (
            &[("TOKEN_ENCRYPTION_KEYS", &zeros)],
            "the key k1 in TOKEN_ENCRYPTION_KEYS is not random",
        ),
        (
            &[("TOKEN_ENCRYPTION_KEYS", &twice)],
            "the key k1 in TOKEN_ENCRYPTION_KEYS stands there under another name",
        ),
        (
            &[("SUPABASE_SECRET_KEY", &public)],
            "SUPABASE_SECRET_KEY begins with sb_pub",
        ),
        (
            &[("SUPABASE_SECRET_KEY", "hello")],
            "SUPABASE_SECRET_KEY is neither",
        ),
        (
            &[("SUPABASE_SECRET_KEY", &anon)],
            "SUPABASE_SECRET_KEY is a key of the role anon",
        ),
        (
            &[
                ("SUPABASE_SECRET_KEY", ""),
                ("SUPABASE_SERVICE_ROLE_KEY", &foreign),
            ],
            "SUPABASE_SERVICE_ROLE_KEY is a key of the project zzzz",
        ),
        (
            &[("SUPABASE_PUBLISHABLE_KEY", &old)],
            "SUPABASE_PUBLISHABLE_KEY has expired",
        ),
        (
            &[("SUPABASE_PUBLISHABLE_KEY", &secret)],
            "SUPABASE_PUBLISHABLE_KEY is a secret key",
        ),
        (
            &[("APP_URL", "http://api.example.com")],
            "APP_URL is http://api.example.com",
        ),
        (
            &[("APP_URL", "https://api.example.com/v1")],
            "APP_URL has the path /v1",
        ),
        (
            &[("APP_URL", "https://abcdefghijklmnopqrst.supabase.co")],
            "APP_URL is Supabase's address",
        ),
        (
            &[("SUPABASE_URL", "http://127.0.0.1:54321")],
            "SUPABASE_URL is on this machine",
        ),
        (
            &[(
                "SUPABASE_URL",
                "https://abcdefghijklmnopqrst.supabase.co/rest/v1",
            )],
            "SUPABASE_URL has the path",
        ),
        (
            &[("FRONTEND_URL", "http://app.example.com")],
            "FRONTEND_URL is http://",
        ),
        (
            &[("GOOGLE_CLIENT_ID", "client")],
            "GOOGLE_CLIENT_ID does not end with",
        ),
        (
            &[("REVID_API_KEY", "gemini")],
            "REVID_API_KEY and GEMINI_API_KEY are the same",
        ),
        (
            &[("GEMINI_API_KEY", "\"gemini\"")],
            "GEMINI_API_KEY has quotes",
        ),
        (
            &[("ENABLE_RATE_LIMITING", "perhaps")],
            "ENABLE_RATE_LIMITING must be true or false",
        ),
        (
            &[(
                "DATABASE_URL",
                "postgresql://postgres.zzzzzzzzzzzzzzzzzzzz@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
            )],
            "DATABASE_URL is that of the project zzzz",
        ),
        (
            &[(
                "DATABASE_URL",
                "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
            )],
            "transaction pooler",
        ),
        (
            &[(
                "DATABASE_URL",
                "postgresql://postgres.abcdefghijklmnopqrst@aws-1-us-east-1.pooler.supabase.com:5432/postgres",
            )],
            "the database is in us-east-1, outside",
        ),
    ];
    for (changes, expected) in cases {
        let found = changed(changes);
        let faults: Vec<_> = found.iter().filter(|finding| finding.is_fault()).collect();
        assert_eq!(faults.len(), 1, "{changes:?}: {found:#?}");
        let Finding::Fault { what, cure } = faults[0] else {
            unreachable!()
        };
        assert!(what.contains(expected), "{changes:?}: {what}");
        assert!(cure.len() > 10, "{changes:?}: {cure}");
    }
}

#[test]
fn what_could_be_better_is_advice() {
    let legacy = jwt(
        &serde_json::json!({"role": "anon", "ref": "abcdefghijklmnopqrst", "exp": 4_000_000_000_i64}),
    );
    let many = (1..=3)
        .map(|id| {
            format!(
                "k{id}:{}",
                STANDARD.encode((id..id + 32).collect::<Vec<u8>>())
            )
        })
        .collect::<Vec<_>>()
        .join(",");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("SUPABASE_PUBLISHABLE_KEY", ""),
                ("SUPABASE_ANON_KEY", &legacy),
            ],
            "SUPABASE_ANON_KEY is a legacy API key",
        ),
        (&[("FRONTEND_URL", "")], "FRONTEND_URL is not set"),
        (
            &[("ENABLE_RATE_LIMITING", "false")],
            "ENABLE_RATE_LIMITING is false",
        ),
        (
            &[("SUPABASE_SECRECT_KEY", "x")],
            "nothing reads SUPABASE_SECRECT_KEY",
        ),
        (
            &[("TOKEN_ENCRYPTION_KEYS", &many)],
            "TOKEN_ENCRYPTION_KEYS holds 3 keys",
        ),
        (
            &[("GOOGLE_CLIENT_SECRET", "old")],
            "GOOGLE_CLIENT_SECRET does not begin with",
        ),
        (
            &[("YOUTUBE_URL", "http://127.0.0.1:1")],
            "YOUTUBE_URL is set, but only read while mocking",
        ),
        (
            &[("SUPABASE_URL", "https://auth.example.com")],
            "the dashboard may not reach auth.example.com",
        ),
        (
            &[(
                "DATABASE_URL",
                "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-west-3.pooler.supabase.com:5432/postgres",
            )],
            "the database is in eu-west-3, the functions run in fra1",
        ),
    ];
    for (changes, expected) in cases {
        let found = changed(changes);
        assert!(
            !found.iter().any(Finding::is_fault),
            "{changes:?}: {found:#?}"
        );
        assert!(
            found.iter().any(
                |finding| matches!(finding, Finding::Advice { what, .. } if what.contains(expected))
            ),
            "{changes:?}: {found:#?}"
        );
    }
    let misspelt = changed(&[("SUPABASE_SECRECT_KEY", "x")]);
    assert!(
        misspelt.contains(&Finding::advice(
            "nothing reads SUPABASE_SECRECT_KEY",
            "was SUPABASE_SECRET_KEY meant?"
        )),
        "{misspelt:#?}"
    );
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let found = findings(&BTreeMap::new());
    for name in [
        "SUPABASE_URL",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_SECRET_KEY",
        "APP_URL",
        "CRON_SECRET",
        "TOKEN_ENCRYPTION_KEYS",
        "GOOGLE_CLIENT_ID",
        "GEMINI_API_KEY",
        "REVID_API_KEY",
    ] {
        let named = found
            .iter()
            .filter(
                |finding| matches!(finding, Finding::Fault { what, .. } if what.starts_with(name)),
            )
            .count();
        assert_eq!(named, 1, "{name}: {found:#?}");
    }
}

#[test]
fn no_finding_shows_a_secret() {
    let found = changed(&[
        ("SUPABASE_PUBLISHABLE_KEY", &sound()["SUPABASE_SECRET_KEY"]),
        ("REVID_API_KEY", &sound()["CRON_SECRET"]),
    ]);
    let said = format!("{found:?}");
    for name in [
        "SUPABASE_SECRET_KEY",
        "CRON_SECRET",
        "TOKEN_ENCRYPTION_KEYS",
        "GOOGLE_CLIENT_SECRET",
    ] {
        assert!(!said.contains(&sound()[name]), "{name}: {said}");
    }
}
