//! Variables that must be there.

use super::read::Variables;
use crate::doctor::finding::Finding;

pub(super) fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    for (name, cure) in [
        (
            "CRON_SECRET",
            "without it the dispatcher refuses every call: `openssl rand -hex 32`",
        ),
        (
            "TOKEN_ENCRYPTION_KEYS",
            "without it no channel can be connected: `echo k1:$(openssl rand -base64 32)`",
        ),
        (
            "GOOGLE_CLIENT_ID",
            "make an OAuth client of type web application; without it no channel can be connected",
        ),
        (
            "GEMINI_API_KEY",
            "make a key at Google AI Studio; generating needs it",
        ),
        (
            "REVID_API_KEY",
            "take it from the RevID account; rendering needs it",
        ),
    ] {
        if variables.text(name).is_none() && variables.can_read(&[name]) {
            findings.push(Finding::fault(format!("{name} is not set"), cure));
        }
    }
    if variables.text("GOOGLE_CLIENT_SECRET").is_some()
        && variables.text("GOOGLE_CLIENT_ID").is_none()
    {
        findings.push(Finding::fault(
            "GOOGLE_CLIENT_SECRET is set, but GOOGLE_CLIENT_ID is not",
            "both belong to one OAuth client",
        ));
    }
}
