//! A channel's access token, refreshed once however many ask for it.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::error::{AccessError, google};
use super::refresh::{RefreshLease, encryption_context};
use crate::channels::Disconnection;
use clients::google_oauth::Features;
use clients::youtube::AccessToken;
use platform::config::Config;
use platform::db::Db;
use platform::ids::{ChannelId, UserId};

/// How long to wait for another's refresh: a lease lasts 30 s.
const WAIT: Duration = Duration::from_secs(35);

/// A token that is good for two more minutes at least.
#[derive(Clone, Debug)]
pub struct Access {
    /// The token.
    pub token: AccessToken,
    /// Names this token when YouTube rejects it.
    pub version: i64,
    /// What the grant allows.
    pub features: Features,
}

/// What the database answers to a caller that needs a token.
#[derive(Debug, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Answer {
    Valid {
        owner_id: UserId,
        token: String,
        version: i64,
        #[serde(default)]
        features: Features,
    },
    /// The caller refreshes, under a lease.
    Refresh {
        owner_id: UserId,
        token: Option<String>,
        lease: Uuid,
    },
    /// Another caller holds the lease.
    Wait,
    Disconnected {
        reason: Disconnection,
    },
}

/// A token of the channel that is good for a while. `rejected` is the version of a token that YouTube did not accept.
///
/// # Errors
///
/// [`AccessError`].
pub async fn token(
    engine: &Db,
    config: &'static Config,
    channel: ChannelId,
    rejected: Option<i64>,
) -> Result<Access, AccessError> {
    let (settings, keys) = google(config)?;
    let give_up_at = Instant::now() + WAIT;
    let arguments = json!({"p_channel": channel, "p_refused_version": rejected});
    loop {
        match engine.call("begin_refresh", &arguments).await? {
            Answer::Valid {
                owner_id,
                token,
                version,
                features,
            } => {
                let context = encryption_context("access_token", channel, owner_id);
                return Ok(Access {
                    token: AccessToken::new(keys.open(&context, &token)?),
                    version,
                    features,
                });
            }
            Answer::Disconnected { reason } => return Err(AccessError::Disconnected(reason)),
            Answer::Wait if Instant::now() < give_up_at => {
                // Jitter, so that a hundred waiters do not ask in step.
                tokio::time::sleep(Duration::from_millis(fastrand::u64(50..250))).await;
            }
            Answer::Wait => return Err(AccessError::Busy),
            Answer::Refresh {
                owner_id: owner,
                token,
                lease,
            } => {
                let lease = RefreshLease {
                    engine,
                    channel,
                    owner,
                    lease,
                };
                let stored = lease.refresh(settings, keys, token.as_deref()).await?;
                // Otherwise somebody connected the channel anew meanwhile: what they stored is taken.
                if let Some((token, stored)) = stored {
                    return Ok(Access {
                        token,
                        version: stored.version,
                        features: stored.features,
                    });
                }
            }
        }
    }
}
