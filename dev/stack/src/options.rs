//! How a stack is started, and where its parts listen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{Durability, cluster};
use catalyst_cli::{process, project::Project};
use platform::config::all_names;
use tokio::net::TcpListener;

/// The system's variables that the functions may see.
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
    let example = fs::read_to_string(project.root().join(".env.example")).unwrap_or_default();
    let settings: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='))
        .map(|(name, _)| name)
        .filter(|name| {
            !name.starts_with("SUPABASE_") && !["DATABASE_URL", "VERCEL_TOKEN"].contains(name)
        })
        .flat_map(all_names)
        .collect();
    env::vars()
        .filter(|(name, value)| {
            let passed = SYSTEM.contains(&name.as_str()) || settings.contains(name.as_str());
            passed && !value.is_empty()
        })
        .collect()
}

/// Where everything listens.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Data API and Auth.
    pub gateway: u16,
    /// Postgres.
    pub postgres: u16,
    /// The functions.
    pub functions: u16,
    /// Google, YouTube, Gemini, RevID and Slack stand-ins.
    pub stand_ins: [u16; 5],
}

impl Ports {
    /// Those of `supabase start` and `vercel dev`.
    pub const USUAL: Self = Self {
        gateway: 54321,
        postgres: cluster::USUAL_PORT,
        functions: 54330,
        stand_ins: [54331, 54332, 54333, 54334, 54335],
    };

    /// Ports that nothing listens on.
    ///
    /// # Errors
    ///
    /// When there are none.
    pub fn free() -> Result<Self> {
        let free = || -> io::Result<Self> {
            // All are held until all are found, so that none is found twice.
            let held = (0..8)
                .map(|_| process::free_listener())
                .collect::<io::Result<Vec<_>>>()?;
            let mut ports = [0; 8];
            for (port, listener) in ports.iter_mut().zip(&held) {
                *port = listener.local_addr()?.port();
            }
            let [gateway, postgres, functions, stand_ins @ ..] = ports;
            Ok(Self {
                gateway,
                postgres,
                functions,
                stand_ins,
            })
        };
        free().map_err(Error::io("no free port"))
    }
}

/// Listens on a port of this machine for a part of the stack.
pub(crate) async fn listen(port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| {
            Error::setup(
                format!("port {port}, for {what}, cannot be had: {error}"),
                "is another stack running? `catalyst-dev down` stops the one of this folder",
            )
        })
}
