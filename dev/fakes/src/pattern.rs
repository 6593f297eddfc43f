//! Matching paths and bodies.

/// Whether `text` is what `pattern` says, `*` standing for anything.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        last = Some(piece);
    }
    rest.is_empty() || last.is_some_and(|piece| text.ends_with(piece))
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty()
        || haystack
            .windows(needle.len())
            .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{contains, glob};

    #[test]
    fn a_star_stands_for_anything() {
        assert!(glob("/youtube/v3/*", "/youtube/v3/videos"));
        assert!(glob("*/videos", "/youtube/v3/videos"));
        assert!(glob("/a*c*e", "/abcde"));
        assert!(glob("/token", "/token"));
        assert!(!glob("/token", "/token/x"));
        assert!(!glob("/a*z", "/abc"));
    }

    #[test]
    fn text_is_found_in_bytes() {
        assert!(contains(b"hello", b"ell"));
        assert!(!contains(b"hello", b"elx"));
    }
}
