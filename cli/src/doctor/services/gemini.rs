//! Gemini.

use platform::config::Config;
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::http::{base, send};
use crate::doctor::finding::Finding;

/// Whether Gemini takes the key, and has the model. Listing models costs nothing.
pub(super) async fn check(client: &Client, config: &Config) -> Option<Finding> {
    let gemini = config.gemini.as_ref()?;
    let asked = client
        .get(format!(
            "{}/{}/models?pageSize=1000",
            base(&gemini.url),
            gemini.api_version
        ))
        .header("x-goog-api-key", gemini.api_key.expose_secret());
    Some(match send(asked).await {
        Ok((200, body)) => match gemini.model.as_deref().filter(|model| !lists(&body, model)) {
            Some(model) => Finding::fault(
                format!("Gemini has no model {model} for this key"),
                "set GEMINI_MODEL to one that it lists, or take it out for the default",
            ),
            None => Finding::fine("Gemini takes the key"),
        },
        Ok((status @ (400 | 401 | 403), _)) => Finding::fault(
            format!("Gemini refuses GEMINI_API_KEY with {status}"),
            "make a key at Google AI Studio; a key with restrictions must allow the Generative Language API",
        ),
        Ok((status, _)) => {
            Finding::advice(format!("Gemini answers {status}"), "run this again later")
        }
        Err(error) => Finding::advice(
            format!("Gemini could not be asked: {error}"),
            "run this where the internet can be reached",
        ),
    })
}

fn lists(body: &Value, model: &str) -> bool {
    let name = format!("models/{model}");
    let models = body["models"].as_array();
    models.is_some_and(|models| models.iter().any(|each| each["name"] == name.as_str()))
}
