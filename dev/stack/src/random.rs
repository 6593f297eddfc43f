//! Random bytes and words for secrets.

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use catalyst_cli::error::{Error, Result};

pub(crate) fn random_bytes(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    rand::fill(&mut bytes).map_err(|_| {
        Error::setup(
            "no random numbers",
            "the system's source of randomness must work",
        )
    })?;
    Ok(bytes)
}

/// A random text of letters, digits, `-` and `_`.
pub(crate) fn random_token(length: usize) -> Result<String> {
    let mut token = URL_SAFE_NO_PAD.encode(random_bytes(length)?);
    token.truncate(length);
    Ok(token)
}
