//! The Generative Language API: models, generateContent, streamGenerateContent, countTokens.

mod candidate;
mod check;
mod compose;
pub(crate) mod control;
pub(crate) mod errors;
mod generate;
mod json;
mod models;
mod prompt;
mod schema;
pub(crate) mod store;
mod stream;

use std::time::Duration;

use axum::response::Response;

use crate::{Call, Failure, Head, World, json_response, lock};
use models::Model;
use store::Settings;

pub(crate) fn operation(head: &Head) -> &'static str {
    Target::read(&head.path).map_or("unknown", |target| target.operation(head))
}

pub(crate) async fn handle(world: &World, call: &Call) -> Result<Response, Failure> {
    let head = &call.head;
    let operation = operation(head);
    let settings = lock(&world.gemini).settings(&call.body);
    let target = Target::read(&head.path).filter(|_| operation != "unknown");
    let Some(target) = target else {
        let page = "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title></html>";
        return Err(match settings.html_404 {
            true => Failure::page(404, page),
            false => errors::not_found(""),
        });
    };
    control::record(world, call);
    check_key(head, &settings)?;
    tokio::time::sleep(Duration::from_millis(settings.header_delay_ms)).await;
    if operation == "models.list" {
        let body = models::list(head, target.is_beta, &settings);
        return Ok(json_response(200, &body));
    }
    let model = Model::find(target.model, target.is_beta);
    let model = model.ok_or_else(|| errors::not_found(target.model))?;
    let body = match operation {
        "models.get" => model.body(),
        "countTokens" => prompt::count_tokens(&call.body)?,
        "streamGenerateContent" => return stream::stream(world, call, model, &settings),
        _ => generate::generate(world, call, model, &settings, false)?,
    };
    Ok(json_response(200, &body))
}

fn check_key(head: &Head, settings: &Settings) -> Result<(), Failure> {
    let key = head.header("x-goog-api-key").unwrap_or_default();
    if key.trim().is_empty() && head.param("key").is_none() {
        return Err(errors::refused("unregistered"));
    }
    let is_other = settings
        .api_key
        .as_ref()
        .is_some_and(|wanted| wanted != key);
    if is_other || key != key.trim() || key.starts_with("wrong") {
        return Err(errors::refused("badKey"));
    }
    Ok(())
}

/// The path taken apart; the model is empty for the list of models.
#[derive(Clone, Copy)]
struct Target<'a> {
    is_beta: bool,
    model: &'a str,
    verb: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn read(path: &'a str) -> Option<Self> {
        let (version, rest) = path.strip_prefix('/')?.split_once("/models")?;
        let is_beta = version == "v1beta";
        if !is_beta && version != "v1" {
            return None;
        }
        let rest = if rest.is_empty() {
            rest
        } else {
            rest.strip_prefix('/')?
        };
        let (model, verb) = rest
            .split_once(':')
            .map_or((rest, None), |(a, b)| (a, Some(b)));
        Some(Self {
            is_beta,
            model,
            verb,
        })
    }

    fn operation(self, head: &Head) -> &'static str {
        match (head.method.as_str(), self.model, self.verb) {
            ("POST", _, Some("generateContent")) => "generateContent",
            ("POST", _, Some("streamGenerateContent")) => "streamGenerateContent",
            ("POST", _, Some("countTokens")) => "countTokens",
            ("GET", "", None) => "models.list",
            ("GET", _, None) => "models.get",
            _ => "unknown",
        }
    }
}
