//! The two API keys of Supabase: each of the right kind, of this project, and not of the legacy kind.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use platform::clock;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::read::Variables;
use crate::doctor::finding::Finding;

/// A kind of key.
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
    check_key(variables, &PUBLISHABLE, &keys.publishable_key, findings);
    let secret = keys.secret_key.expose_secret();
    check_key(variables, &SECRET, secret, findings);
}

fn check_key(variables: &Variables<'_>, kind: &Kind, key: &str, findings: &mut Vec<Finding>) {
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
        findings.push(Finding::fault(
            format!("{name} begins with {start}…, which is the other kind of key"),
            kind.cure,
        ));
    } else if let Some(claims) = claims(key) {
        check_legacy(variables.supabase_project(), name, kind, &claims, findings);
    } else if !variables.is_local() {
        findings.push(Finding::fault(
            format!("{name} is neither a {prefix}… key nor a legacy key (a JWT)"),
            "copy it from the project's settings, API keys",
        ));
    }
}

fn check_legacy(
    project: Option<&str>,
    name: &str,
    kind: &Kind,
    claims: &Value,
    findings: &mut Vec<Finding>,
) {
    let Kind { role, prefix, .. } = kind;
    if claims["role"] != *role {
        let other = claims["role"].as_str().unwrap_or("nobody");
        findings.push(Finding::fault(
            format!("{name} is a key of the role {other}"),
            format!("give the one of the role {role}"),
        ));
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
        findings.push(Finding::fault(
            format!("{name} has expired"),
            "make new API keys",
        ));
    }
    findings.push(Finding::advice(
        format!("{name} is a legacy API key"),
        format!("make {prefix}… keys: the legacy pair is being retired"),
    ));
}

/// The claims of a JWT, unchecked.
fn claims(key: &str) -> Option<Value> {
    let mut parts = key.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
