//! What null means in a change. A field that is absent stays. Null clears what can be cleared: to null ([`given`]) or to the
//! empty value of its type ([`emptied`]). Everything else refuses it ([`required`]).

use serde::{Deserialize, Deserializer, de::Error as _};

/// Null stays null, `Some(None)`: `#[serde(default, deserialize_with = "platform::nullable::given")]`.
///
/// # Errors
///
/// A value that is no `T`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Null is an empty list, an empty text, a voice that says nothing.
///
/// # Errors
///
/// A value that is no `T`.
pub fn emptied<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value: Option<T> = Option::deserialize(deserializer)?;
    Ok(Some(value.unwrap_or_default()))
}

/// Null is refused.
///
/// # Errors
///
/// Null, and a value that is no `T`.
pub fn required<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value: Option<T> = Option::deserialize(deserializer)?;
    value
        .map(Some)
        .ok_or_else(|| D::Error::custom("must not be null"))
}
