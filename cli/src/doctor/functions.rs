//! The number of functions.

use super::finding::Finding;
use crate::project::{MOST_FUNCTIONS, Project};

/// How many functions a deployment of this project has, and whether every plan of the platform takes them.
pub(super) fn check(project: &Project, findings: &mut Vec<Finding>) {
    let count = project.functions().map_or(0, |functions| functions.len());
    if count > MOST_FUNCTIONS {
        findings.push(Finding::fault(
            format!("{count} functions; Vercel's free plan takes {MOST_FUNCTIONS} and refuses more after a green build"),
            "serve them from fewer files under api/, or deploy on another plan",
        ));
    } else if count > 0 {
        findings.push(Finding::fine(format!(
            "{count} functions, of the {MOST_FUNCTIONS} that Vercel's free plan takes"
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_functions_than_the_free_plan_takes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let found = |count: usize| {
            let bins: String = (0..count)
                .map(|n| format!("[[bin]]\nname = \"api_{n}\"\npath = \"api/{n}.rs\"\n"))
                .collect();
            std::fs::write(folder.path().join("Cargo.toml"), bins).unwrap();
            let mut findings = Vec::new();
            check(&Project::at(folder.path()), &mut findings);
            findings
        };
        assert_eq!(found(0), []);
        assert!(
            found(MOST_FUNCTIONS)[0]
                .to_string()
                .starts_with("ok      12 functions")
        );
        assert!(found(MOST_FUNCTIONS + 1)[0].is_fault());
    }
}
