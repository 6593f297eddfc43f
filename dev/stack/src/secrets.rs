//! The local stack's own secrets: made once, kept in its folder, never in the repository.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use catalyst_cli::error::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{
    random::{random_bytes, random_token},
    signing_key::SigningKey,
};

/// Everything secret about one local stack.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Secrets {
    /// `sb_publishable_…`: the key of a front end.
    pub(crate) publishable_key: String,
    /// `sb_secret_…`: the key of a backend.
    pub(crate) secret_key: String,
    /// The HS256 secret that the legacy keys are signed with.
    pub(crate) jwt_secret: String,
    /// The legacy `anon` key.
    pub(crate) anon_key: String,
    /// The legacy `service_role` key.
    pub(crate) service_role_key: String,
    /// What the job that wakes the dispatcher sends.
    pub(crate) cron_secret: String,
    /// `kid:base64` of 32 bytes.
    pub(crate) token_encryption_keys: String,
    /// The keys that access tokens are signed with: the one in use, one standing by, then those retired.
    pub(crate) signing_keys: Vec<SigningKey>,
}

impl Secrets {
    /// Reads the stack's secrets, or makes them when it is new.
    pub fn load(state: &Path) -> Result<Self> {
        let path = state.join("secrets.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Error::setup(
                    format!("{} cannot be read: {error}", path.display()),
                    "`catalyst-dev reset` makes new secrets and data",
                )
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secrets = Self::generate()?;
                secrets.save(state)?;
                Ok(secrets)
            }
            Err(error) => Err(Error::io(format!("cannot read {}", path.display()))(error)),
        }
    }

    /// Writes them, for this account's eyes only.
    pub(crate) fn save(&self, state: &Path) -> Result {
        let path = state.join("secrets.json");
        let partial = state.join("secrets.json.partial");
        let failed = || Error::io(format!("cannot write {}", path.display()));
        fs::create_dir_all(state).map_err(failed())?;
        let file = fs::File::options()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .map_err(failed())?;
        serde_json::to_writer_pretty(file, self).map_err(|error| failed()(error.into()))?;
        fs::rename(&partial, &path).map_err(failed())
    }

    fn generate() -> Result<Self> {
        let jwt_secret = random_token(40)?;
        Ok(Self {
            publishable_key: format!("sb_publishable_{}", random_token(31)?),
            secret_key: format!("sb_secret_{}", random_token(31)?),
            anon_key: legacy_key(&jwt_secret, "anon")?,
            service_role_key: legacy_key(&jwt_secret, "service_role")?,
            jwt_secret,
            cron_secret: random_token(40)?,
            token_encryption_keys: format!("local1:{}", STANDARD.encode(random_bytes(32)?)),
            signing_keys: vec![SigningKey::generate()?, SigningKey::generate()?],
        })
    }
}

/// A legacy API key: a JWT that names nothing but its role.
fn legacy_key(secret: &str, role: &str) -> Result<String> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let claims = serde_json::json!({
        "iss": "supabase", "ref": "local", "role": role, "iat": now, "exp": now + 10 * 365 * 86_400,
    });
    jsonwebtoken::encode(
        &jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256),
        &claims,
        &jsonwebtoken::EncodingKey::from_secret(secret.as_bytes()),
    )
    .map_err(|error| {
        Error::setup(
            format!("cannot sign the {role} key: {error}"),
            "this is a fault of the tool",
        )
    })
}
