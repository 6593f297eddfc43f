//! Fields of a change that may be absent (they stay), null (they are cleared) or given.

use serde::{Deserialize, Deserializer};

/// Tells a null, `Some(None)`, from an absent field: `#[serde(default, deserialize_with = "platform::nullable::given")]`.
///
/// # Errors
///
/// A value that is no `T`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
