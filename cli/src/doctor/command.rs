//! `catalyst doctor`: every check, one after the other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::finding::Finding;
use super::variables::{self, Variables};
use super::{database, services};
use crate::Result;
use crate::project::{MOST_FUNCTIONS, Project, read_dotenv};

/// `catalyst doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// A file of NAME=value lines to check instead of .env and the environment.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Only read the configuration; call no service.
    #[arg(long)]
    offline: bool,
}

/// Runs the command; true when nothing is wrong.
///
/// # Errors
///
/// When the variables cannot be read.
pub async fn run(args: DoctorArgs) -> Result<bool> {
    let project = Project::find()?;
    let variables = match args.env_file {
        Some(file) => read_dotenv(&file)?,
        None => project
            .dotenv()?
            .into_iter()
            .chain(std::env::vars())
            .collect(),
    };
    let findings = examine(&project, &variables, args.offline).await;
    for finding in &findings {
        println!("{finding}");
    }
    let faults = findings.iter().filter(|finding| finding.is_fault()).count();
    match faults {
        0 => println!("nothing is wrong"),
        _ => println!("{faults} to fix"),
    }
    Ok(faults == 0)
}

/// Checks the variables of a deployment and, unless `offline`, the services that they name.
pub async fn examine(
    project: &Project,
    variables: &BTreeMap<String, String>,
    offline: bool,
) -> Vec<Finding> {
    let mut findings = Vec::from_iter(functions(project));
    let Some(variables) = Variables::read(variables, &mut findings) else {
        return findings;
    };
    variables::check(&variables, project, &mut findings);
    if offline {
        return findings;
    }
    services::check(&variables, &mut findings).await;
    match variables.text("DATABASE_URL") {
        Some(url) => database::check(project, &variables, url, &mut findings).await,
        None => findings.push(Finding::advice(
            "DATABASE_URL is not set, so migrations and jobs were not looked at",
            "set it to a direct or session-pooler connection as the role postgres",
        )),
    }
    findings
}

/// How many functions a deployment of this project has, and whether every plan of the platform takes them.
fn functions(project: &Project) -> Option<Finding> {
    match project.functions().map_or(0, |functions| functions.len()) {
        0 => None,
        count if count > MOST_FUNCTIONS => Some(Finding::fault(
            format!(
                "{count} functions; Vercel's free plan takes {MOST_FUNCTIONS} and refuses more after a green build"
            ),
            "serve them from fewer files under api/, or deploy on another plan",
        )),
        count => Some(Finding::fine(format!(
            "{count} functions, of the {MOST_FUNCTIONS} that Vercel's free plan takes"
        ))),
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
            functions(&Project::at(folder.path()))
        };
        assert_eq!(found(0), None);
        let most = found(MOST_FUNCTIONS).unwrap().to_string();
        assert!(most.starts_with("ok      12 functions"), "{most}");
        assert!(found(MOST_FUNCTIONS + 1).unwrap().is_fault());
    }
}
