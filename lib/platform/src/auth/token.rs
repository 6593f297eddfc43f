//! Verifying an access token: the algorithm comes from the key, never from the token; `iss`, `aud`, `exp` and `sub` are
//! required; every claim that is looked at must have its documented type (Supabase, "JWT claims reference"; RFC 8725).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::Jwks;
use crate::config::Config;
use crate::ids::UserId;

/// Skew that is tolerated, as PostgREST does.
const LEEWAY_SECONDS: i64 = 30;

/// The longest life that a project can give its access tokens (Supabase, `jwt_expiry`): a week.
const LONGEST_LIFE_SECONDS: i64 = 604_800;

/// Larger tokens are refused before anything is decoded.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `sub`.
    pub id: UserId,
    /// `app_metadata.role`: the product's role, set by the server only.
    pub role: Option<String>,
    /// The token itself, to read rows with.
    pub token: SecretString,
}

/// Why a token was refused. For the log: the client hears less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a JWT of a size and shape we read.
    #[error("malformed token")]
    Malformed,
    /// `alg` is not the key's, or no key fits.
    #[error("no trusted key fits the token's header")]
    UnknownKey,
    /// The signature does not verify.
    #[error("signature does not verify")]
    Signature,
    /// A claim is missing, has the wrong type or the wrong value.
    #[error("claims are not those of a signed-in user of this project")]
    Claims,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// No key set was ever fetched.
    #[error("signing keys unavailable")]
    KeysUnavailable,
}

/// The claims we look at. What is here is of its type or the token is refused; `flatten` makes each an object, where
/// serde would also take an array, and a claim that comes twice is an error.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    iat: Option<i64>,
    #[serde(deserialize_with = "user_id")]
    sub: Uuid,
    role: String,
    #[serde(default)]
    app_metadata: AppMetadata,
    #[serde(flatten)]
    _others: HashMap<String, IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
struct AppMetadata {
    #[serde(default)]
    role: Option<String>,
    #[serde(flatten)]
    _others: HashMap<String, IgnoredAny>,
}

/// A number that may be absent, but not null.
fn present<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(input).map(Some)
}

/// A UUID in its one usual spelling, as the database reads it.
fn user_id<'de, D: Deserializer<'de>>(input: D) -> Result<Uuid, D::Error> {
    let text = String::deserialize(input)?;
    Some(text.as_str())
        .filter(|text| text.len() == 36)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| serde::de::Error::custom("not a user id"))
}

/// Verifies `token` against the project's keys.
///
/// # Errors
///
/// [`Rejection`].
pub async fn verify(config: &Config, jwks: &Jwks, token: &str) -> Result<Caller, Rejection> {
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return Err(Rejection::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Malformed)?;
    if header.crit.is_some() {
        // Extensions that must be understood; we understand none (RFC 7515, 4.1.11).
        return Err(Rejection::Malformed);
    }
    let claims = match header.alg {
        Algorithm::HS256 => Arc::new(decode(token, &legacy_key(config)?, Algorithm::HS256)?),
        algorithm => {
            let kid = header.kid.as_deref().ok_or(Rejection::UnknownKey)?;
            let trusted = jwks.find(kid).await?;
            if trusted.algorithm != algorithm {
                return Err(Rejection::UnknownKey);
            }
            trusted
                .verified
                .claims(token, || decode(token, &trusted.key, algorithm))?
        }
    };
    let now = jiff::Timestamp::now().as_second();
    check(&config.supabase.jwt_issuer, &claims, now)?;
    Ok(Caller {
        id: UserId(claims.sub),
        role: claims.app_metadata.role.clone(),
        token: token.to_owned().into(),
    })
}

/// Tokens that are remembered.
const REMEMBERED: usize = 1_024;

/// What tokens say whose signature was verified, by the token's SHA-256: a signature costs more than all the rest of a
/// request. Belongs to one key set and goes with it, so that nothing is taken from here that a key signed which is no longer
/// published. What the claims mean today is checked every time.
#[derive(Debug, Default)]
pub struct Verified(Mutex<HashMap<[u8; 32], Arc<Claims>>>);

impl Verified {
    fn claims(
        &self,
        token: &str,
        decode: impl FnOnce() -> Result<Claims, Rejection>,
    ) -> Result<Arc<Claims>, Rejection> {
        let mut name = [0; 32];
        name.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if let Some(claims) = self.tokens().get(&name) {
            return Ok(Arc::clone(claims));
        }
        let mut claims = decode()?;
        claims._others = HashMap::new();
        claims.app_metadata._others = HashMap::new();
        let claims = Arc::new(claims);
        let mut tokens = self.tokens();
        if tokens.len() >= REMEMBERED {
            tokens.clear();
        }
        tokens.insert(name, Arc::clone(&claims));
        Ok(claims)
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<Claims>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The project's shared secret, trusted only when it is configured.
fn legacy_key(config: &Config) -> Result<DecodingKey, Rejection> {
    let secret = config
        .supabase
        .jwt_secret
        .as_ref()
        .ok_or(Rejection::UnknownKey)?;
    Ok(DecodingKey::from_secret(secret.expose_secret().as_bytes()))
}

/// Checks the signature only: the claims are checked by type and value in [`check`].
fn decode(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Claims, Rejection> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map(|data| data.claims)
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => Rejection::Claims,
            _ => Rejection::Signature,
        })
}

fn check(issuer: &str, claims: &Claims, now: i64) -> Result<(), Rejection> {
    let audience = match &claims.aud {
        Audience::One(aud) => aud == "authenticated",
        Audience::Many(list) => list.iter().any(|aud| aud == "authenticated"),
    };
    let latest = now.saturating_add(LEEWAY_SECONDS);
    let early = claims.nbf.is_some_and(|nbf| nbf > latest)
        || claims.iat.is_some_and(|iat| iat > latest)
        || claims.exp > latest.saturating_add(LONGEST_LIFE_SECONDS);
    if claims.iss != issuer || !audience || claims.role != "authenticated" || early {
        return Err(Rejection::Claims);
    }
    if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
        return Err(Rejection::Expired);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const ISSUER: &str = "https://project.example/auth/v1";

    fn claims() -> Value {
        json!({
            "iss": ISSUER, "aud": "authenticated", "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
            "sub": "7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f", "role": "authenticated",
            "app_metadata": { "provider": "email", "providers": ["email"] }, "is_anonymous": false, "amr": [{ "method": "password" }],
        })
    }

    fn judge(claims: &str) -> Result<(), Rejection> {
        let claims = serde_json::from_str(claims).map_err(|_| Rejection::Claims)?;
        check(ISSUER, &claims, NOW)
    }

    fn with(name: &str, value: Value) -> Result<(), Rejection> {
        let mut claims = claims();
        claims[name] = value;
        judge(&claims.to_string())
    }

    #[test]
    fn a_token_of_the_project_passes() {
        assert_eq!(judge(&claims().to_string()), Ok(()));
        assert_eq!(with("aud", json!(["other", "authenticated"])), Ok(()));
        for optional in ["nbf", "iat", "app_metadata"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(optional);
            assert_eq!(judge(&claims.to_string()), Ok(()), "{optional}");
        }
    }

    #[test]
    fn a_signature_is_verified_once_and_only_a_good_one_is_remembered() {
        let verified = Verified::default();
        let good = || Ok(serde_json::from_value::<Claims>(claims()).unwrap());
        let again = || -> Result<Claims, Rejection> { panic!("verified already") };
        for n in 0..REMEMBERED {
            assert!(verified.claims(&format!("token {n}"), good).is_ok());
        }
        let first = verified.claims("token 0", again).unwrap();
        assert_eq!(first.sub, verified.claims("token 1", again).unwrap().sub);
        let bad = || Err(Rejection::Signature);
        assert_eq!(
            verified.claims("forged", bad).err(),
            Some(Rejection::Signature)
        );
        assert_eq!(
            verified.claims("forged", bad).err(),
            Some(Rejection::Signature)
        );
        assert!(verified.claims("one more", good).is_ok());
        assert_eq!(verified.tokens().len(), 1, "memory is bounded");
    }

    #[test]
    fn clocks_may_differ_by_thirty_seconds() {
        assert_eq!(with("exp", json!(NOW - 29)), Ok(()));
        assert_eq!(with("exp", json!(NOW - 30)), Err(Rejection::Expired));
        for name in ["nbf", "iat"] {
            assert_eq!(with(name, json!(NOW + 30)), Ok(()), "{name}");
            assert_eq!(
                with(name, json!(NOW + 31)),
                Err(Rejection::Claims),
                "{name}"
            );
        }
        assert_eq!(with("exp", json!(NOW + 604_830)), Ok(()));
        assert_eq!(with("exp", json!(NOW + 604_831)), Err(Rejection::Claims));
    }

    #[test]
    fn arrays_in_the_place_of_objects_and_repeated_claims_are_refused() {
        let list = json!([
            ISSUER,
            "authenticated",
            NOW + 3600,
            NOW,
            NOW,
            "7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f",
            "authenticated"
        ]);
        assert!(judge(&list.to_string()).is_err());
        assert!(with("app_metadata", json!(["admin"])).is_err());
        for name in ["sub", "role", "exp", "aud", "iss", "app_metadata"] {
            let text = claims().to_string();
            let repeated = format!("{{\"{name}\":{},{}", claims()[name], &text[1..]);
            assert!(judge(&repeated).is_err(), "{name}");
        }
    }

    #[test]
    fn a_claim_of_another_type_is_refused() {
        let wrong = [
            json!("1800003600"),
            json!(1.5),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!(null),
            json!([]),
            json!({}),
            json!(true),
        ];
        for name in [
            "iss",
            "aud",
            "exp",
            "nbf",
            "iat",
            "sub",
            "role",
            "app_metadata",
        ] {
            for value in &wrong {
                let right = ["nbf", "iat"].contains(&name) && *value == json!(-1)
                    || name == "app_metadata" && *value == json!({});
                assert_eq!(with(name, value.clone()).is_ok(), right, "{name} {value}");
            }
        }
        for sub in [
            "urn:uuid:7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f",
            "7f3c7f3a0a5c4a8e9f0f5a5f5a5f5a5f",
            "{7f3c7f3a-0a5c-4a8e-9f0f-5a5f5a5f5a5f}",
        ] {
            assert!(with("sub", json!(sub)).is_err(), "{sub}");
        }
    }

    /// What becomes of `token` at a project with a secret of its own and no other keys.
    fn verified(token: &str) -> Result<Caller, Rejection> {
        let config = Config::read(&|name| match name {
            "SUPABASE_URL" | "APP_URL" => Some("http://127.0.0.1:1".to_owned()),
            "SUPABASE_ANON_KEY" | "SUPABASE_SECRET_KEY" => Some("key".to_owned()),
            "SUPABASE_JWT_SECRET" => Some("of this project".to_owned()),
            _ => None,
        })
        .unwrap();
        let jwks = Jwks::new("http://127.0.0.1:1/keys".parse().unwrap());
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(verify(&config, &jwks, token))
    }

    fn signed(secret: &str) -> String {
        let mut claims = claims();
        let now = jiff::Timestamp::now().as_second();
        claims["iss"] = json!("http://127.0.0.1:1/auth/v1");
        for (name, at) in [("exp", now + 3600), ("iat", now), ("nbf", now)] {
            claims[name] = json!(at);
        }
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
    }

    #[test]
    fn a_secret_that_is_configured_is_trusted_and_no_other() {
        assert!(verified(&signed("of this project")).is_ok());
        assert!(verified(&signed("of another one")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_a_token_and_none_panics(text in "\\PC{0,300}", dots in 0usize..4) {
            let token = [text.as_str(); 4][..dots + 1].join(".");
            prop_assert!(verified(&token).is_err());
        }

        #[test]
        fn no_other_byte_anywhere_leaves_a_token(at: prop::sample::Index, byte in any::<u8>()) {
            let right = signed("of this project");
            let mut bytes = right.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let token = String::from_utf8_lossy(&bytes);
            prop_assert!(token == right || verified(&token).is_err());
        }

        #[test]
        fn no_claims_make_the_judge_panic(claims in "\\PC{0,200}", exp: i64, nbf: i64, iat: i64) {
            let _ = judge(&claims);
            for (name, value) in [("exp", exp), ("nbf", nbf), ("iat", iat)] {
                let _ = with(name, json!(value));
            }
        }
    }
}
