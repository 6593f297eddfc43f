//! How a stack is started.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use catalyst_cli::{error::Result, postgres::Durability, project::Project};

use crate::ports::Ports;

/// How a stack is to be started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of its data, secrets and logs.
    pub state: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    /// What a crash may cost.
    pub durability: Durability,
    /// The folder of the functions' binaries.
    pub binaries: PathBuf,
    /// Variables for the functions, besides those the stack gives: of `.env`, and of the environment.
    pub variables: BTreeMap<String, String>,
    /// The catalogue of the stand-in channel; a made-up one without it.
    pub catalog: Option<PathBuf>,
    /// Another Supabase project in the place of the local one.
    pub supabase: Option<ExternalSupabase>,
}

impl Options {
    /// Those of a stack that is thrown away: on free ports, with its data in `state`.
    ///
    /// # Errors
    ///
    /// When no ports are free.
    pub fn throwaway(project: &Project, release: bool, state: &Path) -> Result<Self> {
        Ok(Self {
            state: state.to_owned(),
            ports: Ports::free()?,
            durability: Durability::Throwaway,
            binaries: project.binaries(release),
            variables: passed_variables(project),
            catalog: None,
            supabase: None,
        })
    }
}

/// A Supabase project that is not ours to start.
#[derive(Clone, Debug)]
pub struct ExternalSupabase {
    /// Its address.
    pub url: String,
    /// A connection string, when its database may be migrated and asked.
    pub database_url: Option<String>,
}

/// The variables of this process that the functions may see: the system's, and the product's settings as `.env.example`
/// names them, without what says where Supabase is. A function that was built for `make coverage` writes what it ran to
/// `LLVM_PROFILE_FILE`.
pub(crate) fn passed_variables(project: &Project) -> BTreeMap<String, String> {
    const SYSTEM: [&str; 8] = [
        "PATH",
        "HOME",
        "TMPDIR",
        "TZ",
        "LANG",
        "RUST_LOG",
        "RUST_BACKTRACE",
        "LLVM_PROFILE_FILE",
    ];
    let example = fs::read_to_string(project.root().join(".env.example")).unwrap_or_default();
    let settings: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("SUPABASE_") && *name != "DATABASE_URL")
        .collect();
    env::vars()
        .filter(|(name, value)| {
            !value.is_empty()
                && (SYSTEM.contains(&name.as_str()) || settings.contains(name.as_str()))
        })
        .collect()
}
