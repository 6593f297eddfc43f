//! What is done at Vercel, a step a file: the project, its address, its variables, and a deployment that the platform builds.

pub(super) mod account;
pub(super) mod deployment;
pub(super) mod domain;
pub(super) mod files;
pub(super) mod project;
pub(super) mod variables;
