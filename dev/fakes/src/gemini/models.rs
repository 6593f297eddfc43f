//! The models and their list.

use serde_json::{Value, json};

use super::store::Settings;
use crate::Head;

pub(crate) struct Model {
    pub(crate) id: &'static str,
    /// The model that answers for a retired one or an alias.
    pub(crate) answers_as: &'static str,
    /// Levels of thinking; none where thinking is told by a budget.
    pub(crate) levels: &'static [&'static str],
    /// Whether it is on `v1beta` only.
    beta_only: bool,
}

const LMH: &[&str] = &["LOW", "MEDIUM", "HIGH"];
const MLMH: &[&str] = &["MINIMAL", "LOW", "MEDIUM", "HIGH"];
const LMHX: &[&str] = &["LOW", "MEDIUM", "HIGH", "XHIGH"];

const MODELS: [Model; 15] = [
    stable("gemini-4-hydrogen", LMHX),
    stable("gemini-4-argon", LMH),
    stable("gemini-4-carbon", LMHX),
    stable("gemini-3.8-flash", LMH),
    model("gemini-3.7-flash", "gemini-3.8-flash", LMH, false),
    stable("gemini-3.6-flash", MLMH),
    model("gemini-3.5-flash", "gemini-3.6-flash", MLMH, false),
    stable("gemini-3.5-flash-lite", MLMH),
    stable("gemini-3.1-flash-lite", MLMH),
    stable("gemini-3.1-pro-preview", LMH),
    stable("gemini-3-flash-preview", LMH),
    model("gemini-flash-latest", "gemini-3.8-flash", LMH, true),
    model(
        "gemini-flash-lite-latest",
        "gemini-3.5-flash-lite",
        MLMH,
        true,
    ),
    model("gemini-pro-latest", "gemini-3.1-pro-preview", LMH, true),
    stable("gemini-2.5-flash", &[]),
];

const fn stable(id: &'static str, levels: &'static [&'static str]) -> Model {
    model(id, id, levels, false)
}

const fn model(
    id: &'static str,
    answers_as: &'static str,
    levels: &'static [&'static str],
    beta_only: bool,
) -> Model {
    Model {
        id,
        answers_as,
        levels,
        beta_only,
    }
}

impl Model {
    pub(crate) fn find(id: &str, beta: bool) -> Option<&'static Self> {
        MODELS
            .iter()
            .find(|model| model.id == id && (beta || !model.beta_only))
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "name": format!("models/{}", self.id), "version": "001", "displayName": self.id, "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536, "supportedGenerationMethods": ["generateContent", "countTokens"], "temperature": 1, "topP": 0.95,
            "topK": 64, "maxTemperature": 2, "thinking": true, "modelStage": "STABLE", "quotaTier": "not in the documentation",
        });
        if self.id.ends_with("preview") {
            body["modelStage"] = json!("PREVIEW");
            // Fields may be missing.
            if let Some(object) = body.as_object_mut() {
                object.remove("displayName");
                object.remove("topK");
            }
        }
        body
    }
}

pub(crate) fn list(head: &Head, is_beta: bool, settings: &Settings) -> Value {
    let asked: usize = head.number("pageSize").unwrap_or(50).clamp(1, 1000);
    let size = asked.min(settings.models_page_size.max(1));
    let token = head
        .param("pageToken")
        .and_then(|token| token.strip_prefix("page-"));
    let from: usize = token.and_then(|from| from.parse().ok()).unwrap_or(0);
    let offered = MODELS.iter().filter(|model| is_beta || !model.beta_only);
    let models: Vec<Value> = offered.map(Model::body).collect();
    let end = (from + size).min(models.len());
    let mut body = json!({"models": models.get(from..end).unwrap_or_default()});
    if end < models.len() {
        body["nextPageToken"] = json!(format!("page-{end}"));
    }
    body
}
