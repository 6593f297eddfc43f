//! Why an access token was refused.

/// For the log: the client hears less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rejection {
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
