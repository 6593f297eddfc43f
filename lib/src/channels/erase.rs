//! Erasing: the grant is ended at Google, then everything stored about a channel goes. What a request cannot finish, the
//! step `channel.erase` does.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::{ChannelState, access};
use clients::google_oauth::GoogleOauth;
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::endpoint::Problem;
use platform::ids::{ChannelId, UserId};
use platform::outbound;

/// How long Google may take to end a grant.
const REVOKE: Duration = Duration::from_secs(6);

/// What is needed to end a grant.
#[derive(Debug, Deserialize)]
pub struct Grant {
    channel_id: ChannelId,
    /// Null when the channel is gone.
    state: Option<ChannelState>,
    owner_id: Option<UserId>,
    refresh_token: Option<String>,
}

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// Nothing is left.
    Now,
    /// The rest follows in the background.
    Soon,
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
    let grant: Grant = engine
        .call(
            "begin_erase_channel",
            &json!({"p_user": user, "p_channel": id, "p_version": version}),
        )
        .await?;
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
    let begun: Begun = engine
        .call(
            "begin_erase_user",
            &json!({"p_user": user, "p_version": version}),
        )
        .await?;
    let ends = begun
        .channels
        .iter()
        .map(|grant| at_once(engine, config, grant));
    let ends = futures_util::future::join_all(ends).await;
    Ok(if ends.iter().all(|end| *end == Erased::Now) {
        Erased::Now
    } else {
        Erased::Soon
    })
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

/// Reads what an interrupted erasure still needs.
///
/// # Errors
///
/// As any function call.
pub async fn grant(engine: &Db, id: ChannelId) -> Result<Grant, DbError> {
    engine
        .call("credentials_to_revoke", &json!({"p_channel": id}))
        .await
}

/// Ends the grant, then deletes the channel. `anyway`: delete even when Google cannot be asked, because the user's wish
/// must not wait for Google for ever; the tokens go with the row. False: Google could not be asked, try again.
///
/// # Errors
///
/// As any function call.
pub async fn finish(
    engine: &Db,
    config: &'static Config,
    grant: &Grant,
    anyway: bool,
) -> Result<bool, DbError> {
    if grant.state != Some(ChannelState::Erasing) {
        return Ok(true);
    }
    let revoked = revoke(config, grant).await;
    if !revoked && !anyway {
        return Ok(false);
    }
    let _: serde_json::Value = engine
        .call(
            "erase_channel",
            &json!({"p_channel": grant.channel_id, "p_revoked": revoked}),
        )
        .await?;
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
    let token = match keys.open(
        &access::encryption_context("refresh_token", grant.channel_id, owner),
        sealed,
    ) {
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
