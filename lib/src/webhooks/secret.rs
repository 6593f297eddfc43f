//! The secrets that sign deliveries: sealed in the database, shown once.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::signature;
use platform::endpoint::{Idempotency, Kind, Problem};
use platform::ids::{EndpointId, UserId};
use platform::sealing::{EncryptionContext, KeyRing, SecretError};
use platform::{config::Config, db::Db, keys};

/// A new secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewSecret {
    /// `whsec_` and the key in base64. Shown now and never again: null when the same request is repeated.
    pub secret: Option<String>,
    /// Until when deliveries carry a signature with the old secret as well; null when that has ended.
    pub old_accepted_until: Option<Timestamp>,
}

/// How a secret is replaced.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RotateBody {
    /// End the old secret at once, because others know it. Otherwise deliveries carry signatures with both for 24 hours.
    pub end_old: bool,
}

/// A secret as the database has it.
#[derive(Deserialize)]
pub(super) struct SealedSecret {
    id: Uuid,
    secret: String,
}

impl SealedSecret {
    pub(super) fn open(&self, ring: &KeyRing, owner: UserId) -> Result<SecretString, SecretError> {
        ring.open(&encryption_context(self.id, owner), &self.secret)
    }
}

/// What a sealed secret is bound to.
fn encryption_context(secret: Uuid, owner: UserId) -> EncryptionContext {
    EncryptionContext {
        table: "private.webhook_secrets",
        column: "secret",
        row: secret,
        owner: owner.0,
    }
}

fn key_ring(config: &'static Config) -> Result<&'static KeyRing, Problem> {
    match keys::ring(config) {
        Some(Ok(ring)) => Ok(ring),
        Some(Err(error)) => Err(Problem::internal(error.clone())),
        None => Err(Problem::new(Kind::NotConfigured)
            .detail("This deployment has no TOKEN_ENCRYPTION_KEYS, so it can keep no secrets.")),
    }
}

/// A secret that was just drawn, under an id of its own.
pub(super) struct Drawn {
    pub(super) id: Uuid,
    pub(super) sealed: String,
    secret: SecretString,
}

impl Drawn {
    pub(super) fn new(config: &'static Config, user: UserId) -> Result<Self, Problem> {
        let id = Uuid::now_v7();
        let secret = signature::new_secret().map_err(Problem::internal)?;
        let sealed = key_ring(config)?
            .seal(&encryption_context(id, user), secret.expose_secret())
            .map_err(Problem::internal)?;
        Ok(Self { id, sealed, secret })
    }

    /// The secret, once: only the request that stored it may show it, none that repeats it.
    pub(super) fn shown_if(&self, is_stored: bool) -> Option<String> {
        is_stored.then(|| self.secret.expose_secret().to_owned())
    }
}

/// Gives an endpoint a new secret.
///
/// # Errors
///
/// [`Kind::NotFound`].
pub async fn rotate(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    id: EndpointId,
    idempotency: Option<&Idempotency>,
    body: &RotateBody,
) -> Result<NewSecret, Problem> {
    #[derive(Deserialize)]
    struct Rotated {
        secret_id: Uuid,
        old_accepted_until: Option<Timestamp>,
    }
    let drawn = Drawn::new(config, user)?;
    let arguments = json!({
        "p_user": user, "p_idempotency": idempotency, "p_endpoint": id, "p_secret_id": drawn.id, "p_secret": drawn.sealed,
        "p_end_old": body.end_old,
    });
    let rotated: Rotated = engine.call("rotate_webhook_secret", &arguments).await?;
    Ok(NewSecret {
        secret: drawn.shown_if(rotated.secret_id == drawn.id),
        old_accepted_until: rotated.old_accepted_until,
    })
}
