//! Rows that were not decoded yet.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::Error as _;

use crate::error::Error;

/// Rows as they were sent.
#[derive(Debug)]
pub struct Answer {
    pub(crate) body: Bytes,
}

impl Answer {
    /// The rows as `T`: a list for tables, any shape for functions.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`].
    pub fn rows<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        // A function that returns void answers 204 or an empty body: that is JSON's null.
        let body: &[u8] = if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        };
        // Looked through once as a whole, instead of string by string.
        let text = std::str::from_utf8(body)
            .map_err(|error| Error::Decode(serde_json::Error::custom(error)))?;
        serde_json::from_str(text).map_err(Error::Decode)
    }
}
