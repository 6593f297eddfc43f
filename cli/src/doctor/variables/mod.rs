//! Static checks of the variables: what shows without asking anybody.

mod addresses;
mod flags;
mod google;
mod presence;
mod read;
mod regions;
mod secrets;
mod spelling;
mod supabase_keys;
#[cfg(test)]
mod tests;

pub(super) use read::Variables;

use super::finding::Finding;
use crate::project::Project;

/// Every static check.
pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let before = findings.len();
    presence::check(variables, findings);
    spelling::check(variables, project, findings);
    supabase_keys::check(variables, findings);
    addresses::check(variables, project, findings);
    secrets::check(variables, findings);
    google::check(variables, findings);
    flags::check(variables, findings);
    regions::check(variables, project, findings);
    if !findings[before..].iter().any(Finding::is_fault) {
        findings.push(Finding::fine("the variables fit together"));
    }
}
