//! `catalyst doctor`: what is wrong with the configuration of a deployment, and what puts it right.

mod database;
mod paper;
mod services;

use std::{collections::BTreeMap, fmt};

use crate::project::{MOST_FUNCTIONS, Project};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Fine(String),
    /// It works, but not as well as it could.
    Advice {
        /// What was found.
        what: String,
        /// What would be better.
        cure: String,
    },
    /// It is wrong.
    Fault {
        /// What was found.
        what: String,
        /// What puts it right.
        cure: String,
    },
}

impl Finding {
    fn fine(what: impl Into<String>) -> Self {
        Self::Fine(what.into())
    }

    fn fault(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Fault {
            what: what.into(),
            cure: cure.into(),
        }
    }

    fn advice(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Advice {
            what: what.into(),
            cure: cure.into(),
        }
    }

    /// Whether this has to be mended.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Fault { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(what) => write!(out, "ok      {what}"),
            Self::Advice { what, cure } => write!(out, "advice  {what}\n        {cure}"),
            Self::Fault { what, cure } => write!(out, "FAULT   {what}\n        {cure}"),
        }
    }
}

/// Looks at the variables of a deployment and, unless `offline`, at the services that they name.
pub async fn examine(
    project: &Project,
    variables: &BTreeMap<String, String>,
    offline: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    functions(project, &mut findings);
    let Some(paper) = paper::read(variables, &mut findings) else {
        return findings;
    };
    paper.examine(project, &mut findings);
    if offline {
        return findings;
    }
    services::examine(&paper, &mut findings).await;
    match paper.text("DATABASE_URL") {
        Some(url) => database::examine(project, &paper, url, &mut findings).await,
        None => findings.push(Finding::advice(
            "DATABASE_URL is not set, so migrations and jobs were not looked at",
            "set it to a direct or session-pooler connection as the role postgres",
        )),
    }
    findings
}

/// How many functions a deployment of this project has, and whether every plan of the platform takes them.
fn functions(project: &Project, findings: &mut Vec<Finding>) {
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
            functions(&Project::at(folder.path()), &mut findings);
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
