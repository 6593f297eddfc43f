//! Why a key ring or a value is not usable.

/// Never says what is inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// `TOKEN_ENCRYPTION_KEYS` is malformed.
    #[error("TOKEN_ENCRYPTION_KEYS: {0}")]
    Keys(&'static str),
    /// The value is not of our form.
    #[error("the stored secret is malformed")]
    Malformed,
    /// The key that sealed the value is not in the ring.
    #[error(
        "the stored secret was sealed with the key `{0}`, which TOKEN_ENCRYPTION_KEYS does not list"
    )]
    UnknownKey(String),
    /// The value was changed, or belongs to another row.
    #[error("the stored secret does not belong here or was changed")]
    Refused,
}
