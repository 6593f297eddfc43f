//! Variables that must be there, switches that do not belong on a deployment, and names that nothing reads.

use std::collections::BTreeSet;

use platform::config::all_names;

use super::read::Variables;
use crate::{doctor::finding::Finding, project::Project};

/// Variables that must be there, each with why or whence.
const NEEDED: &str = "\
CRON_SECRET=without it the dispatcher refuses every call: `openssl rand -hex 32`
TOKEN_ENCRYPTION_KEYS=without it no channel can be connected: `echo k1:$(openssl rand -base64 32)`
GOOGLE_CLIENT_ID=make an OAuth client of type web application; without it no channel can be connected
GEMINI_API_KEY=make a key at Google AI Studio; generating needs it
REVID_API_KEY=take it from the RevID account; rendering needs it";

/// Beginnings of names that are ours or our services', so that a misspelt one is noticed.
const FAMILIES: &str = "CRON_ DISPATCH_ ENABLE_ ERROR_TRACKING_ GEMINI_ GOOGLE_ MAX_ MONITORING_ RENDER_ REVID_ SUPABASE_ TOKEN_";

/// What only stand-ins are given.
const WHILE_MOCKING: &str = "CLOCK_FILE GOOGLE_OAUTH_URL YOUTUBE_URL GEMINI_URL REVID_URL";

pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    presence(variables, findings);
    spelling(variables, project, findings);
    switches(variables, findings);
    if !variables.config.app.mocking {
        google(variables, findings);
    }
}

fn presence(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    for (name, cure) in NEEDED.lines().filter_map(|line| line.split_once('=')) {
        if variables.text(name).is_none() && variables.can_read(&[name]) {
            findings.push(Finding::fault(format!("{name} is not set"), cure));
        }
    }
    let is_set = |name| variables.text(name).is_some();
    if is_set("GOOGLE_CLIENT_SECRET") && !is_set("GOOGLE_CLIENT_ID") {
        findings.push(Finding::fault(
            "GOOGLE_CLIENT_SECRET is set, but GOOGLE_CLIENT_ID is not",
            "both belong to one OAuth client",
        ));
    }
}

fn switches(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let config = &variables.config;
    if config.app.mocking && !variables.is_local() {
        findings.push(Finding::fault(
            "ENABLE_API_MOCKING is true on a deployment",
            "set it to false: nothing would ever reach YouTube",
        ));
    }
    for name in WHILE_MOCKING.split(' ') {
        if !config.app.mocking && variables.text(name).is_some() {
            let what = format!("{name} is set, but only read while mocking");
            findings.push(Finding::advice(what, "take it out"));
        }
    }
    if !config.limits.rate_limiting {
        findings.push(Finding::advice(
            "ENABLE_RATE_LIMITING is false",
            "anybody with an account may ask as often as they like",
        ));
    }
    let debugging = variables.text("ENABLE_DEBUG_MODE") == Some("true");
    if debugging && !variables.is_local() {
        let what = "ENABLE_DEBUG_MODE is true on a deployment";
        findings.push(Finding::advice(what, "set it to false"));
    }
}

/// Google's OAuth client.
fn google(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    let id = variables.text("GOOGLE_CLIENT_ID");
    if id.is_some_and(|id| !id.ends_with(".apps.googleusercontent.com")) {
        findings.push(Finding::fault(
            "GOOGLE_CLIENT_ID does not end with .apps.googleusercontent.com",
            "copy the client ID of an OAuth client of type web application",
        ));
    }
    let secret = variables.text("GOOGLE_CLIENT_SECRET");
    if secret.is_some_and(|secret| !secret.starts_with("GOCSPX-")) {
        findings.push(Finding::advice(
            "GOOGLE_CLIENT_SECRET does not begin with GOCSPX-",
            "make a new secret at the OAuth client if this one is old",
        ));
    }
}

/// Compares every variable with the names in `.env.example`, and notices values that were pasted with too much around them.
fn spelling(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let example = std::fs::read_to_string(project.root().join(".env.example")).unwrap_or_default();
    let lines = example.lines().map(|line| line.trim_start_matches("# "));
    let known = lines.filter_map(|line| Some(line.split_once('=')?.0));
    let known: BTreeSet<&str> = known.flat_map(all_names).collect();
    for (name, value) in variables.all {
        if known.contains(name.as_str()) {
            if is_quoted(value) || value.contains(['\n', '\r']) {
                findings.push(Finding::fault(
                    format!("{name} has quotes or line breaks around its value"),
                    "paste the value alone: hosts do not strip them",
                ));
            }
        } else if !known.is_empty() && FAMILIES.split(' ').any(|family| name.starts_with(family)) {
            let cure = match known.iter().find(|known| distance(known, name) <= 2) {
                Some(near) => format!("was {near} meant?"),
                None => "take it out, or see .env.example for the name that was meant".to_owned(),
            };
            findings.push(Finding::advice(format!("nothing reads {name}"), cure));
        }
    }
}

fn is_quoted(value: &str) -> bool {
    let within = |quote| value.starts_with(quote) && value.ends_with(quote);
    value.len() > 1 && (within('"') || within('\''))
}

/// How many letters two names differ by.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}
