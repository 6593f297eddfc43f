//! Static checks of the variables: what shows without asking anybody.

mod addresses;
mod keys;
mod read;
mod settings;
#[cfg(test)]
mod tests;

pub(crate) use addresses::NEIGHBOURS;
pub(super) use read::Variables;

use super::finding::Finding;
use crate::project::Project;

/// Every static check.
pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let before = findings.len();
    settings::check(variables, project, findings);
    keys::check(variables, findings);
    addresses::check(variables, project, findings);
    if !findings[before..].iter().any(Finding::is_fault) {
        findings.push(Finding::fine("the variables fit together"));
    }
}
