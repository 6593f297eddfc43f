//! SQL, cut into the few kinds of pieces that matter to where a statement ends.

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    Space,
    Semicolon,
    Open,
    Close,
    Word,
    /// In quotes or dollar quotes.
    Quoted,
    Other,
}

/// One piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    pub(super) text: &'a str,
}

/// Every piece of a text, in order and without gaps.
pub(super) fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> {
    let mut start = 0;
    // Only the prefix E makes a backslash an escape.
    let mut after_e = false;
    std::iter::from_fn(move || {
        let (kind, end) = next(sql.as_bytes(), start, after_e)?;
        let token = Token {
            kind,
            start,
            text: &sql[start..end],
        };
        start = end;
        after_e = token.text.eq_ignore_ascii_case("e");
        Some(token)
    })
}

/// What begins at a place, and where it ends.
fn next(bytes: &[u8], at: usize, after_e: bool) -> Option<(Kind, usize)> {
    let byte = *bytes.get(at)?;
    if let Some(end) = comment_end(bytes, at) {
        return Some((Kind::Comment, end));
    }
    let one = |kind| (kind, at + 1);
    Some(match byte {
        b';' => one(Kind::Semicolon),
        b'(' => one(Kind::Open),
        b')' => one(Kind::Close),
        b'\'' => (Kind::Quoted, quoted_end(bytes, at, byte, after_e)),
        b'"' => (Kind::Quoted, quoted_end(bytes, at, byte, false)),
        b'$' => dollar_end(bytes, at).map_or(one(Kind::Other), |end| (Kind::Quoted, end)),
        _ if byte.is_ascii_whitespace() => one(Kind::Space),
        _ if is_word(byte) => (
            Kind::Word,
            end_of(bytes, at, |byte| is_word(byte) || byte == b'$'),
        ),
        _ => one(Kind::Other),
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the bytes from here on that are like these end.
fn end_of(bytes: &[u8], at: usize, alike: impl Fn(u8) -> bool) -> usize {
    let other = bytes[at..].iter().position(|byte| !alike(*byte));
    other.map_or(bytes.len(), |length| at + length)
}

/// Where a comment that begins here ends; block comments nest.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..at + 2)? {
        b"--" => Some(end_of(bytes, at, |byte| byte != b'\n')),
        b"/*" => {
            let mut depth = 1;
            let mut here = at + 2;
            while depth > 0 && here < bytes.len() {
                match bytes.get(here..here + 2) {
                    Some(b"/*") => (depth, here) = (depth + 1, here + 2),
                    Some(b"*/") => (depth, here) = (depth - 1, here + 2),
                    _ => here += 1,
                }
            }
            Some(here)
        }
        _ => None,
    }
}

/// Where a quoted text that begins here ends. A doubled quote stands for itself.
fn quoted_end(bytes: &[u8], at: usize, quote: u8, backslash_escapes: bool) -> usize {
    let mut here = at + 1;
    while here < bytes.len() {
        if backslash_escapes && bytes[here] == b'\\' {
            here += 2;
        } else if bytes[here] != quote {
            here += 1;
        } else if bytes.get(here + 1) == Some(&quote) {
            here += 2;
        } else {
            return here + 1;
        }
    }
    bytes.len()
}

/// Where a dollar-quoted text that begins here ends; a lone `$`, as in `$1`, begins none.
fn dollar_end(bytes: &[u8], at: usize) -> Option<usize> {
    let opener = bytes.get(at..=end_of(bytes, at + 1, is_word))?;
    if opener.last() != Some(&b'$') || bytes[at + 1].is_ascii_digit() {
        return None;
    }
    let body = at + opener.len();
    let closer = bytes[body..]
        .windows(opener.len())
        .position(|text| text == opener);
    Some(closer.map_or(bytes.len(), |found| body + found + opener.len()))
}
