//! The models and their list.

use serde_json::{Value, json};

use super::store::Settings;
use crate::request::Head;

pub(super) struct Model {
    pub(super) id: &'static str,
    /// The model that answers for a retired one or an alias.
    pub(super) answers_as: &'static str,
    /// Levels of thinking.
    pub(super) levels: &'static [&'static str],
    /// Whether thinking is told by a budget instead of a level.
    pub(super) budget: bool,
    /// Whether it is on `v1beta` only.
    beta_only: bool,
}

const LMH: &[&str] = &["LOW", "MEDIUM", "HIGH"];
const MLMH: &[&str] = &["MINIMAL", "LOW", "MEDIUM", "HIGH"];
const LMHX: &[&str] = &["LOW", "MEDIUM", "HIGH", "XHIGH"];

const fn model(
    id: &'static str,
    answers_as: &'static str,
    levels: &'static [&'static str],
) -> Model {
    Model {
        id,
        answers_as,
        levels,
        budget: false,
        beta_only: false,
    }
}

const MODELS: [Model; 15] = [
    model("gemini-4-hydrogen", "gemini-4-hydrogen", LMHX),
    model("gemini-4-argon", "gemini-4-argon", LMH),
    model("gemini-4-carbon", "gemini-4-carbon", LMHX),
    model("gemini-3.8-flash", "gemini-3.8-flash", LMH),
    model("gemini-3.7-flash", "gemini-3.8-flash", LMH),
    model("gemini-3.6-flash", "gemini-3.6-flash", MLMH),
    model("gemini-3.5-flash", "gemini-3.6-flash", MLMH),
    model("gemini-3.5-flash-lite", "gemini-3.5-flash-lite", MLMH),
    model("gemini-3.1-flash-lite", "gemini-3.1-flash-lite", MLMH),
    model("gemini-3.1-pro-preview", "gemini-3.1-pro-preview", LMH),
    model("gemini-3-flash-preview", "gemini-3-flash-preview", LMH),
    Model {
        beta_only: true,
        ..model("gemini-flash-latest", "gemini-3.8-flash", LMH)
    },
    Model {
        beta_only: true,
        ..model("gemini-flash-lite-latest", "gemini-3.5-flash-lite", MLMH)
    },
    Model {
        beta_only: true,
        ..model("gemini-pro-latest", "gemini-3.1-pro-preview", LMH)
    },
    Model {
        budget: true,
        ..model("gemini-2.5-flash", "gemini-2.5-flash", &[])
    },
];

impl Model {
    pub(super) fn find(id: &str, beta: bool) -> Option<&'static Self> {
        MODELS
            .iter()
            .find(|model| model.id == id && (beta || !model.beta_only))
    }

    pub(super) fn body(&self) -> Value {
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

pub(super) fn list(head: &Head, is_beta: bool, settings: &Settings) -> Value {
    let asked = head
        .param("pageSize")
        .and_then(|size| size.parse::<usize>().ok())
        .unwrap_or(50)
        .clamp(1, 1000);
    let size = asked.min(settings.models_page_size.max(1));
    let from = head
        .param("pageToken")
        .and_then(|token| token.strip_prefix("page-")?.parse::<usize>().ok())
        .unwrap_or(0);
    let models: Vec<Value> = MODELS
        .iter()
        .filter(|model| is_beta || !model.beta_only)
        .map(Model::body)
        .collect();
    let end = (from + size).min(models.len());
    let mut body = json!({"models": models.get(from..end).unwrap_or_default()});
    if end < models.len() {
        body["nextPageToken"] = json!(format!("page-{end}"));
    }
    body
}
