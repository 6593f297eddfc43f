//! Every check, one after the other.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::variables::{self, Variables};
use super::{database, functions, services};
use crate::project::Project;

/// Checks the variables of a deployment and, unless `offline`, the services that they name.
pub async fn examine(
    project: &Project,
    variables: &BTreeMap<String, String>,
    offline: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    functions::check(project, &mut findings);
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
