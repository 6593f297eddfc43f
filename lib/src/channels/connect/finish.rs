//! Finishing a consent: Google's code becomes tokens, and the tokens tell the channel.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
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

/// How long Google may take to end a grant that led to nothing.
const REVOKE: Duration = Duration::from_secs(5);

/// What Google's redirect brought, from the fragment of the page that it led to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishBody {
    /// The state of the consent.
    #[schema(min_length = 1, max_length = 512)]
    pub state: String,
    /// The code to exchange.
    #[schema(min_length = 1, max_length = 4096)]
    pub code: Option<String>,
    /// Why there is no code, for example `access_denied`.
    #[schema(max_length = 4096)]
    pub error: Option<String>,
}

/// A channel that was connected.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectedChannel {
    /// The channel.
    #[serde(flatten)]
    pub channel: Channel,
    /// Where the browser goes now, as `connect` was told.
    pub return_to: String,
}

#[derive(Debug, Deserialize)]
struct State {
    id: Uuid,
    code_verifier: String,
    return_to: String,
    /// The channel, when this consent was finished before.
    finished: Option<Channel>,
}

/// What Google granted.
struct Grant {
    tokens: Tokens,
    asked_at: Timestamp,
    scopes: Vec<String>,
    features: Features,
    /// Hash of Google's name for the account.
    account: Option<String>,
}

/// Finishes a consent of this user. The state is used up whatever comes of it; the one that ended well gives its channel
/// again.
///
/// # Errors
///
/// A state that is not this user's, before anything is asked of Google; then what Google, YouTube and the database refuse
/// with. A grant that came of it and led to no channel is ended.
pub async fn finish(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    body: &FinishBody,
    deadline: Instant,
) -> Result<ConnectedChannel, Problem> {
    let (settings, keys) = google(config)?;
    let arguments = json!({"p_state_hash": sha256_text(&body.state), "p_user": user});
    let state: State = engine.call("take_state", &arguments).await?;
    let channel = match state.finished {
        Some(channel) => channel,
        None => {
            let oauth = GoogleOauth::new(outbound::transport().clone(), settings);
            let code = code(body)?;
            let grant = exchange(&oauth, config, keys, user, &state, code, deadline).await?;
            let found = recognise(settings, &grant, deadline).await;
            let youtube_id = found.as_ref().ok().map(|channel| channel.id.clone());
            let stored = async { store(engine, keys, user, state.id, &found?, &grant).await }.await;
            if stored.is_err() {
                revoke_unused(engine, &oauth, &grant, youtube_id.as_deref()).await;
            }
            stored?
        }
    };
    Ok(ConnectedChannel {
        channel: channel.with_attention(),
        return_to: state.return_to,
    })
}

fn code(body: &FinishBody) -> Result<&str, Problem> {
    match (&body.error, &body.code) {
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
    user: UserId,
    state: &State,
    code: &str,
    deadline: Instant,
) -> Result<Grant, Problem> {
    let context = encryption_context(state.id, user);
    let verifier = keys
        .open(&context, &state.code_verifier)
        .map_err(Problem::internal)?;
    let asked_at = clock::now();
    let redirect_uri = redirect_uri(config);
    let tokens = oauth.exchange(code, &verifier, &redirect_uri, deadline);
    let tokens = tokens.await.map_err(exchange_problem)?;
    let all = || google_oauth::SCOPES.map(str::to_owned).to_vec();
    let scopes = tokens.scopes.clone().unwrap_or_else(all);
    Ok(Grant {
        features: Features::of(&scopes),
        account: tokens.account.as_deref().map(sha256_text),
        tokens,
        asked_at,
        scopes,
    })
}

/// The channel that the grant is for.
async fn recognise(
    settings: &google_oauth::Settings,
    grant: &Grant,
    deadline: Instant,
) -> Result<ChannelResource, Problem> {
    let Features { read, upload, .. } = grant.features;
    if !read {
        let refused = if upload {
            "Permission to view the channel was not ticked, so it cannot be recognised."
        } else {
            "No permission for YouTube was ticked, so the channel cannot even be recognised."
        };
        return Err(Problem::new(Kind::ConsentFailed).detail(format!(
            "{refused} Connect it again and leave every box ticked."
        )));
    }
    let youtube = YouTube::new(outbound::transport().clone(), settings);
    let channel = youtube.my_channel(&grant.tokens.access, deadline).await;
    channel.map_err(channel_problem)?.ok_or_else(no_channel)
}

async fn store(
    engine: &Db,
    keys: &KeyRing,
    user: UserId,
    state: Uuid,
    channel: &ChannelResource,
    grant: &Grant,
) -> Result<Channel, Problem> {
    let id = channel_id(&channel.id);
    let sealed = SealedTokens::new(&grant.tokens, keys, id, user, grant.asked_at)
        .map_err(Problem::internal)?;
    let arguments = json!({
        "p_user": user,
        "p_state": state,
        "p_channel": {
            "id": id, "youtube_channel_id": channel.id, "title": channel.title, "handle": channel.handle,
            "thumbnail_url": channel.thumbnail_url, "uploads_playlist_id": channel.uploads_playlist_id,
            "subscriber_count": channel.subscriber_count, "features": grant.features,
        },
        "p_credentials": {
            "refresh_token": sealed.refresh_token, "access_token": sealed.access_token,
            "access_token_expires_at": sealed.expires_at, "granted_scopes": grant.scopes,
            "permission_expires_at": sealed.permission_expires_at, "google_account": grant.account,
        },
    });
    Ok(engine.call("finish_connect", &arguments).await?)
}

/// Ends a grant that led to no channel. Revoking one token ends all that its Google account allowed this project, so it is
/// left alone while a channel here lives on it, and while that cannot be found out.
async fn revoke_unused(engine: &Db, oauth: &GoogleOauth, grant: &Grant, youtube_id: Option<&str>) {
    let arguments = json!({"p_google_account": grant.account, "p_youtube_channel": youtube_id});
    let unused = engine.call::<_, bool>("is_grant_unused", &arguments).await;
    if !matches!(unused, Ok(true)) {
        return;
    }
    let token = grant.tokens.access.expose();
    if let Err(error) = oauth.revoke(token, Instant::now() + REVOKE).await {
        tracing::warn!(error = %error, "a grant that led to no channel could not be ended at Google");
    }
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
