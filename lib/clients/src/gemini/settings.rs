//! Where Gemini is, and how it is asked.

use secrecy::SecretString;
use url::Url;

use super::prices::PriceList;

/// What the client needs to know.
#[derive(Debug)]
pub struct Settings {
    /// `GEMINI_API_KEY`.
    pub api_key: SecretString,
    /// `GEMINI_MODEL`: the model to ask; the client's default when not set.
    pub model: Option<String>,
    /// `GEMINI_API_VERSION`: `v1beta` unless set; `v1` need not know every field that is sent.
    pub api_version: String,
    /// `GEMINI_SEND_STORE`: ask the service not to keep prompts (`"store": false`); `false` only for proxies that do not
    /// know the field.
    pub send_store: bool,
    /// `GEMINI_PRICES`: the prices that costs are computed with, as JSON
    /// (`{"version": "…", "prices": [{"model": "gemini-3.8-flash", "input": 0.75, "output": 3.75}]}`, US dollars per
    /// million tokens); a built-in list unless set.
    pub prices: PriceList,
    /// `GEMINI_URL` while mocking.
    pub url: Url,
}
