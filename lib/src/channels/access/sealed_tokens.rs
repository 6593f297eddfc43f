//! A channel's tokens, encrypted as the database may see them.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use clients::google_oauth::Tokens;
use platform::ids::{ChannelId, UserId};
use platform::sealing::{EncryptionContext, KeyRing, SecretError};

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

pub(super) fn seal_refresh_token(
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
