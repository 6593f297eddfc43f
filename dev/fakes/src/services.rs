//! Which code serves which service.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::{Call, Caller, Failure, Head, Service, World, gemini, google, revid, slack, youtube};

/// The names of what a request asks for, the main one first.
pub(crate) fn operations(service: Service, head: &Head) -> Vec<&'static str> {
    match service {
        Service::Google => vec![google::operation(head)],
        Service::Youtube => youtube::operations(head),
        Service::Gemini => vec![gemini::operation(head)],
        Service::Revid => vec![revid::operation(head)],
        Service::Slack => vec!["message"],
    }
}

pub(crate) fn caller(world: &World, service: Service, head: &Head, body: &[u8]) -> Caller {
    match service {
        Service::Google => google::caller(world, head, body),
        Service::Youtube => youtube::authorize::caller(world, head),
        Service::Gemini | Service::Revid | Service::Slack => Caller::default(),
    }
}

pub(crate) async fn handle(world: &Arc<World>, service: Service, call: Call) -> Response {
    match service {
        Service::Google => google::handle(world, &call),
        Service::Youtube => youtube::handle(world, call).await.into_response(),
        Service::Gemini => gemini::handle(world, &call).await.into_response(),
        Service::Revid => revid::handle(world, &call).await.into_response(),
        Service::Slack => slack::handle(world, &call),
    }
}

/// One of the service's own errors by name.
pub(crate) fn named_error(service: Service, name: &str) -> Option<Failure> {
    match service {
        Service::Google => google::token::named(name),
        Service::Youtube => youtube::errors::named(name),
        Service::Gemini => gemini::errors::named(name),
        Service::Revid => revid::submit::named(name),
        Service::Slack => None,
    }
}

/// The body that goes with a status when nothing else is said.
pub(crate) fn plain_error(service: Service, status: u16) -> Value {
    match service {
        Service::Google => json!({"error": "internal_failure"}),
        Service::Youtube => youtube::errors::plain(status),
        Service::Gemini => gemini::errors::plain(status),
        Service::Revid => json!({"success": 0, "error": "Internal error", "docs": {}}),
        Service::Slack => json!({"ok": false}),
    }
}

pub(crate) fn state(world: &World, service: Service, head: &Head) -> Value {
    match service {
        Service::Google => google::control::state(world),
        Service::Youtube => youtube::control::state(world, head),
        Service::Gemini => gemini::control::state(world),
        Service::Revid => revid::control::state(world, head),
        Service::Slack => slack::state(world),
    }
}

pub(crate) async fn control(
    world: &Arc<World>,
    service: Service,
    head: &Head,
    body: &[u8],
) -> Option<Result<Value, String>> {
    match service {
        Service::Google => google::control::control(world, head, body),
        Service::Youtube => youtube::control::control(world, head, body),
        Service::Gemini => gemini::control::control(world, head, body),
        Service::Revid => revid::control::control(world, head, body).await,
        Service::Slack => slack::control(world, head),
    }
}
