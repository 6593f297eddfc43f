//! Finishing a consent: Google's code becomes tokens, and the tokens tell the channel.

use std::time::Instant;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::begin::{encryption_context, redirect_uri};
use crate::channels::Channel;
use crate::channels::access::{SealedTokens, google};
use clients::google_oauth::{self, Features, GoogleOauth, Tokens};
use clients::youtube::read::ChannelResource;
use clients::youtube::{self, ErrorKind, YouTube};
use platform::clock;
use platform::config::Config;
use platform::db::Db;
use platform::endpoint::{Kind, Problem};
use platform::ids::{ChannelId, UserId};
use platform::outbound;
use platform::random::sha256_text;
use platform::sealing::KeyRing;

const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_30d2_4b1e_5d0a_9a83_27c5_1a6e_40b7);

/// Where people are sent when they named no place.
const DEFAULT_RETURN: &str = "/channels";

/// What Google's redirect brings. Google adds parameters of its own, so unknown ones are no error here.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct Callback {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state that was sent.
    pub state: Option<String>,
    /// Why there is no code, for example `access_denied`.
    pub error: Option<String>,
}

/// A consent that came back.
#[derive(Debug)]
pub struct Finished {
    /// The channel, or why there is none.
    pub channel: Result<Channel, Problem>,
    /// Path on the front end to return to.
    pub return_to: String,
}

#[derive(Debug, Deserialize)]
struct State {
    id: Uuid,
    user_id: UserId,
    channel_id: Option<ChannelId>,
    code_verifier: String,
    return_to: Option<String>,
}

/// What Google granted.
struct Grant {
    tokens: Tokens,
    asked_at: Timestamp,
    scopes: Vec<String>,
    features: Features,
}

/// Takes what Google's redirect brought. The state is used up whatever comes of it.
///
/// `caller` is the signed-in user when the callback carries a token (a front end that hands it on); then the state must
/// be theirs. A browser that Google sends here carries none: the state alone says whose consent it is.
pub async fn finish(
    engine: &Db,
    config: &'static Config,
    caller: Option<UserId>,
    callback: &Callback,
    deadline: Instant,
) -> Finished {
    let mut return_to = DEFAULT_RETURN.to_owned();
    let channel = async {
        let (settings, keys) = google(config)?;
        let state = take_state(engine, caller, callback).await?;
        if let Some(path) = &state.return_to {
            return_to.clone_from(path);
        }
        let code = code(callback)?;
        let oauth = GoogleOauth::new(outbound::transport().clone(), settings);
        let grant = exchange(&oauth, config, keys, &state, code, deadline).await?;
        let channel = YouTube::new(outbound::transport().clone(), settings)
            .my_channel(&grant.tokens.access, deadline)
            .await
            .map_err(channel_problem)?
            .ok_or_else(no_channel)?;
        store(engine, keys, &state, &channel, &grant).await
    }
    .await;
    Finished { channel, return_to }
}

async fn take_state(
    engine: &Db,
    caller: Option<UserId>,
    callback: &Callback,
) -> Result<State, Problem> {
    let state = callback.state.as_deref().filter(|state| state.len() <= 512);
    let Some(state) = state else {
        return Err(Problem::new(Kind::StateExpired).detail(
            "Google's answer names no consent that was started here. Connect the channel again.",
        ));
    };
    let arguments = json!({"p_state_hash": sha256_text(state), "p_user": caller});
    Ok(engine.call("take_state", &arguments).await?)
}

fn code(callback: &Callback) -> Result<&str, Problem> {
    match (&callback.error, &callback.code) {
        (Some(error), _) if error == "access_denied" => {
            Err(Problem::new(Kind::ConsentRefused).detail(
                "You refused the permission at Google, so the channel was not connected. Connect it again if that was a mistake.",
            ))
        }
        (None, Some(code)) if !code.is_empty() && code.len() <= 4096 => Ok(code),
        _ => Err(Problem::new(Kind::ConsentFailed)
            .detail("Google ended the consent without a result. Connect the channel again.")),
    }
}

async fn exchange(
    oauth: &GoogleOauth,
    config: &Config,
    keys: &KeyRing,
    state: &State,
    code: &str,
    deadline: Instant,
) -> Result<Grant, Problem> {
    let context = encryption_context(state.id, state.user_id);
    let verifier = keys
        .open(&context, &state.code_verifier)
        .map_err(Problem::internal)?;
    let asked_at = clock::now();
    let tokens = oauth
        .exchange(code, &verifier, &redirect_uri(config), deadline)
        .await
        .map_err(exchange_problem)?;
    let scopes = tokens
        .scopes
        .clone()
        .unwrap_or_else(|| google_oauth::SCOPES.map(str::to_owned).to_vec());
    let features = Features::of(&scopes);
    if !features.read {
        let refused = if features.upload {
            "Permission to view the channel was not ticked, so it cannot be recognised."
        } else {
            "No permission for YouTube was ticked, so the channel cannot even be recognised."
        };
        return Err(Problem::new(Kind::ConsentFailed).detail(format!(
            "{refused} Connect it again and leave every box ticked."
        )));
    }
    Ok(Grant {
        tokens,
        asked_at,
        scopes,
        features,
    })
}

async fn store(
    engine: &Db,
    keys: &KeyRing,
    state: &State,
    channel: &ChannelResource,
    grant: &Grant,
) -> Result<Channel, Problem> {
    let id = channel_id(&channel.id);
    let sealed = SealedTokens::new(&grant.tokens, keys, id, state.user_id, grant.asked_at)
        .map_err(Problem::internal)?;
    let arguments = json!({
        "p_user": state.user_id,
        "p_expected": state.channel_id,
        "p_channel": {
            "id": id, "youtube_channel_id": channel.id, "title": channel.title, "handle": channel.handle,
            "thumbnail_url": channel.thumbnail_url, "uploads_playlist_id": channel.uploads_playlist_id,
            "subscriber_count": channel.subscriber_count, "features": grant.features,
        },
        "p_credentials": {
            "refresh_token": sealed.refresh_token, "access_token": sealed.access_token,
            "access_token_expires_at": sealed.expires_at, "granted_scopes": grant.scopes,
            "permission_expires_at": sealed.permission_expires_at,
        },
    });
    let stored: Channel = engine.call("finish_connect", &arguments).await?;
    Ok(stored.with_attention())
}

/// Our id of a YouTube channel. It follows from YouTube's, so that whoever connects the channel, its tokens are bound to the same row.
fn channel_id(youtube: &str) -> ChannelId {
    ChannelId(Uuid::new_v5(&NAMESPACE, youtube.as_bytes()))
}

fn no_channel() -> Problem {
    Problem::new(Kind::NoChannel).detail(
        "This Google account has no YouTube channel. Create one at https://www.youtube.com/create_channel, or connect again and pick the account or brand account that has one.",
    )
}

fn exchange_problem(error: google_oauth::Error) -> Problem {
    let (kind, detail) = match error {
        google_oauth::Error::InvalidGrant { .. } => (
            Kind::ConsentFailed,
            "Google no longer accepts this consent: it was used already or has expired. Connect the channel again.",
        ),
        google_oauth::Error::InvalidClient { .. } => (
            Kind::NotConfigured,
            "Google does not accept this deployment's OAuth client. Its operator has to check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.",
        ),
        _ if error.is_transient() => (
            Kind::UpstreamUnavailable,
            "Google does not answer right now. Connect the channel again in a few minutes.",
        ),
        _ => (
            Kind::UpstreamFailed,
            "Google gave no usable answer. Connect the channel again.",
        ),
    };
    Problem::new(kind).detail(detail).source(error)
}

fn channel_problem(error: youtube::Error) -> Problem {
    let (kind, detail) = match error.kind() {
        Some(ErrorKind::NoChannel) => return no_channel(),
        Some(ErrorKind::AccountBroken) => (
            Kind::ConsentFailed,
            "YouTube says that this account is closed or suspended. Pick another account.",
        ),
        Some(ErrorKind::DailyQuota) => (
            Kind::QuotaExhausted,
            "YouTube's daily allowance of this deployment is used up. Connect the channel again after midnight in Los Angeles.",
        ),
        _ if error.is_transient() => (
            Kind::UpstreamUnavailable,
            "YouTube does not answer right now. Connect the channel again in a few minutes.",
        ),
        _ => (
            Kind::UpstreamFailed,
            "YouTube gave no usable answer. Connect the channel again.",
        ),
    };
    Problem::new(kind).detail(detail).source(error)
}

#[cfg(test)]
mod tests;
