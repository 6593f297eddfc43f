//! A channel's tokens as the database may see them, and one refresh of them under a lease. Only `invalid_grant` disconnects
//! the channel.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::error::AccessError;
use crate::channels::Disconnection;
use clients::google_oauth::{self, Features, GoogleOauth, Tokens};
use clients::youtube::AccessToken;
use platform::clock;
use platform::db::{Db, DbError};
use platform::ids::{ChannelId, UserId};
use platform::outbound;
use platform::sealing::{EncryptionContext, KeyRing, SecretError};

/// How long Google may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What one token is bound to: nobody can use it in place of another.
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

/// Tokens that Google gave.
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
        let access_token = keys.seal(
            &encryption_context("access_token", channel, owner),
            tokens.access.expose(),
        )?;
        let seal = |token: &SecretString| seal_refresh_token(token, keys, channel, owner);
        Ok(Self {
            access_token,
            refresh_token: tokens.refresh.as_ref().map(seal).transpose()?,
            expires_at: asked_at + tokens.expires_in,
            permission_expires_at: tokens.permission_expires_in.map(|life| asked_at + life),
        })
    }
}

fn seal_refresh_token(
    token: &SecretString,
    keys: &KeyRing,
    channel: ChannelId,
    owner: UserId,
) -> Result<String, SecretError> {
    keys.seal(
        &encryption_context("refresh_token", channel, owner),
        token.expose_secret(),
    )
}

/// Who refreshes. Everybody else waits for what comes of it.
pub(super) struct RefreshLease<'a> {
    pub(super) engine: &'a Db,
    pub(super) channel: ChannelId,
    pub(super) owner: UserId,
    pub(super) lease: Uuid,
}

/// What became of the refreshed token in the database.
#[derive(Debug, Deserialize)]
pub(super) struct Stored {
    stored: bool,
    #[serde(default)]
    pub(super) version: i64,
    #[serde(default)]
    pub(super) features: Features,
}

impl RefreshLease<'_> {
    /// Asks Google and ends the lease. `None`: the lease was lost, and nothing was stored.
    pub(super) async fn refresh(
        &self,
        settings: &google_oauth::Settings,
        keys: &KeyRing,
        refresh_token: Option<&str>,
    ) -> Result<Option<(AccessToken, Stored)>, AccessError> {
        let Some(sealed) = refresh_token else {
            self.disconnect(Disconnection::GrantRevoked).await?;
            return Err(AccessError::Disconnected(Disconnection::GrantRevoked));
        };
        match self.ask_google(settings, keys, sealed).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.end_after(error).await),
        }
    }

    async fn ask_google(
        &self,
        settings: &google_oauth::Settings,
        keys: &KeyRing,
        sealed: &str,
    ) -> Result<Option<(AccessToken, Stored)>, AccessError> {
        let context = encryption_context("refresh_token", self.channel, self.owner);
        let refresh_token = keys.open(&context, sealed)?;
        let asked_at = clock::now();
        let tokens = GoogleOauth::new(outbound::transport().clone(), settings)
            .refresh(&refresh_token, Instant::now() + TIMEOUT)
            .await?;
        let new = SealedTokens::new(&tokens, keys, self.channel, self.owner, asked_at)?;
        // A value under an older key moves to the first one at the next opportunity, which is this one.
        let new_refresh_token = match new.refresh_token {
            None if keys.is_outdated(sealed) => Some(seal_refresh_token(
                &refresh_token,
                keys,
                self.channel,
                self.owner,
            )?),
            other => other,
        };
        let stored: Stored = self
            .engine
            .call(
                "finish_refresh",
                &json!({
                    "p_channel": self.channel, "p_lease": self.lease, "p_access_token": new.access_token,
                    "p_expires_at": new.expires_at, "p_refresh_token": new_refresh_token,
                    "p_scopes": tokens.scopes, "p_features": tokens.scopes.as_deref().map(Features::of),
                }),
            )
            .await?;
        Ok(stored.stored.then_some((tokens.access, stored)))
    }

    /// Ends the lease after a failure: a grant that is gone disconnects, everything else only gives the lease back.
    async fn end_after(&self, error: AccessError) -> AccessError {
        let (ended, error) = match error {
            AccessError::Google(google_oauth::Error::InvalidGrant { session_control }) => {
                let reason = if session_control {
                    Disconnection::SessionControl
                } else {
                    Disconnection::GrantRevoked
                };
                let ended = self.disconnect(reason).await;
                (ended, AccessError::Disconnected(reason))
            }
            error => (self.give_back().await, error),
        };
        if let Err(error) = ended {
            tracing::warn!(channel.id = %self.channel, error = %error, "a refresh lease could not be ended");
        }
        error
    }

    async fn disconnect(&self, reason: Disconnection) -> Result<(), DbError> {
        let arguments =
            json!({"p_channel": self.channel, "p_lease": self.lease, "p_reason": reason});
        let _: bool = self.engine.call("mark_disconnected", &arguments).await?;
        Ok(())
    }

    async fn give_back(&self) -> Result<(), DbError> {
        let arguments = json!({"p_channel": self.channel, "p_lease": self.lease});
        self.engine.call("abandon_refresh", &arguments).await
    }
}
