//! Which services there are and where they listen.

use serde::{Deserialize, Serialize};

/// One of the outside services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Consent, tokens and revocation.
    Google,
    /// YouTube Data, upload, Analytics and Reporting.
    Youtube,
    /// The Generative Language API.
    Gemini,
    /// RevID and its download host.
    Revid,
    /// An incoming webhook that keeps what it is sent.
    Slack,
}

impl Service {
    /// All services, in the order of their usual ports.
    pub(crate) const ALL: [Self; 5] = [
        Self::Google,
        Self::Youtube,
        Self::Gemini,
        Self::Revid,
        Self::Slack,
    ];
}

/// One thing for each server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Each<T> {
    /// Consent, tokens and revocation.
    pub google: T,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: T,
    /// The Generative Language API.
    pub gemini: T,
    /// RevID and its download host.
    pub revid: T,
    /// The webhook sink.
    pub slack: T,
}

/// The port of each server; none or 0 for any free one.
pub type Ports = Each<Option<u16>>;

/// Where the servers listen: `http://127.0.0.1:<port>`, without a slash at the end.
pub type Urls = Each<String>;

impl<T> From<[T; 5]> for Each<T> {
    fn from([google, youtube, gemini, revid, slack]: [T; 5]) -> Self {
        Self {
            google,
            youtube,
            gemini,
            revid,
            slack,
        }
    }
}

impl<T> Each<T> {
    pub(crate) fn of(&self, service: Service) -> &T {
        match service {
            Service::Google => &self.google,
            Service::Youtube => &self.youtube,
            Service::Gemini => &self.gemini,
            Service::Revid => &self.revid,
            Service::Slack => &self.slack,
        }
    }
}
