//! Calls to YouTube on behalf of one channel.

use tokio::sync::Mutex;

use super::error::AccessError;
use super::token::{Access, token};
use crate::quota::QuotaError;
use clients::google_oauth::Features;
use clients::youtube::{self, AccessToken, ErrorKind};
use platform::config::Config;
use platform::db::Db;
use platform::ids::ChannelId;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// There is no token to call with.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The call's units could not be reserved.
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// YouTube refused, or did not answer.
    #[error(transparent)]
    YouTube(#[from] youtube::Error),
}

impl CallError {
    /// YouTube's refusal, if it was that.
    pub(crate) fn youtube_kind(&self) -> Option<ErrorKind> {
        match self {
            Self::YouTube(error) => error.kind(),
            Self::Access(_) | Self::Quota(_) => None,
        }
    }
}

/// The channel's access token. One that YouTube rejects (401) is renewed once, and the call repeated once.
#[derive(Debug)]
pub(crate) struct Session {
    engine: Db,
    config: &'static Config,
    channel: ChannelId,
    access: Mutex<Access>,
}

impl Session {
    pub(crate) async fn open(
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
    pub(crate) async fn features(&self) -> Features {
        self.access.lock().await.features
    }

    /// The token of this moment, for calls with rules of their own.
    pub(crate) async fn access(&self) -> Access {
        self.access.lock().await.clone()
    }

    /// A token in place of one that YouTube rejected; callers whose token was rejected together renew it once.
    pub(crate) async fn renew(&self, rejected: i64) -> Result<Access, AccessError> {
        let mut access = self.access.lock().await;
        if access.version == rejected {
            *access = token(&self.engine, self.config, self.channel, Some(rejected)).await?;
        }
        Ok(access.clone())
    }

    /// Makes a call, and once more with a new token when YouTube rejects this one. The call may reserve its quota, too:
    /// whatever fails becomes a [`CallError`].
    pub(crate) async fn call<T, E, F>(
        &self,
        call: impl Fn(AccessToken) -> F,
    ) -> Result<T, CallError>
    where
        E: Into<CallError>,
        F: Future<Output = Result<T, E>>,
    {
        let access = self.access().await;
        match call(access.token).await.map_err(Into::into) {
            Err(error) if error.youtube_kind() == Some(ErrorKind::Unauthorized) => {
                let renewed = self.renew(access.version).await?;
                call(renewed.token).await.map_err(Into::into)
            }
            other => other,
        }
    }
}
