//! Estimating and requesting renders.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::script::{Prepared, RenderBody, prepare};
use super::{provider::provider, render::Render};
use crate::content::WORDS_PER_MINUTE;
use clients::revid::{Revid, VideoRequest};
use platform::endpoint::{Idempotency, Kind, Problem};
use platform::ids::{ContentId, UserId};
use platform::{config::Config, db::Db};

/// How long the provider may take to estimate.
const ESTIMATE_TIMEOUT: Duration = Duration::from_secs(8);

/// What a render would cost, and what is left to pay it from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenderEstimate {
    /// Credits.
    pub credits: u32,
    /// Where the number comes from: `provider`.
    pub basis: &'static str,
    /// What is left.
    pub allowance: Allowance,
    /// Whether the render would be accepted as things stand.
    pub affordable: bool,
    /// How many words are spoken.
    pub words: usize,
    /// About how long speaking them takes, at 150 words a minute.
    pub spoken_seconds: usize,
}

/// What may still be rendered.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = RenderAllowance)]
pub struct Allowance {
    /// Renders a month.
    pub renders_per_month: i64,
    /// Renders of this month, reserved ones included.
    pub renders_used: i64,
    /// First day of the next month.
    #[schema(value_type = String, format = Date)]
    pub renews_on: jiff::civil::Date,
    /// The dearest render that is accepted.
    pub credits_per_render: i64,
    /// What the deployment may still spend today.
    pub credits_left_today: i64,
}

/// What rendering a script would cost. Free, and reserves nothing.
///
/// # Errors
///
/// A [`Problem`] that names the field or the reason.
pub async fn estimate(
    config: &Config,
    db: &Db,
    user: UserId,
    body: &RenderBody,
) -> Result<RenderEstimate, Problem> {
    let revid = provider(config)?;
    let prepared = prepare(db, body, false).await?;
    let credits = price(&revid, &prepared.request).await?;
    let arguments = json!({ "p_user": user, "p_limits": limits(config) });
    let engine = Db::engine(config);
    let allowance: Allowance = engine.call("render_allowance", &arguments).await?;
    let words = prepared.request.spoken_lines().split_whitespace().count();
    Ok(RenderEstimate {
        credits,
        basis: "provider",
        affordable: i64::from(credits) <= allowance.credits_per_render
            && i64::from(credits) <= allowance.credits_left_today
            && allowance.renders_used < allowance.renders_per_month,
        allowance,
        words,
        spoken_seconds: words * 60 / WORDS_PER_MINUTE,
    })
}

/// Records that a script is to be rendered; the step does the rest.
///
/// # Errors
///
/// As [`quote`] and [`Quote::order`].
pub async fn request(
    config: &Config,
    db: &Db,
    user: UserId,
    idempotency: Option<&Idempotency>,
    body: &RenderBody,
) -> Result<Render, Problem> {
    let quote = quote(config, db, body).await?;
    quote.order(config, user, idempotency).await
}

/// An approved script with what rendering it costs. Nothing is reserved yet.
pub struct Quote {
    content: ContentId,
    prepared: Prepared,
    credits: u32,
}

/// Asks what a render that may be ordered costs.
///
/// # Errors
///
/// A [`Problem`] that names the field or the reason: not approved, or the provider does not say.
pub async fn quote(config: &Config, db: &Db, body: &RenderBody) -> Result<Quote, Problem> {
    let revid = provider(config)?;
    let prepared = prepare(db, body, true).await?;
    let credits = price(&revid, &prepared.request).await?;
    Ok(Quote {
        content: body.content_id,
        prepared,
        credits,
    })
}

impl Quote {
    /// What it costs, in credits.
    pub fn credits(&self) -> u32 {
        self.credits
    }

    /// The hash of the script that it was made from.
    pub fn content_hash(&self) -> &str {
        &self.prepared.content_hash
    }

    /// Records that it is wanted at this price.
    ///
    /// # Errors
    ///
    /// A [`Problem`] that names the reason: rendered already, allowance or budget used up, too costly.
    pub async fn order(
        self,
        config: &Config,
        user: UserId,
        idempotency: Option<&Idempotency>,
    ) -> Result<Render, Problem> {
        let arguments = json!({
            "p_user": user,
            "p_idempotency": idempotency,
            "p_content": self.content,
            "p_content_hash": self.prepared.content_hash,
            "p_request": self.prepared.request,
            "p_credits": self.credits,
            "p_estimate_basis": "provider",
            "p_limits": limits(config),
        });
        let engine = Db::engine(config);
        Ok(engine.call("request_render", &arguments).await?)
    }
}

/// The credits that the provider asks for. Without its word nothing is rendered: a price that nobody knows is under no cap.
async fn price(revid: &Revid, request: &VideoRequest) -> Result<u32, Problem> {
    let deadline = Instant::now() + ESTIMATE_TIMEOUT;
    revid.estimate(request, deadline).await.map_err(|error| {
        Problem::new(Kind::UpstreamUnavailable)
            .detail("The render service does not say what this video would cost, so it is not rendered. Try again shortly.")
            .source(error)
    })
}

/// What the deployment allows for renders, as the database takes it.
pub(crate) fn limits(config: &Config) -> Value {
    let (per_render, per_day) = config.revid.as_ref().map_or((0, 0), |revid| {
        (revid.credits_per_render, revid.credits_per_day)
    });
    json!({
        "renders_per_month": config.limits.renders_per_month,
        "credits_per_render": per_render,
        "credits_per_day": per_day,
    })
}
