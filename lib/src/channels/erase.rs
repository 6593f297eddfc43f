//! Erasing: the grant is ended at Google, then everything stored about a channel is deleted. What a request cannot finish,
//! the step does.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

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

/// The kind of the step that erases a channel.
pub const KIND: &str = "channel.erase";
/// The kind of the step that erases what is left of a user.
pub const USER_KIND: &str = "user.erase";

/// From this attempt on a channel is erased even when Google cannot be told: the wish to be erased comes first.
const LAST_ATTEMPTS: u32 = 6;

/// How long Google may take to end a grant.
const REVOKE: Duration = Duration::from_secs(6);
/// For how long a request goes on deleting; the step does the rest.
const AT_ONCE: Duration = Duration::from_secs(3);

/// What is needed to end a grant at Google.
#[derive(Debug, Deserialize)]
struct Grant {
    channel_id: ChannelId,
    /// Null when the channel is gone.
    state: Option<ChannelState>,
    owner_id: Option<UserId>,
    refresh_token: Option<String>,
    /// Whether videos are still to be withdrawn, for which the grant is needed.
    #[serde(default)]
    withdrawing: bool,
    /// Whether another channel here lives on the same Google account, whose grants all end together.
    #[serde(default)]
    shared: bool,
}

/// How far an erasure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// Nothing is left.
    Now,
    /// The rest follows in the background.
    Soon,
}

impl From<bool> for Erased {
    fn from(nothing_left: bool) -> Self {
        if nothing_left { Self::Now } else { Self::Soon }
    }
}

impl Erased {
    /// 204, or 202 when the rest follows, as `location` shows; the step that does it is due.
    #[must_use]
    pub fn reply(self, ctx: &Ctx, location: &str) -> Reply<Empty> {
        match self {
            Self::Now => Reply::no_content(),
            Self::Soon => {
                ctx.wake_dispatcher();
                Reply::follow(location)
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
    if erased.contains(&Erased::Soon) {
        return Ok(Erased::Soon);
    }
    Ok(Erased::from(delete_user(engine, user, AT_ONCE).await?))
}

async fn at_once(engine: &Db, config: &'static Config, grant: &Grant) -> Erased {
    let finished = finish(engine, config, grant, false, AT_ONCE).await;
    finished.map_or_else(
        |error| {
            tracing::warn!(channel.id = %grant.channel_id, error = %error, "a channel could not be erased at once");
            Erased::Soon
        },
        |progress| Erased::from(progress == Progress::Over),
    )
}

/// Runs the step that erases a channel.
pub(crate) async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match resume(ctx, claim).await {
        Ok(Progress::Over) => Outcome::Done,
        Ok(Progress::Deleting) => Outcome::continue_now("deleting"),
        // The end of each withdrawal wakes this step; the wait is for what gets lost.
        Ok(Progress::Withdrawing) => Outcome::snooze(Duration::from_secs(60), "withdrawing"),
        Ok(Progress::NotRevoked) => Outcome::retry(
            "revoke_failed",
            "Google could not be told to end the grant.",
        ),
        Ok(Progress::FilesLeft) => Outcome::retry(
            "files_left",
            "Copies of rendered files could not be removed.",
        ),
        Err(error) => Outcome::retry("database_unavailable", error.to_string()),
    }
}

/// Runs the step that erases what is left of a user without channels.
pub(crate) async fn run_user(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match delete_user(&ctx.engine(), UserId(claim.subject_id), ctx.time_left()).await {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::continue_now("deleting"),
        Err(error) => Outcome::retry("database_unavailable", error.to_string()),
    }
}

async fn resume(ctx: &StepCtx, claim: &Claim) -> Result<Progress, DbError> {
    let engine = ctx.engine();
    let arguments = json!({"p_channel": claim.subject_id});
    let grant: Grant = engine.call("credentials_to_revoke", &arguments).await?;
    let anyway = claim.attempt >= LAST_ATTEMPTS;
    finish(&engine, ctx.config(), &grant, anyway, ctx.time_left()).await
}

/// Where the erasure of a channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Over,
    /// There is more to delete than there was time for.
    Deleting,
    /// Videos have to be withdrawn first.
    Withdrawing,
    /// Google could not be asked to end the grant; try again.
    NotRevoked,
    /// Copies of rendered files could not be removed; try again.
    FilesLeft,
}

/// Removes the copies of rendered files and ends the grant, then deletes the channel, for so long. `anyway`: delete even when
/// Storage or Google cannot be asked, because the user's wish must not wait for them for ever; the tokens go with the row,
/// and what is left of the files is swept.
async fn finish(
    engine: &Db,
    config: &'static Config,
    grant: &Grant,
    anyway: bool,
    time: Duration,
) -> Result<Progress, DbError> {
    if !matches!(grant.state, None | Some(ChannelState::Erasing)) {
        return Ok(Progress::Over);
    }
    if grant.withdrawing {
        return Ok(Progress::Withdrawing);
    }
    // Before the rows, because afterwards nobody knows of them; and again for a channel that is gone, whose last copy may
    // have been on its way.
    if let Err(error) = remove_copies(config, grant.channel_id).await {
        tracing::warn!(channel.id = %grant.channel_id, error = %error, "copies of rendered files could not be removed");
        if grant.state.is_none() || !anyway {
            return Ok(Progress::FilesLeft);
        }
    }
    if grant.state.is_none() {
        return Ok(Progress::Over);
    }
    let ended = end_grant(config, grant).await;
    if ended == GrantEnd::Later && !anyway {
        return Ok(Progress::NotRevoked);
    }
    let revoked = ended == GrantEnd::Confirmed;
    let arguments = json!({"p_channel": grant.channel_id, "p_revoked": revoked});
    Ok(
        match delete(engine, "erase_channel", &arguments, time).await? {
            true => Progress::Over,
            false => Progress::Deleting,
        },
    )
}

async fn delete_user(engine: &Db, user: UserId, time: Duration) -> Result<bool, DbError> {
    delete(engine, "erase_user", &json!({"p_user": user}), time).await
}

/// Deletes part after part, each in a statement of its own, for so long. True: nothing is left.
async fn delete(
    engine: &Db,
    function: &str,
    arguments: &Value,
    time: Duration,
) -> Result<bool, DbError> {
    #[derive(Deserialize)]
    struct Part {
        more: bool,
    }
    let began = Instant::now();
    loop {
        let part: Part = engine.call(function, arguments).await?;
        if !part.more || began.elapsed() > time {
            return Ok(!part.more);
        }
    }
}

/// What became of a channel's grant at Google.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GrantEnd {
    /// Google says that it has ended.
    Confirmed,
    /// There is no token to end it with, or none that can be opened: nobody can use the grant from here, but it was not
    /// ended either.
    NoToken,
    /// Another channel needs it, and will end it.
    Shared,
    /// Google could not be asked.
    Later,
}

async fn end_grant(config: &'static Config, grant: &Grant) -> GrantEnd {
    let (Some(owner), Some(sealed)) = (grant.owner_id, &grant.refresh_token) else {
        return GrantEnd::NoToken;
    };
    if grant.shared {
        return GrantEnd::Shared;
    }
    let Ok((google, keys)) = access::google(config) else {
        return GrantEnd::Later;
    };
    let context = access::encryption_context("refresh_token", grant.channel_id, owner);
    let token = match keys.open(&context, sealed) {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(channel.id = %grant.channel_id, error = %error, "a grant cannot be ended at Google");
            return GrantEnd::NoToken;
        }
    };
    let oauth = GoogleOauth::new(outbound::transport().clone(), google);
    match oauth
        .revoke(token.expose_secret(), Instant::now() + REVOKE)
        .await
    {
        Ok(()) => GrantEnd::Confirmed,
        Err(error) => {
            tracing::warn!(channel.id = %grant.channel_id, error = %error, "a grant could not be ended at Google");
            GrantEnd::Later
        }
    }
}
