//! Values of a row that are passed on as the database wrote them. A page has some 700, and almost all only change their place.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use platform::db::DbError;

/// A value that is passed on as the database wrote it.
pub(super) type Raw<'a> = &'a RawValue;

/// The value itself, where it is needed.
pub(super) fn value<T: DeserializeOwned>(raw: Option<Raw<'_>>) -> Result<Option<T>, DbError> {
    raw.map(|raw| serde_json::from_str(raw.get()))
        .transpose()
        .map_err(|error| postgrest::Error::Decode(error).into())
}
