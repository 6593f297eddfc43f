//! The Generative Language API: models, generateContent, streamGenerateContent, countTokens.

mod candidate;
mod check;
mod compose;
pub(crate) mod control;
mod errors;
mod generate;
mod json;
mod models;
pub(crate) mod named_errors;
mod prompt;
pub(crate) mod store;
mod stream;
mod target;
mod tokens;

use std::time::Duration;

use axum::response::Response;

use crate::{
    failure::Failure,
    lock::lock,
    request::{Call, Head},
    response::json_response,
    world::World,
};
use models::Model;
use store::Settings;
use target::Target;

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
        let plain = || errors::not_found("");
        return Err(if settings.html_404 {
            Failure::page(404, page)
        } else {
            plain()
        });
    };
    control::record(world, call);
    check_key(head, &settings)?;
    tokio::time::sleep(Duration::from_millis(settings.header_delay_ms)).await;
    if operation == "models.list" {
        return Ok(json_response(
            200,
            &models::list(head, target.is_beta, &settings),
        ));
    }
    let model = Model::find(target.model, target.is_beta);
    let model = model.ok_or_else(|| errors::not_found(target.model))?;
    let body = match operation {
        "models.get" => model.body(),
        "countTokens" => tokens::count_tokens(&call.body)?,
        "streamGenerateContent" => return stream::stream(world, call, model, &settings),
        _ => generate::generate(world, call, model, &settings, false)?,
    };
    Ok(json_response(200, &body))
}

fn check_key(head: &Head, settings: &Settings) -> Result<(), Failure> {
    let key = head.header("x-goog-api-key").unwrap_or_default();
    if key.trim().is_empty() && head.param("key").is_none() {
        return Err(errors::unregistered());
    }
    let is_other = settings
        .api_key
        .as_ref()
        .is_some_and(|wanted| wanted != key);
    if is_other || key != key.trim() || key.starts_with("wrong") {
        return Err(errors::bad_key());
    }
    Ok(())
}
