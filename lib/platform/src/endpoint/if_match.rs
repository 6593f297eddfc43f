//! The version that an edit is made of, from `If-Match`.

use http::HeaderMap;
use http::header::IF_MATCH;

use crate::problem::{Kind, Problem};

/// The version in `If-Match`; none when any will do.
pub(super) fn version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let value = value.to_str().unwrap_or_default().trim();
    if value == "*" {
        return Ok(None);
    }
    if !is_entity_tag(value) {
        return Err(Problem::new(Kind::InvalidHeader).detail(
            "If-Match must hold an ETag with its quotation marks, for example \"v3\", or *.",
        ));
    }
    value
        .strip_prefix("\"v")
        .and_then(|v| v.strip_suffix('"'))
        .and_then(|v| v.parse().ok())
        .map(Some)
        .ok_or_else(|| {
            Problem::new(Kind::VersionMismatch)
                .detail("If-Match must hold the ETag that the last read of this object gave.")
        })
}

/// One entity tag as RFC 9110 writes it, in ASCII.
fn is_entity_tag(value: &str) -> bool {
    let opaque = value.strip_prefix("W/").unwrap_or(value);
    opaque
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .is_some_and(|tag| {
            tag.bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn only_what_stands_in_quotation_marks_is_a_tag(value in "\\PC{0,40}") {
            let tag = is_entity_tag(&value);
            proptest::prop_assert!(!tag || (value.is_ascii() && value.ends_with('"') && value.len() > 1));
            proptest::prop_assert_eq!(
                is_entity_tag(&format!("\"{value}\"")),
                value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
            );
        }
    }
}
