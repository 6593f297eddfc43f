//! Connecting a channel: Google's consent with PKCE and a single-use state bound to the user, then the channel itself.

use std::time::Instant;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Channel;
use super::access::{self, SealedTokens};
use clients::google_oauth::{self, Consent, Features, GoogleOauth, Tokens};
use clients::youtube::{self, ErrorKind, YouTube};
use platform::config::Config;
use platform::db::Db;
use platform::endpoint::{Kind, Problem};
use platform::ids::{ChannelId, UserId};
use platform::outbound;
use platform::random;
use platform::sealing::{EncryptionContext, KeyRing};

/// A channel's id follows from YouTube's, so that whoever connects it, its tokens are bound to the same row.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_30d2_4b1e_5d0a_9a83_27c5_1a6e_40b7);

/// Path of the callback; the redirect URI that Google must know is this path on `APP_URL`.
pub const CALLBACK: &str = "/api/channels/callback";

/// Where people are sent when they named no place.
const DEFAULT_RETURN: &str = "/channels";

/// What starts a consent.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectBody {
    /// Reconnects this channel; consent for any other is then refused.
    pub channel_id: Option<ChannelId>,
    /// E-mail address that Google preselects.
    #[schema(min_length = 1, max_length = 320)]
    pub login_hint: Option<String>,
    /// Path on the front end to return to, for example `/settings/channels`.
    #[schema(
        max_length = 500,
        pattern = r"^/([!-.0-\[\]-~][!-\[\]-~]*)?$",
        example = "/settings/channels"
    )]
    pub return_to: Option<String>,
}

/// A consent that was started.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectStarted {
    /// Send the user's browser here.
    pub authorization_url: String,
    /// Until when the consent has to be given.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

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

impl ConnectBody {
    fn check(&self) -> Result<(), Problem> {
        let mut errors = Vec::new();
        if self
            .login_hint
            .as_ref()
            .is_some_and(|hint| !(1..=320).contains(&hint.chars().count()))
        {
            errors.push(("/login_hint".into(), "must have 1 to 320 characters".into()));
        }
        if self.return_to.as_ref().is_some_and(|path| !is_path(path)) {
            errors.push((
                "/return_to".into(),
                "must be a path on the front end that begins with one slash".into(),
            ));
        }
        super::settings::refuse(errors)
    }
}

/// A path on the front end: no other host can hide in it.
fn is_path(path: &str) -> bool {
    path.len() <= 500
        && path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// The redirect URI, exactly as it must be registered at Google.
#[must_use]
pub fn redirect_uri(config: &Config) -> String {
    format!(
        "{}{CALLBACK}",
        config.app.url.as_str().trim_end_matches('/')
    )
}

/// Starts a consent.
///
/// # Errors
///
/// [`Kind::NotConfigured`], and refusals of the channel to reconnect.
pub async fn begin(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    body: &ConnectBody,
) -> Result<ConnectStarted, Problem> {
    body.check()?;
    let (google, keys) = access::google(config)?;
    let state = random::random_text(32).map_err(Problem::internal)?;
    let verifier = random::random_text(48).map_err(Problem::internal)?;
    let id = Uuid::new_v4();
    let sealed = keys
        .seal(
            &state_encryption_context(id, user),
            verifier.expose_secret(),
        )
        .map_err(Problem::internal)?;
    #[derive(Deserialize)]
    struct Stored {
        expires_at: Timestamp,
    }
    let stored: Stored = engine
        .call(
            "begin_connect",
            &json!({
                "p_user": user, "p_id": id, "p_state_hash": random::sha256_text(state.expose_secret()),
                "p_code_verifier": sealed, "p_channel": body.channel_id, "p_return_to": body.return_to,
            }),
        )
        .await?;
    let url = GoogleOauth::new(outbound::transport().clone(), google).consent_url(&Consent {
        redirect_uri: &redirect_uri(config),
        state: state.expose_secret(),
        challenge: &random::sha256_text(verifier.expose_secret()),
        login_hint: body.login_hint.as_deref(),
    });
    Ok(ConnectStarted {
        authorization_url: url.into(),
        expires_at: stored.expires_at,
    })
}

fn state_encryption_context(id: Uuid, user: UserId) -> EncryptionContext {
    EncryptionContext {
        table: "private.oauth_states",
        column: "code_verifier",
        row: id,
        owner: user.0,
    }
}

#[derive(Debug, Deserialize)]
struct State {
    id: Uuid,
    user_id: UserId,
    channel_id: Option<ChannelId>,
    code_verifier: String,
    return_to: Option<String>,
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
    let channel = exchange(engine, config, caller, callback, deadline, &mut return_to).await;
    Finished { channel, return_to }
}

async fn exchange(
    engine: &Db,
    config: &'static Config,
    caller: Option<UserId>,
    callback: &Callback,
    deadline: Instant,
    return_to: &mut String,
) -> Result<Channel, Problem> {
    let (google, keys) = access::google(config)?;
    let state = callback.state.as_deref().filter(|state| state.len() <= 512);
    let Some(state) = state else {
        return Err(Problem::new(Kind::StateExpired).detail(
            "Google's answer names no consent that was started here. Connect the channel again.",
        ));
    };
    let state: State = engine
        .call(
            "take_state",
            &json!({"p_state_hash": random::sha256_text(state), "p_user": caller}),
        )
        .await?;
    if let Some(path) = &state.return_to {
        return_to.clone_from(path);
    }
    let code = match (&callback.error, &callback.code) {
        (Some(error), _) if error == "access_denied" => {
            return Err(Problem::new(Kind::ConsentRefused).detail(
                "You refused the permission at Google, so the channel was not connected. Connect it again if that was a mistake.",
            ));
        }
        (None, Some(code)) if !code.is_empty() && code.len() <= 4096 => code,
        _ => {
            return Err(Problem::new(Kind::ConsentFailed)
                .detail("Google ended the consent without a result. Connect the channel again."));
        }
    };
    let verifier = keys
        .open(
            &state_encryption_context(state.id, state.user_id),
            &state.code_verifier,
        )
        .map_err(Problem::internal)?;
    let transport = outbound::transport();
    let oauth = GoogleOauth::new(transport.clone(), google);
    let asked_at = platform::clock::now();
    let tokens = oauth
        .exchange(code, &verifier, &redirect_uri(config), deadline)
        .await
        .map_err(exchange_problem)?;
    let granted = tokens.scopes.clone().unwrap_or_else(|| {
        google_oauth::SCOPES
            .iter()
            .map(|scope| (*scope).to_owned())
            .collect()
    });
    let features = Features::of(&granted);
    if !features.read && !features.upload {
        return Err(Problem::new(Kind::ConsentFailed).detail(
            "No permission for YouTube was ticked, so the channel cannot even be recognised. Connect it again and leave every box ticked.",
        ));
    }
    if !features.read {
        return Err(Problem::new(Kind::ConsentFailed).detail(
            "Permission to view the channel was not ticked, so it cannot be recognised. Connect it again and leave every box ticked.",
        ));
    }
    let channel = YouTube::new(transport.clone(), google)
        .my_channel(&tokens.access, deadline)
        .await;
    let channel = match channel {
        Ok(Some(channel)) => channel,
        Ok(None) => return Err(no_channel()),
        Err(error) => return Err(channel_problem(error)),
    };
    store(
        engine, &state, &channel, &tokens, granted, features, keys, asked_at,
    )
    .await
}

#[expect(
    clippy::too_many_arguments,
    reason = "one call of one function, with what the consent brought"
)]
async fn store(
    engine: &Db,
    state: &State,
    channel: &youtube::read::ChannelResource,
    tokens: &Tokens,
    granted: Vec<String>,
    features: Features,
    keys: &KeyRing,
    asked_at: Timestamp,
) -> Result<Channel, Problem> {
    let id = ChannelId(Uuid::new_v5(&NAMESPACE, channel.id.as_bytes()));
    let sealed =
        SealedTokens::new(tokens, keys, id, state.user_id, asked_at).map_err(Problem::internal)?;
    let stored: Channel = engine
        .call(
            "finish_connect",
            &json!({
                "p_user": state.user_id,
                "p_expected": state.channel_id,
                "p_channel": {
                    "id": id, "youtube_channel_id": channel.id, "title": channel.title, "handle": channel.handle,
                    "thumbnail_url": channel.thumbnail_url, "uploads_playlist_id": channel.uploads_playlist_id,
                    "subscriber_count": channel.subscriber_count, "features": features,
                },
                "p_credentials": {
                    "refresh_token": sealed.refresh_token, "access_token": sealed.access_token,
                    "access_token_expires_at": sealed.expires_at, "granted_scopes": granted,
                    "permission_expires_at": sealed.permission_expires_at,
                },
            }),
        )
        .await?;
    Ok(stored.with_attention())
}

fn no_channel() -> Problem {
    Problem::new(Kind::NoChannel).detail(
        "This Google account has no YouTube channel. Create one at https://www.youtube.com/create_channel, or connect again and pick the account or brand account that has one.",
    )
}

fn exchange_problem(error: google_oauth::Error) -> Problem {
    match error {
        google_oauth::Error::InvalidGrant { .. } => Problem::new(Kind::ConsentFailed)
            .detail("Google no longer accepts this consent: it was used already or has expired. Connect the channel again.")
            .source(error),
        google_oauth::Error::InvalidClient { .. } => Problem::new(Kind::NotConfigured)
            .detail("Google does not accept this deployment's OAuth client. Its operator has to check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.")
            .source(error),
        _ if error.is_transient() => Problem::new(Kind::UpstreamUnavailable)
            .detail("Google does not answer right now. Connect the channel again in a few minutes.")
            .source(error),
        _ => Problem::new(Kind::UpstreamFailed)
            .detail("Google gave no usable answer. Connect the channel again.")
            .source(error),
    }
}

fn channel_problem(error: youtube::Error) -> Problem {
    match error.kind() {
        Some(ErrorKind::NoChannel) => no_channel(),
        Some(ErrorKind::AccountBroken) => Problem::new(Kind::ConsentFailed)
            .detail("YouTube says that this account is closed or suspended. Pick another account.")
            .source(error),
        Some(ErrorKind::DailyQuota) => Problem::new(Kind::QuotaExhausted)
            .detail("YouTube's daily allowance of this deployment is used up. Connect the channel again after midnight in Los Angeles.")
            .source(error),
        _ if error.is_transient() => Problem::new(Kind::UpstreamUnavailable)
            .detail("YouTube does not answer right now. Connect the channel again in a few minutes.")
            .source(error),
        _ => Problem::new(Kind::UpstreamFailed)
            .detail("YouTube gave no usable answer. Connect the channel again.")
            .source(error),
    }
}

/// The address on the front end that tells what came of a consent.
#[must_use]
pub fn return_address(frontend: &Url, path: &str, outcome: &[(&str, &str)]) -> Url {
    let mut url = frontend
        .join(path.trim_start_matches('/'))
        .ok()
        .filter(|url| url.origin() == frontend.origin())
        .unwrap_or_else(|| frontend.clone());
    url.query_pairs_mut().extend_pairs(outcome);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_on_the_front_end_are_returned_to() {
        for path in ["/", "/channels", "/a/b?c=d#e"] {
            assert!(is_path(path), "{path}");
        }
        for path in [
            "",
            "channels",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\nb",
            "/ä",
        ] {
            assert!(!is_path(path), "{path}");
        }
        let frontend = Url::parse("https://app.example/").unwrap();
        let address =
            |path: &str| return_address(&frontend, path, &[("connected", "x")]).to_string();
        assert_eq!(
            address("/channels"),
            "https://app.example/channels?connected=x"
        );
        assert_eq!(address("/a?b=c"), "https://app.example/a?b=c&connected=x");
        assert!(address("/https://evil.example").starts_with("https://app.example/"));
    }

    #[test]
    fn a_channel_has_one_id_for_good() {
        let id = |youtube: &str| Uuid::new_v5(&NAMESPACE, youtube.as_bytes());
        assert_eq!(id("UC1"), id("UC1"));
        assert_ne!(id("UC1"), id("UC2"));
    }
}
