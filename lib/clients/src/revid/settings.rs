//! Where RevID is, and what a render may cost.

use secrecy::SecretString;
use url::Url;

/// What the client needs to know.
#[derive(Debug)]
pub struct Settings {
    /// `REVID_API_KEY`.
    pub api_key: SecretString,
    /// `REVID_URL` while mocking.
    pub url: Url,
    /// `RENDER_CREDITS_PER_VIDEO`: no render that would cost more is sent; 100 by default.
    pub credits_per_render: u32,
    /// `RENDER_CREDITS_PER_DAY`: budget of the whole deployment; 2000 by default, none to speak of while mocking.
    pub credits_per_day: u32,
    /// `RENDER_FILE_HOSTS`: hosts from which finished videos are accepted, separated by commas, `*.` for every name
    /// below; any public host when not set.
    pub file_hosts: Vec<String>,
}
