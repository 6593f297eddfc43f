//! Outbound webhooks: the addresses that users register, what is sent there and what came of it.
//!
//! Events are written by the database, in the transaction that makes them true; the step `webhook.deliver` sends them.

pub mod signature;

use std::sync::OnceLock;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::channels::settings::refuse;
use clients::download::{Forbidden, Guard};
use clients::webhook::Sender;
use platform::config::Config;
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Idempotency, Kind, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, DeliveryId, EndpointId, UserId};
use platform::keys;
use platform::sealing::{EncryptionContext, KeyRing};

/// Something that users are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum EventType {
    /// A channel was connected for the first time.
    #[serde(rename = "channel.connected")]
    ChannelConnected,
    /// Google no longer accepts the permission.
    #[serde(rename = "channel.disconnected")]
    ChannelDisconnected,
    /// A channel and everything stored about it is gone.
    #[serde(rename = "channel.erased")]
    ChannelErased,
    /// What is stored about a channel will be erased soon, because its permission cannot be verified.
    #[serde(rename = "channel.purge_pending")]
    ChannelPurgePending,
    /// A channel was connected again.
    #[serde(rename = "channel.reconnected")]
    ChannelReconnected,
    /// A try, asked for by you.
    #[serde(rename = "ping")]
    Ping,
    /// A render was given up.
    #[serde(rename = "render.cancelled")]
    RenderCancelled,
    /// There will be no video.
    #[serde(rename = "render.failed")]
    RenderFailed,
    /// It is not known what became of a render.
    #[serde(rename = "render.outcome_unknown")]
    RenderOutcomeUnknown,
    /// A video was rendered.
    #[serde(rename = "render.ready")]
    RenderReady,
    /// A render was asked for.
    #[serde(rename = "render.requested")]
    RenderRequested,
    /// The render service took a render.
    #[serde(rename = "render.started")]
    RenderStarted,
    /// An upload was given up.
    #[serde(rename = "upload.cancelled")]
    UploadCancelled,
    /// An upload came to nothing.
    #[serde(rename = "upload.failed")]
    UploadFailed,
    /// An upload waits for you.
    #[serde(rename = "upload.needs_attention")]
    UploadNeedsAttention,
    /// The video is on YouTube, not public yet.
    #[serde(rename = "upload.on_youtube")]
    UploadOnYoutube,
    /// It is not known yet what became of an upload.
    #[serde(rename = "upload.outcome_unknown")]
    UploadOutcomeUnknown,
    /// The video is public.
    #[serde(rename = "upload.published")]
    UploadPublished,
    /// An upload goes out at another time.
    #[serde(rename = "upload.rescheduled")]
    UploadRescheduled,
    /// An upload was scheduled, or is on its way again.
    #[serde(rename = "upload.scheduled")]
    UploadScheduled,
    /// Bytes are being sent to YouTube.
    #[serde(rename = "upload.started")]
    UploadStarted,
}

/// An address to which events are sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Only events of this channel; null for all of yours.
    pub channel_id: Option<ChannelId>,
    /// Where events are posted.
    pub url: String,
    /// What it is for, in your words.
    pub description: Option<String>,
    /// Only these events; empty for all.
    pub events: Vec<EventType>,
    /// Whether anything is sent.
    pub state: EndpointState,
    /// Why nothing is.
    pub state_reason: Option<DisabledReason>,
    /// Since when every attempt has failed; null when the last one did not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failing_since: Option<Timestamp>,
    /// When an event last arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_delivered_at: Option<Timestamp>,
    /// Counts edits; the `ETag`.
    pub version: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When anything about it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Whether anything is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// Events are sent.
    Enabled,
    /// Nothing is sent, and nothing is kept for later.
    Disabled,
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// You disabled it.
    ByUser,
    /// It answered 410.
    Gone,
    /// It failed for five days on end.
    Failing,
}

/// A new endpoint, with the secret that its deliveries are signed with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// `whsec_` and the key in base64. Shown now and never again.
    pub secret: String,
}

/// A new secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewSecret {
    /// `whsec_` and the key in base64. Shown now and never again.
    pub secret: String,
    /// Until when deliveries carry a signature with the old secret as well; null when that has ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub old_accepted_until: Option<Timestamp>,
}

/// What is wanted of a new endpoint.
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
    #[serde(default)]
    pub description: Option<String>,
    /// Only these events; all when empty or absent.
    #[schema(max_items = 32)]
    #[serde(default)]
    pub events: Vec<EventType>,
    /// Only events of this channel; all channels of yours when absent.
    #[serde(default)]
    pub channel_id: Option<ChannelId>,
}

/// Changes of an endpoint. Fields that are absent stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndpointChanges {
    /// A public https address without port, credentials and fragment.
    #[schema(format = "webhook-url", max_length = 2048)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it is for, 1 to 200 characters; null clears it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub description: Option<Option<String>>,
    /// Only these events; all when empty.
    #[schema(max_items = 32)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<EventType>>,
    /// Whether anything is sent. What was missed while it was not can be replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// How a secret is replaced.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RotateBody {
    /// End the old secret at once, because others know it. Otherwise deliveries carry signatures with both for 24 hours.
    pub end_old: bool,
}

/// Tells a null from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint_id: EndpointId,
    /// The channel it tells of.
    pub channel_id: Option<ChannelId>,
    /// `webhook-id`: the same however often it is sent.
    pub event_id: String,
    /// What happened.
    pub event_type: EventType,
    /// The body, byte for byte as it is signed.
    pub body: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// The last 30 attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub delivered_at: Option<Timestamp>,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or to be sent again.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Given up, or its endpoint was disabled. It can be replayed.
    Failed,
}

impl DeliveryState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// The answer's status, when there was an answer.
    #[serde(default)]
    pub status: Option<u16>,
    /// Until the answer, in milliseconds.
    #[serde(default)]
    pub latency_ms: Option<u64>,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// 2xx.
    Delivered,
    /// 410: nothing is sent there any more.
    Gone,
    /// 3xx, which is never followed.
    Redirected,
    /// Any other status.
    Refused,
    /// No answer within 15 seconds.
    Timeout,
    /// No connection.
    Unreachable,
    /// The address is none that may be called (any more).
    Forbidden,
    /// Nobody saw its end: it may have arrived.
    Interrupted,
}

/// Which deliveries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesQuery {
    /// Only those to this endpoint.
    pub endpoint_id: Option<EndpointId>,
    /// Only those in this state.
    #[param(inline)]
    pub state: Option<DeliveryState>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, 1 to 100.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 25)]
    pub limit: PageSize,
}

/// The rules for addresses: public https, and this machine's own receivers on a local stack.
fn guard(config: &Config) -> Guard {
    if config.app.mocking {
        Guard::new().with_loopback()
    } else {
        Guard::new()
    }
}

/// What sends events in this process.
///
/// # Errors
///
/// When the HTTP client cannot be built, which no input can cause.
pub(crate) fn sender(config: &Config) -> Result<&'static Sender, reqwest::Error> {
    static SENDER: OnceLock<Sender> = OnceLock::new();
    if let Some(sender) = SENDER.get() {
        return Ok(sender);
    }
    let sender = Sender::new(guard(config))?;
    Ok(SENDER.get_or_init(|| sender))
}

/// Where a secret is sealed.
pub(crate) fn encryption_context(secret: Uuid, owner: UserId) -> EncryptionContext {
    EncryptionContext {
        table: "private.webhook_secrets",
        column: "secret",
        row: secret,
        owner: owner.0,
    }
}

fn check_url(config: &Config, address: &str, errors: &mut Vec<(String, String)>) {
    let rule = match guard(config).check(address) {
        Ok(url) if Url::parse(url.as_str()).is_ok_and(|url| url.fragment().is_some()) => {
            "must have no fragment"
        }
        Ok(_) if address.len() > 2048 => "must have at most 2048 characters",
        Ok(_) => return,
        Err(Forbidden::Malformed) => "must be an address, for example https://example.com/hooks",
        Err(Forbidden::Scheme) => "must begin with https://",
        Err(Forbidden::Port) => "must name no port",
        Err(Forbidden::Credentials) => "must hold no user name and no password",
        Err(_) => "must name a host on the public internet",
    };
    errors.push(("/url".into(), rule.into()));
}

fn check_description(description: &str, errors: &mut Vec<(String, String)>) {
    if description.trim().is_empty() || description.chars().count() > 200 {
        errors.push((
            "/description".into(),
            "must have 1 to 200 characters and not only blanks".into(),
        ));
    }
}

fn check_events(events: &[EventType], errors: &mut Vec<(String, String)>) {
    if events.len() > 32 {
        errors.push(("/events".into(), "must have at most 32 entries".into()));
    }
}

fn ring(config: &'static Config) -> Result<&'static KeyRing, Problem> {
    match keys::ring(config) {
        Some(Ok(ring)) => Ok(ring),
        Some(Err(error)) => Err(Problem::internal(error.clone())),
        None => Err(Problem::new(Kind::NotConfigured)
            .detail("This deployment has no TOKEN_ENCRYPTION_KEYS, so it can keep no secrets.")),
    }
}

/// A new secret under a new id: id and sealed text.
fn sealed(config: &'static Config, user: UserId) -> Result<(Uuid, String), Problem> {
    let id = Uuid::now_v7();
    let secret = signature::new_secret().map_err(Problem::internal)?;
    let sealed = ring(config)?
        .seal(&encryption_context(id, user), secret.expose_secret())
        .map_err(Problem::internal)?;
    Ok((id, sealed))
}

/// The secret as the database has it: a repeated request must give the same one, whatever was drawn meanwhile.
async fn stored_secret(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    endpoint: EndpointId,
) -> Result<SecretString, Problem> {
    #[derive(Deserialize)]
    struct Stored {
        id: Uuid,
        secret: String,
    }
    let stored: Stored = engine
        .call(
            "webhook_secret",
            &json!({"p_user": user, "p_endpoint": endpoint}),
        )
        .await?;
    ring(config)?
        .open(&encryption_context(stored.id, user), &stored.secret)
        .map_err(Problem::internal)
}

/// The caller's endpoints, oldest first. There are ten at most.
///
/// # Errors
///
/// As any read.
pub async fn endpoints(db: &Db) -> Result<Page<Endpoint>, Problem> {
    let items = db
        .from("webhook_endpoints")
        .select("*")
        .order("created_at.asc,id.asc")
        .rows::<Endpoint>()
        .await?;
    Ok(Page {
        items,
        next_cursor: None,
    })
}

/// One endpoint of the caller.
///
/// # Errors
///
/// [`Kind::NotFound`].
pub async fn endpoint(db: &Db, id: EndpointId) -> Result<Endpoint, Problem> {
    Ok(db
        .from("webhook_endpoints")
        .select("*")
        .eq("id", id)
        .one()
        .await?)
}

/// Makes an endpoint.
///
/// # Errors
///
/// The field that is not acceptable, a channel that is not the caller's, more than ten endpoints.
pub async fn create(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    idempotency: Option<&Idempotency>,
    body: &EndpointBody,
) -> Result<NewEndpoint, Problem> {
    let mut errors = Vec::new();
    check_url(config, &body.url, &mut errors);
    if let Some(description) = &body.description {
        check_description(description, &mut errors);
    }
    check_events(&body.events, &mut errors);
    refuse(errors)?;
    let (secret_id, sealed) = sealed(config, user)?;
    let endpoint: Endpoint = engine
        .call(
            "create_webhook_endpoint",
            &json!({"p_user": user, "p_idempotency": idempotency, "p_endpoint": {
                "id": Uuid::now_v7(), "secret_id": secret_id, "secret": sealed, "url": body.url,
                "description": body.description, "events": body.events, "channel_id": body.channel_id,
            }}),
        )
        .await?;
    let secret = stored_secret(engine, config, user, endpoint.id).await?;
    Ok(NewEndpoint {
        endpoint,
        secret: secret.expose_secret().to_owned(),
    })
}

/// Changes an endpoint; fields that are absent stay.
///
/// # Errors
///
/// The field that is not acceptable, a version that is not the newest.
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
            .detail("Give url, description, events or enabled.")
            .pointer("", "must hold url, description, events or enabled"));
    }
    let mut errors = Vec::new();
    if let Some(url) = &changes.url {
        check_url(config, url, &mut errors);
    }
    if let Some(Some(description)) = &changes.description {
        check_description(description, &mut errors);
    }
    if let Some(events) = &changes.events {
        check_events(events, &mut errors);
    }
    refuse(errors)?;
    Ok(engine
        .call(
            "update_webhook_endpoint",
            &json!({"p_user": user, "p_endpoint": id, "p_version": version, "p_changes": changes}),
        )
        .await?)
}

/// Deletes an endpoint with everything that was, or was to be, sent there.
///
/// # Errors
///
/// A version that is not the newest.
pub async fn delete(
    engine: &Db,
    user: UserId,
    id: EndpointId,
    version: Option<i64>,
) -> Result<(), Problem> {
    let () = engine
        .call(
            "delete_webhook_endpoint",
            &json!({"p_user": user, "p_endpoint": id, "p_version": version}),
        )
        .await?;
    Ok(())
}

/// Gives an endpoint a new secret.
///
/// # Errors
///
/// [`Kind::NotFound`].
pub async fn rotate(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    id: EndpointId,
    idempotency: Option<&Idempotency>,
    body: &RotateBody,
) -> Result<NewSecret, Problem> {
    #[derive(Deserialize)]
    struct Rotated {
        old_accepted_until: Option<Timestamp>,
    }
    let (secret_id, sealed) = sealed(config, user)?;
    let rotated: Rotated = engine
        .call(
            "rotate_webhook_secret",
            &json!({
                "p_user": user, "p_idempotency": idempotency, "p_endpoint": id, "p_secret_id": secret_id, "p_secret": sealed,
                "p_end_old": body.end_old,
            }),
        )
        .await?;
    let secret = stored_secret(engine, config, user, id).await?;
    Ok(NewSecret {
        secret: secret.expose_secret().to_owned(),
        old_accepted_until: rotated.old_accepted_until,
    })
}

/// Has a `ping` sent to an endpoint.
///
/// # Errors
///
/// [`Kind::InvalidState`] when it is disabled.
pub async fn test(engine: &Db, user: UserId, id: EndpointId) -> Result<Delivery, Problem> {
    Ok(engine
        .call(
            "test_webhook_endpoint",
            &json!({"p_user": user, "p_endpoint": id}),
        )
        .await?)
}

/// What was sent, or is to be sent, to the caller's endpoints, newest first.
///
/// # Errors
///
/// A cursor that is none of this list.
pub async fn deliveries(db: &Db, query: &DeliveriesQuery) -> Result<Page<Delivery>, Problem> {
    let mut rows = db
        .from("webhook_deliveries")
        .select("*")
        .order("created_at.desc,id.desc")
        .limit(query.limit.0 + 1);
    if let Some(endpoint) = query.endpoint_id {
        rows = rows.eq("endpoint_id", endpoint);
    }
    if let Some(state) = query.state {
        rows = rows.eq("state", state.as_str());
    }
    if let Some(cursor) = &query.cursor {
        let (at, id): (Timestamp, DeliveryId) = decode_cursor(cursor)?;
        rows = rows.or(&format!(
            "created_at.lt.\"{at}\",and(created_at.eq.\"{at}\",id.lt.{id})"
        ));
    }
    let rows: Vec<Delivery> = rows.rows().await?;
    Ok(Page::cut(rows, query.limit.0, |delivery| {
        (delivery.created_at, delivery.id)
    }))
}

/// One delivery to an endpoint of the caller.
///
/// # Errors
///
/// [`Kind::NotFound`].
pub async fn delivery(db: &Db, id: DeliveryId) -> Result<Delivery, Problem> {
    Ok(db
        .from("webhook_deliveries")
        .select("*")
        .eq("id", id)
        .one()
        .await?)
}

/// Has an event sent again, with its id and its bytes.
///
/// # Errors
///
/// [`Kind::InvalidState`] when the endpoint is disabled.
pub async fn replay(engine: &Db, user: UserId, id: DeliveryId) -> Result<Delivery, Problem> {
    Ok(engine
        .call(
            "replay_webhook_delivery",
            &json!({"p_user": user, "p_delivery": id}),
        )
        .await?)
}
