//! The stand-ins of Google, YouTube, Gemini, RevID and Slack, in this process.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use catalyst_cli::error::{Error, Result};
use fakes::{Fakes, FakesOptions};

/// The stand-ins that run, if any.
#[derive(Default)]
pub(crate) struct StandIns {
    running: Option<Fakes>,
}

impl StandIns {
    /// The real services are used.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Starts all of them: Google, YouTube, Gemini, RevID and Slack on these ports, in this order. The default account's
    /// channel has the videos of `catalog`, or made-up ones.
    pub(crate) async fn start(
        ports: [u16; 5],
        state: Option<&Path>,
        catalog: Option<PathBuf>,
    ) -> Result<Self> {
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
        let running = Fakes::start(options).await.map_err(|error| {
            Error::setup(
                format!("the stand-ins did not start: {error}"),
                "is another stack running? `catalyst-dev down` stops the one of this folder",
            )
        })?;
        Ok(Self {
            running: Some(running),
        })
    }

    pub(crate) fn are_running(&self) -> bool {
        self.running.is_some()
    }

    /// Where they are, and keys that they take.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let Some(running) = &self.running else {
            return BTreeMap::new();
        };
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

    /// The clock that all of them go by.
    pub(crate) fn clock(&self) -> Option<fakes::Clock> {
        self.running.as_ref().map(Fakes::clock)
    }

    /// Stops them and keeps what they hold.
    pub(crate) async fn stop(self) -> Result {
        match self.running {
            Some(running) => running
                .shutdown()
                .await
                .map_err(Error::io("cannot keep what the stand-ins hold")),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for StandIns {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("StandIns")
            .field("running", &self.running.is_some())
            .finish()
    }
}
