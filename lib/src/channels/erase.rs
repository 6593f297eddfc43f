//! Erasing: the grant is ended at Google, then everything stored about a channel is deleted. What a request cannot finish,
//! the step does.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::access;
use super::channel::ChannelState;
use crate::pipeline::{Claim, Outcome, StepCtx};
use crate::rendering::remove_copies;
use clients::google_oauth::GoogleOauth;
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::endpoint::{Ctx, Empty, Problem, Reply};
use platform::ids::{ChannelId, UserId};
use platform::outbound;

/// The step's kind.
pub const KIND: &str = "channel.erase";

/// From this attempt on a channel is erased even when Google cannot be told: the wish to be erased comes first.
const LAST_ATTEMPTS: u32 = 6;

/// How long Google may take to end a grant.
const REVOKE: Duration = Duration::from_secs(6);

/// What is needed to end a grant at Google.
#[derive(Debug, Deserialize)]
struct Grant {
    channel_id: ChannelId,
    /// Null when the channel is gone.
    state: Option<ChannelState>,
    owner_id: Option<UserId>,
    refresh_token: Option<String>,
}

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Erased {
    /// Nothing is left.
    Now,
    /// The rest follows in the background.
    Soon,
}

impl Erased {
    /// 204, or 202 when the rest follows; the step that does it is due.
    #[must_use]
    pub fn reply(self, ctx: &Ctx) -> Reply<Empty> {
        match self {
            Self::Now => Reply::no_content(),
            Self::Soon => {
                ctx.wake_dispatcher();
                Reply::no_content().status(StatusCode::ACCEPTED)
            }
        }
    }
}

/// Starts erasing a channel and tries to finish within the request.
///
/// # Errors
///
/// Refusals of the role or the version.
pub async fn channel(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    id: ChannelId,
    version: Option<i64>,
) -> Result<Erased, Problem> {
    let arguments = json!({"p_user": user, "p_channel": id, "p_version": version});
    let grant: Grant = engine.call("begin_erase_channel", &arguments).await?;
    Ok(at_once(engine, config, &grant).await)
}

/// Starts erasing a user with every channel they own, and tries to finish within the request.
///
/// # Errors
///
/// A version that is not the newest.
pub async fn user(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    version: Option<i64>,
) -> Result<Erased, Problem> {
    #[derive(Deserialize)]
    struct Begun {
        channels: Vec<Grant>,
    }
    let arguments = json!({"p_user": user, "p_version": version});
    let begun: Begun = engine.call("begin_erase_user", &arguments).await?;
    let erasures = begun.channels.iter();
    let erased = join_all(erasures.map(|grant| at_once(engine, config, grant))).await;
    Ok(erased.into_iter().max().unwrap_or(Erased::Now))
}

async fn at_once(engine: &Db, config: &'static Config, grant: &Grant) -> Erased {
    match finish(engine, config, grant, false).await {
        Ok(true) => Erased::Now,
        Ok(false) => Erased::Soon,
        Err(error) => {
            tracing::warn!(channel.id = %grant.channel_id, error = %error, "a channel could not be erased at once");
            Erased::Soon
        }
    }
}

/// Runs the step.
pub(crate) async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match resume(ctx, claim).await {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::retry(
            "revoke_failed",
            "Google could not be told to end the grant, or copies of rendered files not be removed.",
        ),
        Err(error) => Outcome::retry("database_unavailable", error.to_string()),
    }
}

async fn resume(ctx: &StepCtx, claim: &Claim) -> Result<bool, DbError> {
    let engine = ctx.engine();
    let arguments = json!({"p_channel": claim.subject_id});
    let grant: Grant = engine.call("credentials_to_revoke", &arguments).await?;
    let anyway = claim.attempt >= LAST_ATTEMPTS;
    finish(&engine, ctx.config(), &grant, anyway).await
}

/// Removes the copies of rendered files and ends the grant, then deletes the channel. `anyway`: delete even when Google or
/// Storage cannot be asked, because the user's wish must not wait for them for ever; the tokens go with the row, and what is
/// left of the files is swept. False: not done yet, try again.
async fn finish(
    engine: &Db,
    config: &'static Config,
    grant: &Grant,
    anyway: bool,
) -> Result<bool, DbError> {
    if !matches!(grant.state, None | Some(ChannelState::Erasing)) {
        return Ok(true);
    }
    // Before the rows, because afterwards nobody knows of them; and again for a channel that is gone, whose last copy may
    // have been on its way.
    if let Err(error) = remove_copies(config, grant.channel_id).await {
        tracing::warn!(channel.id = %grant.channel_id, error = %error, "copies of rendered files could not be removed");
        if grant.state.is_none() || !anyway {
            return Ok(false);
        }
    }
    if grant.state.is_none() {
        return Ok(true);
    }
    let revoked = revoke(config, grant).await;
    if !revoked && !anyway {
        return Ok(false);
    }
    let arguments = json!({"p_channel": grant.channel_id, "p_revoked": revoked});
    let _: serde_json::Value = engine.call("erase_channel", &arguments).await?;
    Ok(true)
}

/// Whether there is no grant left at Google. A token that cannot be opened is one that nobody can use.
async fn revoke(config: &'static Config, grant: &Grant) -> bool {
    let (Some(owner), Some(sealed)) = (grant.owner_id, &grant.refresh_token) else {
        return true;
    };
    let Ok((google, keys)) = access::google(config) else {
        return false;
    };
    let context = access::encryption_context("refresh_token", grant.channel_id, owner);
    let token = match keys.open(&context, sealed) {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(channel.id = %grant.channel_id, error = %error, "a grant cannot be ended at Google");
            return true;
        }
    };
    let oauth = GoogleOauth::new(outbound::transport().clone(), google);
    match oauth.revoke(&token, Instant::now() + REVOKE).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(channel.id = %grant.channel_id, error = %error, "a grant could not be ended at Google");
            false
        }
    }
}
