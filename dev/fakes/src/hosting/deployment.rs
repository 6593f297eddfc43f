//! The state of a deployment and its names.

use std::collections::BTreeMap;

/// What both services hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Deployment {
    /// The variables of the production environment.
    pub(super) variables: BTreeMap<String, String>,
    /// The ids of the deployments, oldest first.
    pub(super) deployments: Vec<String>,
    /// What the names of the zone point at.
    pub(super) names: BTreeMap<String, String>,
    pub(super) changes: usize,
}
