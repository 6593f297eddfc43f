//! A channel's access token, refreshed once however many ask for it.
//!
//! Tokens are cached encrypted in the database, because functions share nothing else. Who finds none that is good gets a
//! lease and asks Google; everybody else waits for what comes of it. Only `invalid_grant` disconnects a channel.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Disconnection;
use crate::pipeline::{Outcome, StepError};
use clients::google_oauth::{self, Features, GoogleOauth, Tokens};
use clients::youtube::{self, AccessToken, ErrorKind};
use platform::config::Config;
use platform::db::{Db, DbError};
use platform::endpoint::{Kind, Problem};
use platform::ids::{ChannelId, UserId};
use platform::outbound;
use platform::sealing::{EncryptionContext, KeyRing, SecretError};

/// How long to wait for another's refresh: a lease lasts 30 s.
const WAIT: Duration = Duration::from_secs(35);
/// How long one refresh may take.
const REFRESH: Duration = Duration::from_secs(20);

/// A token that is good for two more minutes at least.
#[derive(Clone, Debug)]
pub struct Access {
    /// The token.
    pub token: AccessToken,
    /// Names this token when YouTube refuses it.
    pub version: i64,
    /// What the grant allows.
    pub features: Features,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The grant is gone; only a new consent helps.
    #[error("the channel is disconnected ({0:?})")]
    Disconnected(Disconnection),
    /// This deployment has no OAuth client or no encryption keys.
    #[error("{0} is not configured")]
    NotConfigured(&'static str),
    /// The stored token cannot be opened.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Google could not be asked, or does not accept this deployment.
    #[error(transparent)]
    Google(#[from] google_oauth::Error),
    /// The database could not be asked.
    #[error("the database could not be asked")]
    Db(#[from] DbError),
    /// Another process holds the lease for too long.
    #[error("another refresh is still running")]
    Busy,
}

impl AccessError {
    /// Stable slug for steps and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Disconnected { .. } => "channel_disconnected",
            Self::NotConfigured(_) => "not_configured",
            Self::Secret(_) => "secret_unreadable",
            Self::Google(error) => error.code(),
            Self::Db(_) => "database_unavailable",
            Self::Busy => "refresh_busy",
        }
    }

    /// How a step ends that cannot go on without a token. A disconnected channel is for the caller to decide; as an
    /// outcome it gives up.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let error = StepError::new(self.code(), self.to_string());
        match self {
            Self::Busy => Outcome::Snooze {
                after: Duration::from_secs(5),
                reason: "refresh_busy",
            },
            Self::Disconnected { .. } => Outcome::Discard { error },
            Self::NotConfigured(_) | Self::Secret(_) | Self::Google(_) | Self::Db(_) => {
                Outcome::Retry { after: None, error }
            }
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Disconnected(_) => Self::new(Kind::ChannelDisconnected).detail(
                "Google no longer accepts the channel's permission. Connect the channel again.",
            ),
            AccessError::NotConfigured(_) => not_configured().source(error),
            AccessError::Google(ref google) if google.is_transient() => {
                Self::new(Kind::UpstreamUnavailable)
                    .detail("Google does not answer right now. Try again shortly.")
                    .source(error)
            }
            AccessError::Google(_) => Self::new(Kind::UpstreamFailed)
                .detail("Google gave no usable answer.")
                .source(error),
            AccessError::Secret(_) => Self::internal(error),
            AccessError::Db(error) => error.into(),
            AccessError::Busy => Self::new(Kind::UpstreamUnavailable)
                .detail("The channel's access is being renewed. Try again shortly.")
                .retry_after(Duration::from_secs(5))
                .source(error),
        }
    }
}

/// The answer when the operator has not set Google up.
pub(crate) fn not_configured() -> Problem {
    Problem::new(Kind::NotConfigured).detail(
        "This deployment has no Google OAuth client. Its operator sets GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and TOKEN_ENCRYPTION_KEYS.",
    )
}

/// Google's configuration and our encryption keys: without both no channel can be connected.
pub(crate) fn google(
    config: &'static Config,
) -> Result<(&'static google_oauth::Settings, &'static KeyRing), AccessError> {
    let google = config
        .google
        .as_ref()
        .ok_or(AccessError::NotConfigured("GOOGLE_CLIENT_ID"))?;
    let keys = platform::keys::ring(config)
        .ok_or(AccessError::NotConfigured("TOKEN_ENCRYPTION_KEYS"))?
        .as_ref()
        .map_err(Clone::clone)?;
    Ok((google, keys))
}

/// Where a channel's tokens are bound to.
pub(crate) fn encryption_context(
    column: &'static str,
    channel: ChannelId,
    owner: UserId,
) -> EncryptionContext {
    EncryptionContext {
        table: "private.channel_credentials",
        column,
        row: channel.0,
        owner: owner.0,
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Turn {
    Valid {
        owner_id: UserId,
        token: String,
        version: i64,
        #[serde(default)]
        features: Features,
    },
    Refresh {
        owner_id: UserId,
        token: Option<String>,
        lease: Uuid,
    },
    Wait,
    Disconnected {
        reason: Disconnection,
    },
}

/// A token of the channel that is good for a while. `refused` is the version of a token that YouTube did not accept.
///
/// # Errors
///
/// [`AccessError`].
pub async fn token(
    engine: &Db,
    config: &'static Config,
    channel: ChannelId,
    refused: Option<i64>,
) -> Result<Access, AccessError> {
    let (google, keys) = google(config)?;
    let patience = Instant::now() + WAIT;
    loop {
        let turn: Turn = engine
            .call(
                "begin_refresh",
                &json!({"p_channel": channel, "p_refused_version": refused}),
            )
            .await?;
        match turn {
            Turn::Valid {
                owner_id,
                token,
                version,
                features,
            } => {
                let token = keys.open(
                    &encryption_context("access_token", channel, owner_id),
                    &token,
                )?;
                return Ok(Access {
                    token: AccessToken::new(token),
                    version,
                    features,
                });
            }
            Turn::Disconnected { reason } => return Err(AccessError::Disconnected(reason)),
            Turn::Wait if Instant::now() < patience => {
                // Jitter, so that a hundred waiters do not ask in step.
                tokio::time::sleep(Duration::from_millis(fastrand::u64(50..250))).await;
            }
            Turn::Wait => return Err(AccessError::Busy),
            Turn::Refresh {
                owner_id,
                token,
                lease,
            } => {
                let held = Held {
                    engine,
                    channel,
                    owner: owner_id,
                    lease,
                };
                let Some(sealed) = token else {
                    held.disconnect(Disconnection::GrantRevoked).await?;
                    return Err(AccessError::Disconnected(Disconnection::GrantRevoked));
                };
                let oauth = GoogleOauth::new(outbound::transport().clone(), google);
                match held.refresh(&oauth, keys, &sealed).await {
                    Ok(Some(access)) => return Ok(access),
                    // Somebody connected the channel anew meanwhile: take what they stored.
                    Ok(None) => {}
                    Err(error) => {
                        held.end_after(&error).await;
                        return Err(held.judge(error));
                    }
                }
            }
        }
    }
}

/// The lease of one refresh.
struct Held<'a> {
    engine: &'a Db,
    channel: ChannelId,
    owner: UserId,
    lease: Uuid,
}

impl Held<'_> {
    async fn refresh(
        &self,
        oauth: &GoogleOauth,
        keys: &KeyRing,
        sealed: &str,
    ) -> Result<Option<Access>, AccessError> {
        let refresh_token: SecretString = keys.open(
            &encryption_context("refresh_token", self.channel, self.owner),
            sealed,
        )?;
        let asked_at = platform::clock::now();
        let tokens = oauth
            .refresh(&refresh_token, Instant::now() + REFRESH)
            .await?;
        let stored = SealedTokens::new(&tokens, keys, self.channel, self.owner, asked_at)?;
        let features = tokens.scopes.as_deref().map(Features::of);
        // A value under an older key moves to the first one at the next opportunity, which is this one.
        let refresh_token = match stored.refresh_token {
            None if keys.is_outdated(sealed) => Some(keys.seal(
                &encryption_context("refresh_token", self.channel, self.owner),
                secrecy::ExposeSecret::expose_secret(&refresh_token),
            )?),
            other => other,
        };
        #[derive(Deserialize)]
        struct Stored {
            stored: bool,
            #[serde(default)]
            version: i64,
            #[serde(default)]
            features: Features,
        }
        let answer: Stored = self
            .engine
            .call(
                "finish_refresh",
                &json!({
                    "p_channel": self.channel, "p_lease": self.lease, "p_access_token": stored.access_token,
                    "p_expires_at": stored.expires_at, "p_refresh_token": refresh_token,
                    "p_scopes": tokens.scopes, "p_features": features,
                }),
            )
            .await?;
        Ok(answer.stored.then(|| Access {
            token: tokens.access,
            version: answer.version,
            features: answer.features,
        }))
    }

    /// Ends the lease after a failure: a grant that is gone disconnects, everything else only gives the lease back.
    async fn end_after(&self, error: &AccessError) {
        let ended = match error {
            AccessError::Google(google_oauth::Error::InvalidGrant { session_control }) => {
                self.disconnect(reason(*session_control)).await.map(|_| ())
            }
            _ => {
                self.engine
                    .call(
                        "abandon_refresh",
                        &json!({"p_channel": self.channel, "p_lease": self.lease}),
                    )
                    .await
            }
        };
        if let Err(error) = ended {
            tracing::warn!(channel.id = %self.channel, error = %error, "a refresh lease could not be ended");
        }
    }

    async fn disconnect(&self, reason: Disconnection) -> Result<bool, DbError> {
        self.engine
            .call(
                "mark_disconnected",
                &json!({"p_channel": self.channel, "p_lease": self.lease, "p_reason": reason}),
            )
            .await
    }

    fn judge(&self, error: AccessError) -> AccessError {
        match error {
            AccessError::Google(google_oauth::Error::InvalidGrant { session_control }) => {
                AccessError::Disconnected(reason(session_control))
            }
            other => other,
        }
    }
}

const fn reason(session_control: bool) -> Disconnection {
    if session_control {
        Disconnection::SessionControl
    } else {
        Disconnection::GrantRevoked
    }
}

/// Tokens as the database may see them.
#[derive(Debug)]
pub(crate) struct SealedTokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) expires_at: Timestamp,
    /// When the permission itself ends, if Google said so.
    pub(crate) permission_expires_at: Option<Timestamp>,
}

impl SealedTokens {
    pub(crate) fn new(
        tokens: &Tokens,
        keys: &KeyRing,
        channel: ChannelId,
        owner: UserId,
        asked_at: Timestamp,
    ) -> Result<Self, SecretError> {
        Ok(Self {
            access_token: keys.seal(
                &encryption_context("access_token", channel, owner),
                tokens.access.expose(),
            )?,
            refresh_token: tokens
                .refresh
                .as_ref()
                .map(|token| {
                    keys.seal(
                        &encryption_context("refresh_token", channel, owner),
                        secrecy::ExposeSecret::expose_secret(token),
                    )
                })
                .transpose()?,
            expires_at: asked_at + tokens.expires_in,
            permission_expires_at: tokens.permission_expires_in.map(|life| asked_at + life),
        })
    }
}

/// Why a call to YouTube on behalf of a channel failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no token to call with.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// YouTube refused, or did not answer.
    #[error(transparent)]
    YouTube(#[from] youtube::Error),
}

/// Calls on behalf of one channel: a token that YouTube no longer accepts is renewed once and the call repeated once.
#[derive(Debug)]
pub struct Session {
    engine: Db,
    config: &'static Config,
    channel: ChannelId,
    access: Mutex<Access>,
}

impl Session {
    /// Opens a session with a token that is good for a while.
    ///
    /// # Errors
    ///
    /// [`AccessError`].
    pub async fn open(
        engine: Db,
        config: &'static Config,
        channel: ChannelId,
    ) -> Result<Self, AccessError> {
        let access = token(&engine, config, channel, None).await?;
        Ok(Self {
            engine,
            config,
            channel,
            access: Mutex::new(access),
        })
    }

    /// What the grant allows.
    pub async fn features(&self) -> Features {
        self.access.lock().await.features
    }

    /// The token of this moment, for calls with rules of their own.
    pub async fn access(&self) -> Access {
        self.access.lock().await.clone()
    }

    /// A token in place of one that YouTube refused; callers that were refused together refresh once.
    ///
    /// # Errors
    ///
    /// [`AccessError`].
    pub async fn renew(&self, refused: i64) -> Result<Access, AccessError> {
        let mut access = self.access.lock().await;
        if access.version == refused {
            *access = token(&self.engine, self.config, self.channel, Some(refused)).await?;
        }
        Ok(access.clone())
    }

    /// Makes a call, and once more with a new token when YouTube does not accept this one.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn call<'a, T, F>(&self, call: F) -> Result<T, CallError>
    where
        F: Fn(AccessToken) -> BoxFuture<'a, Result<T, youtube::Error>>,
    {
        let access = self.access().await;
        match call(access.token).await {
            Err(error) if error.kind() == Some(ErrorKind::Unauthorized) => {
                let renewed = self.renew(access.version).await?;
                Ok(call(renewed.token).await?)
            }
            other => Ok(other?),
        }
    }
}
