//! Secrets and keys: random, with one use each, of the right kind and of this project.

use std::collections::{BTreeMap, BTreeSet};

use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use platform::clock;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::read::Variables;
use crate::doctor::finding::Finding;

/// Words that people take.
const WORDS: &str =
    "secret password changeme change-me example cron test 0123456789 abcdef123 qwerty";

/// What must not be used twice.
const SECRETS: &str =
    "CRON_SECRET SUPABASE_SECRET_KEY GOOGLE_CLIENT_SECRET GEMINI_API_KEY REVID_API_KEY";

/// A kind of Supabase's API keys.
struct Kind {
    variable: &'static str,
    legacy_variable: &'static str,
    prefix: &'static str,
    role: &'static str,
    /// What to do when the key is of the other kind.
    cure: &'static str,
}

const PUBLISHABLE: Kind = Kind {
    variable: "SUPABASE_PUBLISHABLE_KEY",
    legacy_variable: "SUPABASE_ANON_KEY",
    prefix: "sb_publishable_",
    role: "anon",
    cure: "give the sb_publishable_… key; the secret one may have been seen by others: make a new one",
};

const SECRET: Kind = Kind {
    variable: "SUPABASE_SECRET_KEY",
    legacy_variable: "SUPABASE_SERVICE_ROLE_KEY",
    prefix: "sb_secret_",
    role: "service_role",
    cure: "give the sb_secret_… key: with a public one nothing can be written",
};

pub(super) fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let keys = &variables.config.supabase;
    let secret = keys.secret_key.expose_secret();
    supabase_key(variables, &PUBLISHABLE, &keys.publishable_key, findings);
    supabase_key(variables, &SECRET, secret, findings);
    if variables.readable("CRON_SECRET").is_some_and(is_guessable) {
        let cure = "take a random one: `openssl rand -hex 32`";
        findings.push(Finding::fault("CRON_SECRET can be guessed", cure));
    }
    if let Some(keys) = variables.readable("TOKEN_ENCRYPTION_KEYS") {
        encryption_keys(keys, findings);
    }
    shared(variables, findings);
}

fn encryption_keys(keys: &str, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let pairs = keys
        .split(',')
        .filter_map(|entry| entry.trim().split_once(':'));
    for (id, key) in pairs {
        let Ok(bytes) = STANDARD.decode(key) else {
            continue;
        };
        let key = format!("the key {id} in TOKEN_ENCRYPTION_KEYS");
        if bytes.iter().collect::<BTreeSet<_>>().len() < 16 {
            findings.push(Finding::fault(
                format!("{key} is not random"),
                "make one with `openssl rand -base64 32`, put it first, and run `catalyst keys rotate`",
            ));
        }
        if !seen.insert(bytes) {
            let what = format!("{key} stands there under another name too");
            findings.push(Finding::fault(what, "keys of different names must differ"));
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
    let mut seen = BTreeMap::new();
    for name in SECRETS.split(' ') {
        let other = variables
            .text(name)
            .and_then(|value| seen.insert(value, name));
        if let Some(other) = other {
            let what = format!("{name} and {other} are the same");
            findings.push(Finding::fault(what, "each secret has one use"));
        }
    }
}

/// Few different characters, or words that people take.
fn is_guessable(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    let few = secret.chars().collect::<BTreeSet<_>>().len() < 8;
    few || WORDS.split(' ').any(|word| lower.contains(word))
}

fn supabase_key(variables: &Variables<'_>, kind: &Kind, key: &str, findings: &mut Vec<Finding>) {
    let prefix = kind.prefix;
    if !variables.can_read(&[kind.variable]) || key.starts_with(prefix) {
        return;
    }
    let name = match variables.text(kind.variable) {
        Some(_) => kind.variable,
        None => kind.legacy_variable,
    };
    if key.starts_with("sb_") {
        let start = key.get(..6).unwrap_or(key);
        let what = format!("{name} begins with {start}…, which is the other kind of key");
        findings.push(Finding::fault(what, kind.cure));
    } else if let Some(claims) = claims(key) {
        legacy_key(variables.supabase_project(), name, kind, &claims, findings);
    } else if !variables.is_local() {
        findings.push(Finding::fault(
            format!("{name} is neither a {prefix}… key nor a legacy key (a JWT)"),
            "copy it from the project's settings, API keys",
        ));
    }
}

fn legacy_key(
    project: Option<&str>,
    name: &str,
    kind: &Kind,
    claims: &Value,
    findings: &mut Vec<Finding>,
) {
    let Kind { role, prefix, .. } = kind;
    if claims["role"] != *role {
        let other = claims["role"].as_str().unwrap_or("nobody");
        let what = format!("{name} is a key of the role {other}");
        let cure = format!("give the one of the role {role}");
        findings.push(Finding::fault(what, cure));
    }
    if let (Some(wanted), Some(given)) = (project, claims["ref"].as_str())
        && wanted != given
    {
        findings.push(Finding::fault(
            format!("{name} is a key of the project {given}, but SUPABASE_URL is that of {wanted}"),
            "take both from one project",
        ));
    }
    let now = clock::now().as_second();
    if claims["exp"].as_i64().is_some_and(|end| end < now) {
        let what = format!("{name} has expired");
        findings.push(Finding::fault(what, "make new API keys"));
    }
    let cure = format!("make {prefix}… keys: the legacy pair is being retired");
    findings.push(Finding::advice(format!("{name} is a legacy API key"), cure));
}

/// The claims of a JWT, unchecked.
fn claims(key: &str) -> Option<Value> {
    let mut parts = key.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
