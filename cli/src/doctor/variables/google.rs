//! Google's OAuth client.

use super::read::Variables;
use crate::doctor::finding::Finding;

pub(super) fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    if variables.config.app.mocking {
        return;
    }
    if let Some(id) = variables.text("GOOGLE_CLIENT_ID")
        && !id.ends_with(".apps.googleusercontent.com")
    {
        findings.push(Finding::fault(
            "GOOGLE_CLIENT_ID does not end with .apps.googleusercontent.com",
            "copy the client ID of an OAuth client of type web application",
        ));
    }
    if let Some(secret) = variables.text("GOOGLE_CLIENT_SECRET")
        && !secret.starts_with("GOCSPX-")
    {
        findings.push(Finding::advice(
            "GOOGLE_CLIENT_SECRET does not begin with GOCSPX-",
            "make a new secret at the OAuth client if this one is old",
        ));
    }
}
