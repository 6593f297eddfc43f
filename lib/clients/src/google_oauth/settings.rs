//! Where Google is, and as whom it is asked.

use secrecy::SecretString;
use url::Url;

/// Google's OAuth client and the addresses of its services.
#[derive(Debug)]
pub struct Settings {
    /// `GOOGLE_CLIENT_ID`.
    pub client_id: String,
    /// `GOOGLE_CLIENT_SECRET`.
    pub client_secret: SecretString,
    /// Consent pages (`GOOGLE_ACCOUNTS_URL` while mocking).
    pub accounts_url: Url,
    /// Token and revoke (`GOOGLE_OAUTH_URL` while mocking).
    pub oauth_url: Url,
    /// Data API and uploads (`YOUTUBE_URL` while mocking).
    pub youtube_url: Url,
    /// Analytics (`YOUTUBE_ANALYTICS_URL` while mocking).
    pub analytics_url: Url,
}
