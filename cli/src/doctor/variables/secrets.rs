//! Secrets: random, and with one use each.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::read::Variables;
use crate::doctor::finding::Finding;

pub(super) fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    if variables.readable("CRON_SECRET").is_some_and(is_guessable) {
        findings.push(Finding::fault(
            "CRON_SECRET can be guessed",
            "take a random one: `openssl rand -hex 32`",
        ));
    }
    if let Some(keys) = variables.readable("TOKEN_ENCRYPTION_KEYS") {
        encryption_keys(keys, findings);
    }
    shared(variables, findings);
}

fn encryption_keys(keys: &str, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for entry in keys.split(',') {
        let Some((id, key)) = entry.trim().split_once(':') else {
            continue;
        };
        let Ok(bytes) = STANDARD.decode(key) else {
            continue;
        };
        if bytes.iter().collect::<BTreeSet<_>>().len() < 16 {
            findings.push(Finding::fault(format!("the key {id} in TOKEN_ENCRYPTION_KEYS is not random"), "make one with `openssl rand -base64 32`, put it first, and run `catalyst keys rotate`"));
        }
        if !seen.insert(bytes) {
            findings.push(Finding::fault(
                format!(
                    "the key {id} in TOKEN_ENCRYPTION_KEYS stands there under another name too"
                ),
                "keys of different names must differ",
            ));
        }
    }
    if seen.len() > 2 {
        findings.push(Finding::advice(
            format!("TOKEN_ENCRYPTION_KEYS holds {} keys", seen.len()),
            "run `catalyst keys rotate`, then take the older ones out",
        ));
    }
}

/// Secrets that are used twice.
fn shared(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let values: Vec<_> = [
        "CRON_SECRET",
        "SUPABASE_SECRET_KEY",
        "GOOGLE_CLIENT_SECRET",
        "GEMINI_API_KEY",
        "REVID_API_KEY",
    ]
    .into_iter()
    .filter_map(|name| Some((name, variables.text(name)?)))
    .collect();
    for (at, (name, value)) in values.iter().enumerate() {
        if let Some((other, _)) = values[..at].iter().find(|(_, other)| other == value) {
            findings.push(Finding::fault(
                format!("{name} and {other} are the same"),
                "each secret has one use",
            ));
        }
    }
}

/// Few different characters, or words that people take.
fn is_guessable(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    let few = secret.chars().collect::<BTreeSet<_>>().len() < 8;
    let words = [
        "secret",
        "password",
        "changeme",
        "change-me",
        "example",
        "cron",
        "test",
        "0123456789",
        "abcdef123",
        "qwerty",
    ];
    few || words.iter().any(|word| lower.contains(word))
}
