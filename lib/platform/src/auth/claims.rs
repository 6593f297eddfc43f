//! The claims of an access token, checked by type and value.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use uuid::Uuid;

/// For the log: the client hears less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rejection {
    /// Not a JWT of a size and shape we read.
    #[error("malformed token")]
    Malformed,
    /// `alg` is not the key's, or no key fits.
    #[error("no trusted key fits the token's header")]
    UnknownKey,
    /// Signed with the project's shared secret, which is not configured.
    #[error("an HS256 token, and SUPABASE_JWT_SECRET is not set")]
    NoSharedSecret,
    /// Its key is not published, and the auth service gave no answer about it.
    #[error("a token of an unpublished key could not be confirmed")]
    Unconfirmed,
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

/// Skew that is tolerated, as PostgREST does.
const LEEWAY_SECONDS: i64 = 30;

/// The longest life that a project can give its access tokens (Supabase, `jwt_expiry`): a week.
const LONGEST_LIFE_SECONDS: i64 = 604_800;

/// The claims that are checked. Each is of its type or the token is refused; `flatten` makes each an object, where
/// serde would also take an array, and a claim that comes twice is an error.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    iat: Option<i64>,
    #[serde(deserialize_with = "user_id")]
    pub(super) sub: Uuid,
    role: String,
    #[serde(default)]
    pub(super) app_metadata: AppMetadata,
    /// The program that the token was given to; none in a user's own session.
    #[serde(default, deserialize_with = "present")]
    pub(super) client_id: Option<Uuid>,
    /// The sign-in that the token belongs to.
    #[serde(default, deserialize_with = "session_id")]
    pub(super) session_id: Option<Uuid>,
    #[serde(flatten)]
    _others: HashMap<String, IgnoredAny>,
}

/// It decides nothing, so whatever else stands there is as good as none.
fn session_id<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Uuid>, D::Error> {
    let value = serde_json::Value::deserialize(value)?;
    Ok(value.as_str().and_then(|text| text.parse().ok()))
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct AppMetadata {
    pub(super) role: Option<String>,
    #[serde(flatten)]
    _others: HashMap<String, IgnoredAny>,
}

/// What may be absent, but not null.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}

/// A UUID in its one usual spelling, as the database reads it.
fn user_id<'de, D: Deserializer<'de>>(input: D) -> Result<Uuid, D::Error> {
    let text = String::deserialize(input)?;
    let id = text.parse().ok().filter(|_| text.len() == 36);
    id.ok_or_else(|| serde::de::Error::custom("not a user id"))
}

impl Claims {
    /// Drops the claims that are not checked.
    pub(super) fn trim(&mut self) {
        self._others = HashMap::new();
        self.app_metadata._others = HashMap::new();
    }

    /// Whether they are those of a signed-in user of the project whose issuer this is, at `now` in seconds since 1970.
    pub(super) fn check(&self, issuer: &str, now: i64) -> Result<(), Rejection> {
        let audience = match &self.aud {
            Audience::One(aud) => aud == "authenticated",
            Audience::Many(list) => list.iter().any(|aud| aud == "authenticated"),
        };
        let latest = now.saturating_add(LEEWAY_SECONDS);
        let early = self.nbf.is_some_and(|nbf| nbf > latest)
            || self.iat.is_some_and(|iat| iat > latest)
            || self.exp > latest.saturating_add(LONGEST_LIFE_SECONDS);
        if self.iss != issuer || !audience || self.role != "authenticated" || early {
            return Err(Rejection::Claims);
        }
        if self.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Rejection::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests;
