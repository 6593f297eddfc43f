//! The Generative Language API: models, generateContent, streamGenerateContent, countTokens.

mod check;
mod compose;
mod errors;

use std::{sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use errors::{named_error, plain_error};

use crate::{
    server::{Call, Head, Wish, contains, json_answer, lock, read, text_answer},
    world::{Knobs, World, short_id},
};

/// How many received requests are kept whole.
const KEPT_REQUESTS: usize = 1_000;

/// What was asked and what it cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Gemini {
    pub(crate) knobs: Knobs,
    calls: u64,
    answered: u64,
    prompt_tokens: u64,
    candidates_tokens: u64,
    thoughts_tokens: u64,
    by_model: std::collections::BTreeMap<String, u64>,
    violations: Vec<String>,
    #[serde(skip)]
    requests: std::collections::VecDeque<Value>,
    serial: u64,
}

/// Settings; each may be set for all calls or for those whose body holds a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    api_key: Option<String>,
    models_page_size: usize,
    chunk_chars: usize,
    header_delay_ms: u64,
    chunk_delay_ms: u64,
    thoughts: Option<u64>,
    html_404: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: None,
            models_page_size: 50,
            chunk_chars: 60,
            header_delay_ms: 0,
            chunk_delay_ms: 0,
            thoughts: None,
            html_404: true,
        }
    }
}

/// A model: `(id, answers as, levels of thinking, input limit)`.
struct Model {
    id: &'static str,
    answers_as: &'static str,
    levels: &'static [&'static str],
    budget: bool,
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
    fn find(id: &str, beta: bool) -> Option<&'static Self> {
        MODELS
            .iter()
            .find(|model| model.id == id && (beta || !model.beta_only))
    }

    fn body(&self) -> Value {
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

/// The path taken apart: `(version, model, verb)`.
fn target(path: &str) -> Option<(&str, &str, Option<&str>)> {
    let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
    if !matches!(version, "v1" | "v1beta") {
        return None;
    }
    if rest == "models" {
        return Some((version, "", None));
    }
    let rest = rest.strip_prefix("models/")?;
    match rest.split_once(':') {
        Some((model, verb)) => Some((version, model, Some(verb))),
        None => Some((version, rest, None)),
    }
}

pub(crate) fn operations(head: &Head) -> Vec<&'static str> {
    vec![match (head.method.as_str(), target(&head.path)) {
        ("POST", Some((_, _, Some("generateContent")))) => "generateContent",
        ("POST", Some((_, _, Some("streamGenerateContent")))) => "streamGenerateContent",
        ("POST", Some((_, _, Some("countTokens")))) => "countTokens",
        ("GET", Some((_, "", None))) => "models.list",
        ("GET", Some((_, _, None))) => "models.get",
        _ => "unknown",
    }]
}

/// A field of a request by its canonical name, in either spelling.
fn get<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.get(check::snake(name)))
        .filter(|value| !value.is_null())
}

pub(crate) async fn handle(world: &Arc<World>, call: &Call) -> Response {
    let head = &call.head;
    let operation = operations(head)[0];
    let settings: Settings = lock(&world.gemini)
        .knobs
        .read(|text| contains(&call.body, text.as_bytes()))
        .unwrap_or_default();
    if operation == "unknown" {
        let page = "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title></html>";
        return if settings.html_404 {
            text_answer(404, "text/html; charset=UTF-8", page)
        } else {
            errors::not_found("").answer()
        };
    }
    record(world, call);
    if head.param("key").is_some() {
        lock(&world.gemini)
            .violations
            .push("an API key in the query".to_owned());
    }
    let key = head.header("x-goog-api-key").unwrap_or_default();
    if key.trim().is_empty() && head.param("key").is_none() {
        return errors::unregistered().answer();
    }
    if key != key.trim()
        || settings
            .api_key
            .as_ref()
            .is_some_and(|wanted| wanted != key)
        || key.starts_with("wrong")
    {
        return errors::bad_key().answer();
    }
    if settings.header_delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(settings.header_delay_ms)).await;
    }
    let Some((version, id, _)) = target(&head.path) else {
        return errors::not_found("").answer();
    };
    if operation == "models.list" {
        return list(head, version, &settings);
    }
    let Some(model) = Model::find(id, version == "v1beta") else {
        return errors::not_found(id).answer();
    };
    match operation {
        "models.get" => json_answer(200, &model.body()),
        "countTokens" => count_tokens(&call.body),
        "streamGenerateContent" => stream(world, call, model, &settings),
        _ => match generate(world, call, model, &settings, false) {
            Ok(body) => json_answer(200, &body),
            Err(failure) => failure.answer(),
        },
    }
}

fn record(world: &World, call: &Call) {
    let headers: Map<String, Value> = call
        .head
        .headers
        .iter()
        .map(|(name, value)| {
            let text = if name == "x-goog-api-key" {
                "(not kept)"
            } else {
                value.to_str().unwrap_or_default()
            };
            (name.as_str().to_owned(), json!(text))
        })
        .collect();
    let body = serde_json::from_slice::<Value>(&call.body)
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(&call.body)));
    let mut gemini = lock(&world.gemini);
    gemini.calls += 1;
    let n = gemini.calls;
    gemini.requests.push_back(json!({"n": n, "at": world.clock.now().to_string(), "path": call.head.path, "headers": headers, "body": body}));
    if gemini.requests.len() > KEPT_REQUESTS {
        gemini.requests.pop_front();
    }
}

fn list(head: &Head, version: &str, settings: &Settings) -> Response {
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
        .filter(|model| version == "v1beta" || !model.beta_only)
        .map(Model::body)
        .collect();
    let end = (from + size).min(models.len());
    let mut body = json!({"models": models.get(from..end).unwrap_or_default()});
    if end < models.len() {
        body["nextPageToken"] = json!(format!("page-{end}"));
    }
    json_answer(200, &body)
}

/// About four characters to a token.
fn tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}

/// All text of a request that is billed as input.
fn input_text(request: &Value) -> String {
    let mut text = String::new();
    let mut part = |content: &Value| {
        for part in content
            .get("parts")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            text.push_str(part.get("text").and_then(Value::as_str).unwrap_or_default());
            text.push('\n');
        }
    };
    if let Some(system) = get(request, "systemInstruction") {
        part(system);
    }
    for content in request
        .get("contents")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        part(content);
    }
    text
}

fn count_tokens(body: &[u8]) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return errors::not_json().answer();
    };
    let inner = get(&request, "generateContentRequest");
    if inner.is_some() == request.get("contents").is_some() {
        return errors::invalid(
            "Exactly one of contents and generate_content_request must be set.",
        )
        .answer();
    }
    let total = tokens(&input_text(inner.unwrap_or(&request)));
    json_answer(
        200,
        &json!({"totalTokens": total, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": total}]}),
    )
}

/// What the model thinks before it answers, by how hard it is told to.
fn thinking(config: &Value, model: &Model, settings: &Settings, prompt_tokens: u64) -> u64 {
    if let Some(thoughts) = settings.thoughts {
        return thoughts;
    }
    let thinking = get(config, "thinkingConfig").cloned().unwrap_or_default();
    if let Some(budget) = get(&thinking, "thinkingBudget").and_then(Value::as_i64) {
        return if budget < 0 {
            300
        } else {
            budget.min(300) as u64
        };
    }
    let default = if model.levels.first() == Some(&"MINIMAL") && model.id.contains("lite") {
        "MINIMAL"
    } else {
        "MEDIUM"
    };
    let level = get(&thinking, "thinkingLevel")
        .and_then(Value::as_str)
        .unwrap_or(default)
        .to_uppercase();
    let base = match level.as_str() {
        "MINIMAL" => return 0,
        "LOW" => 90,
        "MEDIUM" => 320,
        "HIGH" => 900,
        _ => 1_600,
    };
    base + prompt_tokens / 20
}

/// A whole answer, or a refusal.
fn generate(
    world: &World,
    call: &Call,
    model: &Model,
    settings: &Settings,
    streaming: bool,
) -> Result<Value, errors::Failure> {
    let request: Value = serde_json::from_slice(&call.body).map_err(|_| errors::not_json())?;
    check::request(&request, model, streaming)?;
    let prompt = input_text(&request);
    let empty = json!({});
    let config = get(&request, "generationConfig").unwrap_or(&empty);
    let schema = get(config, "responseSchema").or_else(|| get(config, "responseJsonSchema"));
    let schema_text = schema.map(ToString::to_string).unwrap_or_default();
    let prompt_tokens = tokens(&prompt) + tokens(&schema_text);
    let wish = &call.wish;

    let seed = format!("{}/{}", world.seed, String::from_utf8_lossy(&call.body));
    let mime = get(config, "responseMimeType")
        .and_then(Value::as_str)
        .unwrap_or("text/plain");
    let mut text = match (
        wish.field("json"),
        wish.field("text").and_then(Value::as_str),
        schema,
    ) {
        (Some(json), _, _) => json.to_string(),
        (_, Some(text), _) => text.to_owned(),
        (_, _, Some(schema)) => compose::answer(schema, &prompt, &seed, mime),
        (_, _, None) if mime == "application/json" => compose::free_json(&prompt, &seed),
        _ => compose::prose(&prompt, &seed),
    };
    let mut thoughts = thinking(config, model, settings, prompt_tokens);
    let cap = get(config, "maxOutputTokens")
        .and_then(Value::as_u64)
        .unwrap_or(65_536);
    let mut finish = "STOP";
    if thoughts >= cap {
        thoughts = cap;
        text.clear();
        finish = "MAX_TOKENS";
    } else if thoughts + tokens(&text) > cap {
        text = text.chars().take(((cap - thoughts) * 4) as usize).collect();
        finish = "MAX_TOKENS";
    }

    let mut parts = vec![json!({"text": text})];
    let mut candidate = json!({"index": 0, "safetyRatings": ratings(None)});
    let mut body = json!({"modelVersion": model.answers_as, "modelStatus": {"modelStage": "STABLE"}, "trafficType": "ON_DEMAND"});
    let mut no_candidates = false;
    let mut no_usage = false;
    let mut zero_omission = false;
    let reason_of = |default: &str| {
        wish.field("reason")
            .and_then(Value::as_str)
            .unwrap_or(default)
            .to_owned()
    };
    let mut finish = Some(finish.to_owned());
    match wish.kind() {
        Some("prompt_blocked") => {
            body["promptFeedback"] = json!({"blockReason": reason_of("SAFETY"), "safetyRatings": ratings(Some("HARM_CATEGORY_DANGEROUS_CONTENT"))});
            no_candidates = true;
            text.clear();
            thoughts = 0;
        }
        Some("prompt_feedback") => body["promptFeedback"] = json!({"safetyRatings": ratings(None)}),
        Some("output_blocked") => {
            let reason = reason_of("SAFETY");
            if reason == "SAFETY" {
                candidate["safetyRatings"] = ratings(Some("HARM_CATEGORY_HARASSMENT"));
            }
            finish = Some(reason);
            parts.clear();
            text.clear();
        }
        Some("max_tokens") => {
            text = text.chars().take(text.chars().count() / 2).collect();
            parts = vec![json!({"text": text})];
            finish = Some("MAX_TOKENS".to_owned());
        }
        Some("max_tokens_empty") => {
            text.clear();
            parts.clear();
            thoughts = cap.saturating_sub(1);
            finish = Some("MAX_TOKENS".to_owned());
        }
        Some("empty") => {
            text.clear();
            parts = vec![json!({"text": ""})];
        }
        Some("no_candidates") => no_candidates = true,
        Some("finish_reason") => finish = Some(reason_of("SOMETHING_NEW")),
        Some("no_finish_reason") => finish = None,
        Some("breaks_schema") => parts = vec![json!({"text": "{\"unexpected\":[1,2,3]}"})],
        Some("fenced") => parts = vec![json!({"text": format!("```json\n{text}\n```")})],
        Some("invalid_json") => parts = vec![json!({"text": format!("{text},]")})],
        Some("no_usage") => no_usage = true,
        Some("zero_omission") => zero_omission = true,
        Some("multi_part") => {
            let half = text
                .char_indices()
                .nth(text.chars().count() / 2)
                .map_or(0, |(at, _)| at);
            parts = vec![
                json!({"text": "First I weigh what worked before.", "thought": true}),
                json!({"text": &text[..half]}),
                json!({"text": "", "thoughtSignature": "c2lnbmF0dXJl"}),
                json!({"text": &text[half..]}),
            ];
        }
        _ => {}
    }
    if finish.as_deref() == Some("MAX_TOKENS") && text.is_empty() {
        parts.clear();
    }
    candidate["content"] = if parts.is_empty() {
        json!({"role": "model"})
    } else {
        json!({"role": "model", "parts": parts})
    };
    if wish.kind() == Some("output_blocked")
        && let Some(object) = candidate.as_object_mut()
    {
        object.remove("content");
    }
    if let Some(reason) = finish {
        candidate["finishReason"] = json!(reason);
    }
    let answer_tokens = tokens(&text);
    let mut usage = json!({
        "promptTokenCount": prompt_tokens, "totalTokenCount": prompt_tokens + thoughts + answer_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt_tokens}], "serviceTier": "standard",
    });
    if !zero_omission && answer_tokens > 0 {
        usage["candidatesTokenCount"] = json!(answer_tokens);
    }
    if !zero_omission && thoughts > 0 {
        usage["thoughtsTokenCount"] = json!(thoughts);
    }
    if zero_omission {
        usage["totalTokenCount"] = json!(prompt_tokens);
        if let Some(object) = candidate.as_object_mut() {
            object.remove("index");
        }
    }
    if !no_candidates {
        body["candidates"] = json!([candidate]);
    } else if wish.kind() == Some("no_candidates") {
        body["candidates"] = json!([]);
    }
    if !no_usage {
        body["usageMetadata"] = usage;
    }
    let mut gemini = lock(&world.gemini);
    gemini.serial += 1;
    body["responseId"] = json!(short_id(
        &[
            "response",
            &world.seed.to_string(),
            &gemini.serial.to_string()
        ],
        22
    ));
    gemini.answered += 1;
    gemini.prompt_tokens += prompt_tokens;
    gemini.candidates_tokens += answer_tokens;
    gemini.thoughts_tokens += thoughts;
    *gemini
        .by_model
        .entry(model.answers_as.to_owned())
        .or_default() += 1;
    Ok(body)
}

fn ratings(blocked: Option<&str>) -> Value {
    let categories = [
        "HARM_CATEGORY_HARASSMENT",
        "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        "HARM_CATEGORY_DANGEROUS_CONTENT",
    ];
    categories
        .iter()
        .map(|category| {
            if Some(*category) == blocked {
                json!({"category": category, "probability": "HIGH", "blocked": true})
            } else {
                json!({"category": category, "probability": "NEGLIGIBLE"})
            }
        })
        .collect()
}

// ---------------------------------------------------------------------------------------------------------------
// Streams

fn stream(world: &Arc<World>, call: &Call, model: &Model, settings: &Settings) -> Response {
    let whole = match generate(world, call, model, settings, true) {
        Ok(body) => body,
        // Before the first byte an error may come wrapped in an array.
        Err(failure) => return json_answer(failure.status, &json!([failure.body])),
    };
    let chunks = split(&whole, settings.chunk_chars.max(1));
    if call.head.param("alt") != Some("sse") {
        return text_answer(
            200,
            "application/json; charset=UTF-8",
            Value::Array(chunks).to_string(),
        );
    }
    let pieces = frames(&chunks, &call.wish);
    let delay = call
        .wish
        .field("chunk_delay_ms")
        .and_then(Value::as_u64)
        .unwrap_or(settings.chunk_delay_ms);
    let cut = call.wish.kind() == Some("cut_mid_stream");
    let line = call.head.line.clone();
    let pieces = futures_util::stream::unfold(pieces.into_iter().enumerate(), move |mut pieces| {
        let line = line.clone();
        async move {
            let Some((n, piece)) = pieces.next() else {
                if cut {
                    line.cut();
                }
                return None;
            };
            if delay > 0 && n > 0 {
                tokio::time::sleep(Duration::from_millis(delay)).await;
            } else {
                tokio::task::yield_now().await;
            }
            Some((Ok::<_, std::convert::Infallible>(piece), pieces))
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    response
}

/// Splits a whole answer into chunks with growing usage; only the last one says why it ended.
fn split(whole: &Value, chars: usize) -> Vec<Value> {
    let Some(candidate) = whole.get("candidates").and_then(|list| list.get(0)) else {
        return vec![whole.clone()];
    };
    let text: String = candidate
        .pointer("/content/parts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|part| part.get("thought") != Some(&json!(true)))
        .filter_map(|part| part.get("text").and_then(Value::as_str))
        .collect();
    let letters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> = letters
        .chunks(chars)
        .map(|piece| piece.iter().collect())
        .collect();
    let prompt = whole
        .pointer("/usageMetadata/promptTokenCount")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let thoughts = whole
        .pointer("/usageMetadata/thoughtsTokenCount")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let mut chunks = vec![json!({
        "candidates": [{"content": {"role": "model", "parts": [{"text": "", "thoughtSignature": "c2lnbmF0dXJl"}]}, "index": 0}],
        "usageMetadata": {"promptTokenCount": prompt, "thoughtsTokenCount": thoughts, "totalTokenCount": prompt + thoughts},
    })];
    let mut sent = 0;
    for piece in &pieces {
        sent += tokens(piece);
        chunks.push(json!({
            "candidates": [{"content": {"role": "model", "parts": [{"text": piece}]}, "index": 0}],
            "usageMetadata": {"promptTokenCount": prompt, "thoughtsTokenCount": thoughts, "candidatesTokenCount": sent, "totalTokenCount": prompt + thoughts + sent},
        }));
    }
    if let Some(last) = chunks.last_mut() {
        for name in ["finishReason", "safetyRatings"] {
            if let Some(value) = candidate.get(name) {
                last["candidates"][0][name] = value.clone();
            }
        }
        if let Some(usage) = whole.get("usageMetadata") {
            last["usageMetadata"] = usage.clone();
        }
    }
    for chunk in &mut chunks {
        chunk["modelVersion"] = whole["modelVersion"].clone();
        chunk["responseId"] = whole["responseId"].clone();
    }
    if let (Some(feedback), Some(first)) = (whole.get("promptFeedback"), chunks.first_mut()) {
        first["promptFeedback"] = feedback.clone();
    }
    chunks
}

/// Chunks as they go over the wire.
fn frames(chunks: &[Value], wish: &Wish) -> Vec<Bytes> {
    let kind = wish.kind().unwrap_or_default();
    let end = if kind == "crlf" { "\r\n\r\n" } else { "\n\n" };
    let frame = |chunk: &Value| format!("data: {chunk}{end}");
    let keep = match kind {
        "cut_mid_stream" | "closed_early" | "error_event" | "bare_error" => {
            (chunks.len() / 2).max(1)
        }
        _ => chunks.len(),
    };
    let mut texts: Vec<String> = chunks.iter().take(keep).map(frame).collect();
    let error = errors::overloaded();
    match kind {
        "error_event" => texts.push(frame(&error.body)),
        "bare_error" => texts.push(serde_json::to_string_pretty(&error.body).unwrap_or_default()),
        "comment" => texts.insert(1.min(texts.len()), format!(": keep-alive{end}")),
        "safety_last" => {
            if let Some(last) = chunks.last() {
                let mut last = last.clone();
                last["candidates"][0] = json!({"index": 0, "finishReason": "SAFETY", "safetyRatings": ratings(Some("HARM_CATEGORY_HARASSMENT"))});
                texts.pop();
                texts.push(frame(&last));
            }
        }
        "u2028" => {
            for text in &mut texts {
                *text = text.replacen("\"text\":\"", "\"text\":\"\u{2028}", 1);
            }
        }
        _ => {}
    }
    if kind == "split_utf8" {
        // Every byte that starts a character of several is sent apart from the rest of it.
        let mut pieces = Vec::new();
        let mut piece = Vec::new();
        let all = texts.concat().replacen("\"text\":\"", "\"text\":\"é→", 2);
        for byte in all.bytes() {
            piece.push(byte);
            if byte >= 0xc0 {
                pieces.push(Bytes::from(std::mem::take(&mut piece)));
            }
        }
        pieces.push(Bytes::from(piece));
        return pieces;
    }
    texts.into_iter().map(Bytes::from).collect()
}

// ---------------------------------------------------------------------------------------------------------------

pub(crate) fn state(world: &World, _head: &Head) -> Value {
    let gemini = lock(&world.gemini);
    json!({
        "now": world.clock.now().to_string(), "calls": gemini.calls, "answered": gemini.answered, "by_model": gemini.by_model,
        "tokens": {"prompt": gemini.prompt_tokens, "candidates": gemini.candidates_tokens, "thoughts": gemini.thoughts_tokens,
                   "total": gemini.prompt_tokens + gemini.candidates_tokens + gemini.thoughts_tokens},
        "violations": gemini.violations,
    })
}

pub(crate) fn control(world: &World, head: &Head, body: &[u8]) -> Option<Result<Value, String>> {
    match (head.method.as_str(), head.path.strip_prefix("/_control/")?) {
        ("POST", "knobs") => Some(read(body).and_then(|change| {
            lock(&world.gemini)
                .knobs
                .set::<Settings>("body_contains", change)
        })),
        ("DELETE", "knobs") => {
            lock(&world.gemini).knobs.clear(head.param("body_contains"));
            Some(Ok(json!({})))
        }
        ("GET", "requests") => {
            let gemini = lock(&world.gemini);
            let wanted = |request: &&Value| {
                head.param("body_contains").is_none_or(|text| {
                    contains(request["body"].to_string().as_bytes(), text.as_bytes())
                })
            };
            let requests: Vec<&Value> = gemini.requests.iter().filter(wanted).collect();
            Some(Ok(json!({"count": requests.len(), "requests": requests})))
        }
        _ => None,
    }
}
