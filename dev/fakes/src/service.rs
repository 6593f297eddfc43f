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

/// The port of each server; none or 0 for any free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// Consent, tokens and revocation.
    pub google: Option<u16>,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: Option<u16>,
    /// The Generative Language API.
    pub gemini: Option<u16>,
    /// RevID and its download host.
    pub revid: Option<u16>,
    /// The webhook sink.
    pub slack: Option<u16>,
}

impl Ports {
    pub(crate) fn of(self, service: Service) -> u16 {
        let port = match service {
            Service::Google => self.google,
            Service::Youtube => self.youtube,
            Service::Gemini => self.gemini,
            Service::Revid => self.revid,
            Service::Slack => self.slack,
        };
        port.unwrap_or(0)
    }
}

/// Where the servers listen: `http://127.0.0.1:<port>`, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// Consent, tokens and revocation.
    pub google: String,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: String,
    /// The Generative Language API.
    pub gemini: String,
    /// RevID and its download host.
    pub revid: String,
    /// The webhook sink.
    pub slack: String,
}
