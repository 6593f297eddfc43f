//! Speaking to the Generative Language API.

use fakes::Service::Gemini;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, Servers, send, try_send};

pub(crate) const MODEL: &str = "gemini-3.8-flash";

/// A schema of an object with a title and lines.
pub(crate) fn schema() -> Value {
    json!({"type": "OBJECT", "required": ["title", "lines"], "properties": {"title": {"type": "STRING"},
        "lines": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": 3, "maxItems": 4}}})
}

/// A request for JSON with this config.
pub(crate) fn request(mut config: Value) -> Value {
    config["responseMimeType"] = json!("application/json");
    if config.get("responseJsonSchema").is_none() && config.get("responseSchema").is_none() {
        config["responseSchema"] = schema();
    }
    let contents = json!([{"role": "user", "parts": [{"text": "Honey never spoils. Why?"}]}]);
    json!({"contents": contents, "generationConfig": config, "store": false})
}

pub(crate) fn plain() -> Value {
    request(json!({"maxOutputTokens": 4096, "thinkingConfig": {"thinkingLevel": "LOW"}}))
}

impl Servers {
    /// A request with a key.
    pub(crate) fn gemini(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.urls.gemini);
        self.http.request(method, url).header("x-goog-api-key", "k")
    }

    pub(crate) async fn ask_model(&self, model: &str, verb: &str, body: &Value) -> Answer {
        let path = format!("v1beta/models/{model}:{verb}");
        send(self.gemini(Method::POST, &path).json(body)).await
    }

    pub(crate) async fn generate(&self, body: &Value) -> Answer {
        self.ask_model(MODEL, "generateContent", body).await
    }

    /// The body of an answer that a fault changes.
    pub(crate) async fn answered(&self, answer: Value) -> Value {
        self.fault(Gemini, json!({"answer": answer})).await;
        self.generate(&plain()).await.json()
    }

    pub(crate) async fn try_stream(&self) -> Result<Answer, reqwest::Error> {
        let path = format!("v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
        try_send(self.gemini(Method::POST, &path).json(&plain())).await
    }

    /// A stream that a fault changes.
    pub(crate) async fn streamed(&self, answer: &str) -> String {
        self.fault(Gemini, json!({"answer": answer})).await;
        self.try_stream().await.expect("an answer").text
    }
}

/// The words of an answer, without thoughts.
pub(crate) fn words(body: &Value) -> String {
    let parts = body["candidates"][0]["content"]["parts"]
        .as_array()
        .into_iter()
        .flatten();
    let spoken = parts.filter(|part| part["thought"] != true);
    spoken.filter_map(|part| part["text"].as_str()).collect()
}

/// The words of an answer, read as JSON.
pub(crate) fn words_json(body: &Value) -> Value {
    serde_json::from_str(&words(body)).expect("JSON")
}

/// The events of a stream.
pub(crate) fn events(text: &str) -> Vec<Value> {
    let data = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "));
    data.map(|json| serde_json::from_str(json).expect("JSON"))
        .collect()
}
