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
    /// `whsec_` and the key in base64. Shown now and never again.
    pub secret: String,
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

/// A new secret under a new id: id and sealed text.
pub(super) fn new_sealed(config: &'static Config, user: UserId) -> Result<(Uuid, String), Problem> {
    let id = Uuid::now_v7();
    let secret = signature::new_secret().map_err(Problem::internal)?;
    let sealed = key_ring(config)?
        .seal(&encryption_context(id, user), secret.expose_secret())
        .map_err(Problem::internal)?;
    Ok((id, sealed))
}

/// The secret as the database has it: a repeated request must give the same one, whatever was drawn meanwhile.
pub(super) async fn stored(
    engine: &Db,
    config: &'static Config,
    user: UserId,
    endpoint: EndpointId,
) -> Result<SecretString, Problem> {
    let arguments = json!({"p_user": user, "p_endpoint": endpoint});
    let stored: SealedSecret = engine.call("webhook_secret", &arguments).await?;
    stored
        .open(key_ring(config)?, user)
        .map_err(Problem::internal)
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
        old_accepted_until: Option<Timestamp>,
    }
    let (secret_id, sealed) = new_sealed(config, user)?;
    let arguments = json!({
        "p_user": user, "p_idempotency": idempotency, "p_endpoint": id, "p_secret_id": secret_id, "p_secret": sealed,
        "p_end_old": body.end_old,
    });
    let rotated: Rotated = engine.call("rotate_webhook_secret", &arguments).await?;
    let secret = stored(engine, config, user, id).await?;
    Ok(NewSecret {
        secret: secret.expose_secret().to_owned(),
        old_accepted_until: rotated.old_accepted_until,
    })
}
