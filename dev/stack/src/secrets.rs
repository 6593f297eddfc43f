//! The local stack's own secrets: made once, kept in its folder, never in the repository.

use std::{fs, io, os::unix::fs::OpenOptionsExt, path::Path};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{error::Unspecified, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use catalyst_cli::error::{Error, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
                let problem = format!("{} cannot be read: {error}", path.display());
                Error::setup(problem, "`catalyst-dev reset` makes new secrets and data")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::generate()?;
                secrets.save(state)?;
                Ok(secrets)
            }
            Err(error) => Err(Error::io(format!("cannot read {}", path.display()))(error)),
        }
    }

    /// Writes them, for this account's eyes only.
    pub(crate) fn save(&self, state: &Path) -> Result {
        let (path, partial) = (
            state.join("secrets.json"),
            state.join("secrets.json.partial"),
        );
        let mut private = fs::File::options();
        private.create(true).write(true).truncate(true).mode(0o600);
        fs::create_dir_all(state)
            .and_then(|()| private.open(&partial))
            .and_then(|file| Ok(serde_json::to_writer_pretty(file, self)?))
            .and_then(|()| fs::rename(&partial, &path))
            .map_err(Error::io(format!("cannot write {}", path.display())))
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
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({
        "iss": "supabase", "ref": "local", "role": role, "iat": now, "exp": now + 10 * 365 * 86_400,
    });
    let (header, key) = (
        Header::new(Algorithm::HS256),
        EncodingKey::from_secret(secret.as_bytes()),
    );
    jsonwebtoken::encode(&header, &claims, &key).map_err(|error| {
        let problem = format!("cannot sign the {role} key: {error}");
        Error::setup(problem, "this is a fault of the tool")
    })
}

/// An ES256 key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    /// PKCS#8, base64.
    pub(crate) pkcs8: String,
    /// The first coordinate of the public point, base64url.
    pub(crate) x: String,
    /// The second coordinate.
    pub(crate) y: String,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = pair.map_err(no_randomness)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(no_randomness)?;
        // 0x04, then both coordinates of 32 bytes.
        let point = pair.public_key().as_ref();
        Ok(Self {
            kid: uuid::Uuid::new_v4().to_string(),
            pkcs8: STANDARD.encode(pkcs8.as_ref()),
            x: URL_SAFE_NO_PAD.encode(&point[1..33]),
            y: URL_SAFE_NO_PAD.encode(&point[33..65]),
        })
    }

    /// The public half as a JSON Web Key.
    pub(crate) fn jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": true,
            "kid": self.kid, "x": self.x, "y": self.y,
        })
    }
}

fn random_bytes(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    rand::fill(&mut bytes).map_err(no_randomness)?;
    Ok(bytes)
}

/// A random text of letters, digits, `-` and `_`.
pub(crate) fn random_token(length: usize) -> Result<String> {
    let mut token = URL_SAFE_NO_PAD.encode(random_bytes(length)?);
    token.truncate(length);
    Ok(token)
}

fn no_randomness(_: Unspecified) -> Error {
    Error::setup(
        "no random numbers",
        "the system's source of randomness must work",
    )
}
