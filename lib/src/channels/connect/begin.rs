//! Starting a consent.

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::channels::access;
use clients::google_oauth::{Consent, GoogleOauth};
use platform::config::Config;
use platform::db::Db;
use platform::endpoint::Problem;
use platform::field_errors::invalid;
use platform::ids::{ChannelId, UserId};
use platform::outbound;
use platform::random::{random_text, sha256_text};
use platform::sealing::EncryptionContext;

/// Path of the callback; the redirect URI that Google must know is this path on `APP_URL`.
const CALLBACK: &str = "/api/channels/callback";

/// What starts a consent.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectBody {
    /// Reconnects this channel; consent for any other is then refused.
    pub channel_id: Option<ChannelId>,
    /// E-mail address that Google preselects.
    #[schema(min_length = 1, max_length = 320)]
    pub login_hint: Option<String>,
    /// Where to return to: a path on the front end, for example `/settings/channels`, or a whole address below
    /// `FRONTEND_URL` or `APP_URL`.
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
    pub expires_at: Timestamp,
}

/// Where people are sent: the front end, or our own pages where there is none.
pub(super) fn front(config: &Config) -> &Url {
    config.app.frontend_url.as_ref().unwrap_or(&config.app.url)
}

/// The address to return to. None for one that is not below an origin of ours.
fn return_address(config: &Config, return_to: Option<&str>) -> Option<Url> {
    let front = front(config);
    let default = match config.app.frontend_url {
        Some(_) => "/channels",
        None => "/dashboard",
    };
    let text = return_to.unwrap_or(default);
    if text.len() > 500
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    {
        return None;
    }
    let address = match text.strip_prefix('/') {
        Some(path) if !path.starts_with('/') => front.join(path).ok()?,
        Some(_) => return None,
        None => Url::parse(text).ok()?,
    };
    let ours = [front.origin(), config.app.url.origin()].contains(&address.origin());
    (ours && address.username().is_empty() && address.password().is_none()).then_some(address)
}

/// Starts a consent.
///
/// # Errors
///
/// [`Kind::NotConfigured`](platform::endpoint::Kind::NotConfigured), and refusals of the channel to reconnect.
pub async fn begin(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    body: &ConnectBody,
) -> Result<ConnectStarted, Problem> {
    #[derive(Deserialize)]
    struct Stored {
        expires_at: Timestamp,
    }
    let hint = body.login_hint.as_ref();
    if hint.is_some_and(|hint| !(1..=320).contains(&hint.chars().count())) {
        return Err(invalid("/login_hint", "must have 1 to 320 characters"));
    }
    let return_to = return_address(config, body.return_to.as_deref()).ok_or_else(|| {
        invalid(
            "/return_to",
            "must be a path on the front end that begins with one slash, or an address below it",
        )
    })?;
    let (google, keys) = access::google(config)?;
    let state = random_text(32).map_err(Problem::internal)?;
    let verifier = random_text(48).map_err(Problem::internal)?;
    let id = Uuid::new_v4();
    let sealed_verifier = keys
        .seal(&encryption_context(id, user), verifier.expose_secret())
        .map_err(Problem::internal)?;
    let arguments = json!({
        "p_user": user, "p_id": id, "p_state_hash": sha256_text(state.expose_secret()),
        "p_code_verifier": sealed_verifier, "p_channel": body.channel_id, "p_return_to": return_to,
    });
    let stored: Stored = engine.call("begin_connect", &arguments).await?;
    let url = GoogleOauth::new(outbound::transport().clone(), google).consent_url(&Consent {
        redirect_uri: &redirect_uri(config),
        state: state.expose_secret(),
        challenge: &sha256_text(verifier.expose_secret()),
        login_hint: body.login_hint.as_deref(),
    });
    Ok(ConnectStarted {
        authorization_url: url.into(),
        expires_at: stored.expires_at,
    })
}

/// The redirect URI, exactly as it must be registered at Google.
pub(super) fn redirect_uri(config: &Config) -> String {
    let app = config.app.url.as_str().trim_end_matches('/');
    format!("{app}{CALLBACK}")
}

/// What the code verifier of one consent is bound to.
pub(super) fn encryption_context(id: Uuid, user: UserId) -> EncryptionContext {
    EncryptionContext {
        table: "private.oauth_states",
        column: "code_verifier",
        row: id,
        owner: user.0,
    }
}

#[cfg(test)]
mod tests;
