//! The plan of what changes, and carrying it out.

use std::collections::BTreeMap;

use super::api::Change;
use super::hosts::{Cloudflare, Vercel};
use crate::{Error, Result};

/// What is to be true afterwards.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Vercel, if its environment is to change.
    pub vercel: Option<Vercel>,
    /// The production environment's new variables.
    pub variables: BTreeMap<String, String>,
    /// Cloudflare, if names are to change.
    pub cloudflare: Option<Cloudflare>,
    /// Names and what they are to point at.
    pub names: BTreeMap<String, String>,
}

/// Asks both what there is, and says what would change. Changes nothing.
///
/// # Errors
///
/// When one of them does not answer as it should: then nothing would be changed anywhere.
pub async fn plan(wanted: &Wanted) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    if let Some(vercel) = &wanted.vercel
        && !wanted.variables.is_empty()
    {
        changes.extend(vercel.plan(&wanted.variables).await?);
    }
    if let Some(cloudflare) = &wanted.cloudflare {
        changes.extend(cloudflare.plan(&wanted.names).await?);
    }
    Ok(changes)
}

/// Carries a plan out, in its order. Doing it twice changes nothing more.
///
/// # Errors
///
/// When a change is refused; those before it are made.
pub async fn apply(wanted: &Wanted, changes: &[Change]) -> Result {
    for change in changes {
        match (change, &wanted.vercel, &wanted.cloudflare) {
            (Change::Variable { name, .. }, Some(vercel), _) => {
                let value = wanted.variables.get(name);
                vercel.set_variable(name, value).await?;
            }
            (Change::Redeploy { deployment, name }, Some(vercel), _) => {
                vercel.redeploy(deployment, name).await?;
            }
            (Change::Name { record, to, .. }, _, Some(cloudflare)) => {
                cloudflare.point(record, to).await?;
            }
            _ => {
                let problem = format!("no service can make the change: {change}");
                return Err(Error::setup(problem, "plan again with the same settings"));
            }
        }
    }
    Ok(())
}
