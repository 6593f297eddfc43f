//! The stand-ins of Google, YouTube, Gemini, RevID and Slack in this process, for a stack or, with `catalyst-dev fakes`,
//! alone.

use std::path::{Path, PathBuf};
use std::{collections::BTreeMap, process::ExitCode};

use catalyst_cli::error::{Error, Result};
use fakes::{Fakes, FakesOptions};

use crate::{options::Ports, signals::interruption};

/// How to start them alone.
#[derive(Debug, clap::Args)]
pub struct FakesArgs {
    /// A CSV file whose videos the stand-in channel has (title, published_at, views, likes, comments).
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// A folder to keep the stand-ins' world in; it is forgotten without one.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Listen on free ports instead of 54331 to 54335.
    #[arg(long)]
    free_ports: bool,
}

/// Starts the stand-ins, prints where they are, and keeps them running until a signal comes.
///
/// # Errors
///
/// When a port is taken, or when what they hold cannot be kept.
pub async fn run(args: FakesArgs) -> Result<ExitCode> {
    let ports = if args.free_ports {
        [0; 5]
    } else {
        Ports::USUAL.stand_ins
    };
    let interrupted = interruption()?;
    let running = start(ports, args.keep.as_deref(), args.catalog).await?;
    for (name, value) in environment(&running) {
        println!("{name}={value}");
    }
    interrupted.await;
    stop(running).await?;
    Ok(ExitCode::SUCCESS)
}

/// Starts all of them: Google, YouTube, Gemini, RevID and Slack on these ports, in this order. The default account's
/// channel has the videos of `catalog`, or made-up ones.
pub(crate) async fn start(
    ports: [u16; 5],
    state: Option<&Path>,
    catalog: Option<PathBuf>,
) -> Result<Fakes> {
    let [google, youtube, gemini, revid, slack] = ports.map(Some);
    let options = FakesOptions {
        ports: fakes::Ports {
            google,
            youtube,
            gemini,
            revid,
            slack,
        },
        catalog,
        seed: 7,
        state_dir: state.map(Path::to_owned),
        ..FakesOptions::default()
    };
    Fakes::start(options).await.map_err(|error| {
        Error::setup(
            format!("the stand-ins did not start: {error}"),
            "is another stack running? `catalyst-dev down` stops the one of this folder",
        )
    })
}

/// Where they are, and keys that they take.
pub(crate) fn environment(running: &Fakes) -> BTreeMap<String, String> {
    let urls = running.urls();
    [
        ("GOOGLE_ACCOUNTS_URL", urls.google.as_str()),
        ("GOOGLE_OAUTH_URL", &urls.google),
        ("YOUTUBE_URL", &urls.youtube),
        ("YOUTUBE_ANALYTICS_URL", &urls.youtube),
        ("GEMINI_URL", &urls.gemini),
        ("REVID_URL", &urls.revid),
        ("FAKE_GOOGLE_URL", &urls.google),
        ("FAKE_YOUTUBE_URL", &urls.youtube),
        ("FAKE_GEMINI_URL", &urls.gemini),
        ("FAKE_REVID_URL", &urls.revid),
        ("FAKE_SLACK_URL", &urls.slack),
        ("GOOGLE_CLIENT_ID", "local-client"),
        ("GOOGLE_CLIENT_SECRET", "local-client-secret"),
        ("GEMINI_API_KEY", "local-gemini-key"),
        ("REVID_API_KEY", "local-revid-key"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Stops them and keeps what they hold.
pub(crate) async fn stop(running: Fakes) -> Result {
    let stopped = running.shutdown().await;
    stopped.map_err(Error::io("cannot keep what the stand-ins hold"))
}
