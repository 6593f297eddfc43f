//! Stable hashes, from which ids and made-up figures are derived.

use std::fmt::Write as _;

use aws_lc_rs::digest::{Context, SHA256};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A stable 64-bit hash of some texts.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    u64::from_be_bytes(digest(parts)[..8].try_into().unwrap_or_default())
}

/// The first `n` characters of a digest in the alphabet that YouTube's ids use.
pub(crate) fn short_id(parts: &[&str], n: usize) -> String {
    let mut text = URL_SAFE_NO_PAD.encode(digest(parts));
    text.truncate(n);
    text
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// Lower-case hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
