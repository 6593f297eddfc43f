//! Deliveries: one event on its way to one endpoint.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::endpoint::EventType;
use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Idempotency, Page, PageSize, Problem, TimeOrder};
use platform::ids::{ChannelId, DeliveryId, EndpointId, UserId};

/// One event for one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint_id: EndpointId,
    /// The channel it is about.
    pub channel_id: Option<ChannelId>,
    /// `webhook-id`: the same however often it is sent.
    pub event_id: String,
    /// What happened.
    pub event_type: EventType,
    /// The body, byte for byte as it is signed.
    pub body: String,
    /// How far it is.
    pub state: DeliveryState,
    /// The last 30 attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or to be sent again.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Every attempt failed, or its endpoint was disabled. It can be replayed.
    Failed,
}

display_as_serialized!(DeliveryState);

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// Its result.
    pub outcome: AttemptOutcome,
    /// The answer's status, when there was an answer.
    pub status: Option<u16>,
    /// Time until the answer, in milliseconds.
    pub latency_ms: Option<u64>,
}

/// The result of an attempt.
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
    /// The address may not be called (any more).
    Forbidden,
    /// The process ended during the attempt: it may have arrived.
    Interrupted,
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveriesQuery {
    /// Only those to this endpoint.
    pub endpoint_id: Option<EndpointId>,
    /// Only those in this state.
    #[param(inline)]
    pub state: Option<DeliveryState>,
    /// What comes first: `newest` or `oldest`. A cursor goes on in the order that is asked for.
    #[param(inline)]
    pub sort: TimeOrder,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// Has a `ping` sent to an endpoint.
///
/// # Errors
///
/// `invalid_state` when it is disabled.
pub async fn test(
    engine: &Db,
    user: UserId,
    id: EndpointId,
    idempotency: Option<&Idempotency>,
) -> Result<Delivery, Problem> {
    let arguments = json!({"p_user": user, "p_idempotency": idempotency, "p_endpoint": id});
    Ok(engine.call("test_webhook_endpoint", &arguments).await?)
}

/// What was sent, or is to be sent, to the caller's endpoints.
///
/// # Errors
///
/// A cursor that is none of this list.
pub async fn deliveries(db: &Db, query: &DeliveriesQuery) -> Result<Page<Delivery>, Problem> {
    let rows = db
        .from("webhook_deliveries")
        .select("*")
        .eq_if("endpoint_id", query.endpoint_id)
        .eq_if("state", query.state);
    let cursor = query.cursor.as_deref();
    let rows = keyset::by_time(rows, "created_at", query.sort, cursor, query.limit)?;
    let rows: Vec<Delivery> = rows.rows().await?;
    Ok(Page::cut(rows, query.limit.0, |delivery| {
        (delivery.created_at, delivery.id)
    }))
}

/// One delivery to an endpoint of the caller.
///
/// # Errors
///
/// `not_found`.
pub async fn delivery(db: &Db, id: DeliveryId) -> Result<Delivery, Problem> {
    let rows = db.from("webhook_deliveries").select("*");
    Ok(rows.eq("id", id).one().await?)
}

/// Sends an event again, with the same id and bytes.
///
/// # Errors
///
/// `invalid_state` when the endpoint is disabled.
pub async fn replay(
    engine: &Db,
    user: UserId,
    id: DeliveryId,
    idempotency: Option<&Idempotency>,
) -> Result<Delivery, Problem> {
    let arguments = json!({"p_user": user, "p_idempotency": idempotency, "p_delivery": id});
    Ok(engine.call("replay_webhook_delivery", &arguments).await?)
}
