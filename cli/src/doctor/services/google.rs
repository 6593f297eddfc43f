//! Google's OAuth client.

use platform::config::Config;
use reqwest::Client;
use secrecy::ExposeSecret as _;

use super::http::{base, send};
use crate::doctor::finding::Finding;

/// Whether Google knows the OAuth client. A made-up code is refused for itself only when client and secret are right.
pub(super) async fn check(client: &Client, config: &Config) -> Option<Finding> {
    let google = config.google.as_ref()?;
    let redirect = format!("{}/api/channels/callback", base(&config.app.url));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "catalyst-doctor"),
        ("client_id", &google.client_id),
        ("client_secret", google.client_secret.expose_secret()),
        ("redirect_uri", &redirect),
    ];
    let asked = client
        .post(format!("{}/token", base(&google.oauth_url)))
        .form(&form);
    Some(match send(asked).await {
        Ok((_, body)) if body["error"] == "invalid_grant" => {
            Finding::fine("Google knows the OAuth client and its secret")
        }
        Ok((_, body)) if body["error"] == "redirect_uri_mismatch" => Finding::fault(
            format!("Google's OAuth client does not have the redirect URI {redirect}"),
            "add it to the client's authorised redirect URIs",
        ),
        Ok((status, body)) => Finding::fault(
            format!(
                "Google refuses the OAuth client: {status} {}",
                body["error"].as_str().unwrap_or("without a reason")
            ),
            "compare GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET with the client at Google",
        ),
        Err(error) => Finding::advice(
            format!("Google could not be asked: {error}"),
            "run this where the internet can be reached",
        ),
    })
}
