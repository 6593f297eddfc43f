//! A program asks, and the user answers on a page of the front end.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::{Json, body::Bytes, response::IntoResponse};
use http::{StatusCode, header};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::super::request::{Answer, AuthError, read_json};
use super::super::sessions::{self, signed_in};
use super::programs::{Authorization, Grant, LASTS, Program};
use crate::gateway::{api_key::Caller, state::Gateway};
use crate::secrets::random_token;

#[derive(Deserialize)]
pub(super) struct Request {
    client_id: Option<Uuid>,
    #[serde(default)]
    redirect_uri: String,
    response_type: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    #[serde(default)]
    code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
}

/// `GET /oauth/authorize`: keeps what is asked, and sends the user to the page that shows it.
pub(super) async fn authorize(
    State(gateway): State<Arc<Gateway>>,
    Query(asked): Query<Request>,
) -> Result<impl IntoResponse, AuthError> {
    let mut programs = gateway.programs();
    let program = asked.client_id.and_then(|id| programs.registered.get(&id));
    let program = program
        .ok_or_else(|| AuthError::new(400, "oauth_client_not_found", "invalid client_id"))?
        .id;
    let known = &programs.registered[&program].redirect_uris;
    // To the letter: whatever resembles an address that was registered may be somebody else's.
    if !known.contains(&asked.redirect_uri) {
        return Err(AuthError::invalid("invalid redirect_uri"));
    }
    if asked.response_type.is_some_and(|kind| kind != "code") {
        return Err(AuthError::invalid("Only response_type=code is supported"));
    }
    let method = asked.code_challenge_method.to_lowercase();
    if !matches!(method.as_str(), "s256" | "plain") {
        return Err(AuthError::invalid(
            "PKCE flow requires both code_challenge and code_challenge_method",
        ));
    }
    if !(43..=128).contains(&asked.code_challenge.len()) {
        return Err(AuthError::invalid(
            "code_challenge must be between 43 and 128 characters",
        ));
    }
    let id = random_token(32)?;
    let page = format!("{}/agents?authorization_id={id}", gateway.site);
    let authorization = Authorization {
        id: id.clone(),
        program,
        redirect_uri: asked.redirect_uri,
        scope: asked.scope.unwrap_or_else(|| "email".to_owned()),
        state: asked.state,
        challenge: asked.code_challenge,
        is_plain: method == "plain",
        user: None,
        code: None,
        is_denied: false,
        expires_at: Timestamp::now() + LASTS,
    };
    programs.asked.insert(id, authorization);
    Ok((StatusCode::FOUND, [(header::LOCATION, page)]))
}

/// `GET /oauth/authorizations/{id}`: what is asked, or where to go when it was granted before.
pub(super) async fn details(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Answer {
    let (user, _) = signed_in(&gateway, caller.token).await?;
    let mut programs = gateway.programs();
    let granted = |asked: &Authorization, programs: &super::Programs| {
        programs.granted.get(&(user.id, asked.program)).cloned()
    };
    let asked = open(&mut programs, &id, user.id)?;
    let first = asked.user.replace(user.id).is_none();
    let asked = asked.clone();
    let covered =
        granted(&asked, &programs).is_some_and(|grant| covers(&grant.scope, &asked.scope));
    if first && covered {
        let asked = open(&mut programs, &id, user.id)?;
        return Ok(Json(json!({ "redirect_url": approve(asked)? })));
    }
    let program = &programs.registered[&asked.program];
    Ok(Json(json!({
        "authorization_id": asked.id,
        "redirect_uri": asked.redirect_uri,
        "client": described(program),
        "user": { "id": user.id, "email": user.email },
        "scope": asked.scope,
    })))
}

#[derive(Deserialize)]
struct Decision {
    #[serde(default)]
    action: String,
}

/// `POST /oauth/authorizations/{id}/consent`.
pub(super) async fn decide(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    caller: Caller,
    body: Bytes,
) -> Answer {
    let (user, _) = signed_in(&gateway, caller.token).await?;
    let decision: Decision = read_json(&body)?;
    let mut programs = gateway.programs();
    let asked = open(&mut programs, &id, user.id)?;
    if asked.user.is_none() {
        return Err(not_found());
    }
    let redirect_url = match decision.action.as_str() {
        "approve" => {
            let target = approve(asked)?;
            let (program, scope) = (asked.program, asked.scope.clone());
            let at = Timestamp::now();
            programs
                .granted
                .insert((user.id, program), Grant { scope, at });
            target
        }
        "deny" => {
            asked.is_denied = true;
            let error = [
                ("error", "access_denied"),
                ("error_description", "User denied the request"),
            ];
            redirect(asked, &error)?
        }
        _ => return Err(AuthError::invalid("action must be 'approve' or 'deny'")),
    };
    Ok(Json(json!({ "redirect_url": redirect_url })))
}

/// What the user may answer.
fn open<'a>(
    programs: &'a mut super::Programs,
    id: &str,
    user: Uuid,
) -> Result<&'a mut Authorization, AuthError> {
    let asked = programs.asked.get_mut(id).ok_or_else(not_found)?;
    if asked.user.is_some_and(|first| first != user) {
        return Err(not_found());
    }
    if !asked.is_open() {
        return Err(AuthError::invalid(
            "authorization request cannot be processed",
        ));
    }
    Ok(asked)
}

fn not_found() -> AuthError {
    AuthError::new(
        404,
        "oauth_authorization_not_found",
        "authorization not found",
    )
}

/// Whether a grant has every scope that is asked for.
fn covers(granted: &str, asked: &str) -> bool {
    asked
        .split(' ')
        .all(|scope| granted.split(' ').any(|known| known == scope))
}

fn approve(asked: &mut Authorization) -> Result<String, AuthError> {
    let code = random_token(32)?;
    asked.code = Some(code.clone());
    redirect(asked, &[("code", &code)])
}

/// The program's address, with what it is told.
fn redirect(asked: &Authorization, told: &[(&str, &str)]) -> Result<String, AuthError> {
    let mut url =
        Url::parse(&asked.redirect_uri).map_err(|_| AuthError::invalid("invalid redirect_uri"))?;
    url.query_pairs_mut()
        .extend_pairs(told)
        .extend_pairs(asked.state.iter().map(|state| ("state", state)));
    Ok(url.into())
}

fn described(program: &Program) -> Value {
    json!({ "id": program.id, "name": program.name, "uri": program.uri, "logo_uri": "" })
}

/// `GET /user/oauth/grants`.
pub(super) async fn grants(State(gateway): State<Arc<Gateway>>, caller: Caller) -> Answer {
    let (user, _) = signed_in(&gateway, caller.token).await?;
    let programs = gateway.programs();
    let grants = programs
        .granted
        .iter()
        .filter(|((of, _), _)| *of == user.id);
    let grants: Vec<Value> = grants
        .map(|((_, program), grant)| {
            let scopes: Vec<&str> = grant.scope.split(' ').collect();
            let client = described(&programs.registered[program]);
            json!({ "client": client, "scopes": scopes, "granted_at": grant.at.to_string() })
        })
        .collect();
    Ok(Json(json!(grants)))
}

#[derive(Deserialize)]
pub(super) struct Which {
    client_id: Uuid,
}

/// `DELETE /user/oauth/grants?client_id=`: also ends the program's sessions.
pub(super) async fn revoke(
    State(gateway): State<Arc<Gateway>>,
    Query(which): Query<Which>,
    caller: Caller,
) -> Result<StatusCode, AuthError> {
    let (user, _) = signed_in(&gateway, caller.token).await?;
    let grant = gateway
        .programs()
        .granted
        .remove(&(user.id, which.client_id));
    if grant.is_none() {
        let message = "No active grant found for this client";
        return Err(AuthError::new(404, "oauth_consent_not_found", message));
    }
    sessions::end_of_program(&gateway.users, user.id, which.client_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
