//! RevID.

use platform::config::Config;
use reqwest::Client;
use secrecy::ExposeSecret as _;

use super::http::{base, send};
use crate::doctor::finding::Finding;

/// Whether RevID takes the key. Listing projects costs nothing.
pub(super) async fn check(client: &Client, config: &Config) -> Option<Finding> {
    let revid = config.revid.as_ref()?;
    let asked = client
        .get(format!(
            "{}/api/public/v3/projects?limit=1",
            base(&revid.url)
        ))
        .header("key", revid.api_key.expose_secret());
    Some(match send(asked).await {
        Ok((200, _)) => Finding::fine("RevID takes the key"),
        Ok((status @ (401 | 403), _)) => Finding::fault(
            format!("RevID refuses REVID_API_KEY with {status}"),
            "copy the key from the RevID account",
        ),
        Ok((status, _)) => {
            Finding::advice(format!("RevID answers {status}"), "run this again later")
        }
        Err(error) => Finding::advice(
            format!("RevID could not be asked: {error}"),
            "run this where the internet can be reached",
        ),
    })
}
