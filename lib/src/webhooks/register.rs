//! Creating and changing webhook endpoints.

use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::endpoint::{Endpoint, EndpointState, EventType};
use super::{deliver::guard, secret::Drawn};
use clients::download::Forbidden;
use platform::endpoint::{Idempotency, Kind, Problem};
use platform::ids::{ChannelId, EndpointId, UserId};
use platform::nullable::{emptied, given, required};
use platform::{config::Config, db::Db, field_errors::FieldErrors};

/// A new endpoint, with the secret that signs its deliveries.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// `whsec_` and the key in base64. Shown now and never again: null when the same request is repeated. Who has lost it
    /// asks for a new one.
    pub secret: Option<String>,
}

/// A new endpoint.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointBody {
    /// A public https address without port, credentials and fragment.
    #[schema(
        format = "webhook-url",
        max_length = 2048,
        example = "https://example.com/hooks/catalyst"
    )]
    pub url: String,
    /// What it is for, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub description: Option<String>,
    /// Only these events; all when empty or absent.
    #[schema(max_items = 32)]
    #[serde(default)]
    pub events: Vec<EventType>,
    /// Only events of this channel; all channels of yours when absent.
    pub channel_id: Option<ChannelId>,
}

/// Changes of an endpoint. A field that is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndpointChanges {
    /// A public https address without port, credentials and fragment.
    #[schema(value_type = String, required = false, format = "webhook-url", max_length = 2048)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub url: Option<String>,
    /// What it is for, 1 to 200 characters; null clears it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub description: Option<Option<String>>,
    /// Only these events; all when empty or null.
    #[schema(max_items = 32)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "emptied")]
    pub events: Option<Vec<EventType>>,
    /// Whether anything is sent. What was missed while it was not can be replayed.
    #[schema(value_type = EndpointState, required = false)]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "required")]
    pub state: Option<EndpointState>,
}

/// The rule that an endpoint's address breaks.
fn broken_rule(config: &Config, address: &str) -> Option<&'static str> {
    Some(match guard(config).check(address) {
        Ok(url) if Url::parse(url.as_str()).is_ok_and(|url| url.fragment().is_some()) => {
            "must have no fragment"
        }
        Ok(_) if address.len() > 2048 => "must have at most 2048 characters",
        Ok(_) => return None,
        Err(Forbidden::Malformed) => "must be an address, for example https://example.com/hooks",
        Err(Forbidden::Scheme) => "must begin with https://",
        Err(Forbidden::Port) => "must name no port",
        Err(Forbidden::Credentials) => "must hold no user name and no password",
        Err(_) => "must name a host on the public internet",
    })
}

/// Checks the fields that are given.
fn check(
    config: &Config,
    url: Option<&str>,
    description: Option<&str>,
    events: &[EventType],
) -> Result<(), Problem> {
    let mut errors = FieldErrors::default();
    if let Some(rule) = url.and_then(|url| broken_rule(config, url)) {
        errors.add("/url", rule);
    }
    if let Some(description) = description {
        errors.check_text("/description", description, 200);
    }
    if events.len() > 32 {
        errors.add("/events", "must have at most 32 entries");
    }
    errors.into_result()
}

/// Creates an endpoint.
///
/// # Errors
///
/// The fields that are not acceptable, a channel that is not the caller's, more than ten endpoints.
pub async fn create(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    idempotency: Option<&Idempotency>,
    body: &EndpointBody,
) -> Result<NewEndpoint, Problem> {
    let description = body.description.as_deref();
    check(config, Some(&body.url), description, &body.events)?;
    let (id, drawn) = (Uuid::now_v7(), Drawn::new(config, user)?);
    let arguments = json!({"p_user": user, "p_idempotency": idempotency, "p_endpoint": {
        "id": id, "secret_id": drawn.id, "secret": drawn.sealed, "url": body.url,
        "description": body.description, "events": body.events, "channel_id": body.channel_id,
    }});
    let endpoint: Endpoint = engine.call("create_webhook_endpoint", &arguments).await?;
    let secret = drawn.shown_if(endpoint.id.0 == id);
    Ok(NewEndpoint { endpoint, secret })
}

/// Changes an endpoint; a field that is absent stays.
///
/// # Errors
///
/// The fields that are not acceptable, a version that is not the newest.
pub async fn update(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    id: EndpointId,
    version: Option<i64>,
    changes: &EndpointChanges,
) -> Result<Endpoint, Problem> {
    if *changes == EndpointChanges::default() {
        return Err(Problem::new(Kind::InvalidBody)
            .detail("Give url, description, events or state.")
            .pointer("", "must hold url, description, events or state"));
    }
    let description = changes.description.as_ref().and_then(Option::as_deref);
    let events = changes.events.as_deref().unwrap_or_default();
    check(config, changes.url.as_deref(), description, events)?;
    let arguments =
        json!({"p_user": user, "p_endpoint": id, "p_version": version, "p_changes": changes});
    Ok(engine.call("update_webhook_endpoint", &arguments).await?)
}
