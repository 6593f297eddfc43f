//! Switches that do not belong on a deployment.

use super::read::Variables;
use crate::doctor::finding::Finding;

pub(super) fn check(variables: &Variables<'_>, findings: &mut Vec<Finding>) {
    if variables.config.app.mocking && !variables.is_local() {
        findings.push(Finding::fault(
            "ENABLE_API_MOCKING is true on a deployment",
            "set it to false: nothing would ever reach YouTube",
        ));
    }
    if !variables.config.app.mocking {
        for name in [
            "CLOCK_FILE",
            "GOOGLE_OAUTH_URL",
            "YOUTUBE_URL",
            "GEMINI_URL",
            "REVID_URL",
        ] {
            if variables.text(name).is_some() {
                findings.push(Finding::advice(
                    format!("{name} is set, but only read while mocking"),
                    "take it out",
                ));
            }
        }
    }
    if !variables.config.limits.rate_limiting {
        findings.push(Finding::advice(
            "ENABLE_RATE_LIMITING is false",
            "anybody with an account may ask as often as they like",
        ));
    }
    if variables
        .all
        .get("ENABLE_DEBUG_MODE")
        .is_some_and(|value| value == "true")
        && !variables.is_local()
    {
        findings.push(Finding::advice(
            "ENABLE_DEBUG_MODE is true on a deployment",
            "set it to false",
        ));
    }
}
