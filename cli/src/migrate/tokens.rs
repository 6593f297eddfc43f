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
        b'\'' | b'"' => (
            Kind::Quoted,
            quoted_end(bytes, at, byte, byte == b'\'' && after_e),
        ),
        b'$' => match dollar_end(bytes, at) {
            Some(end) => (Kind::Quoted, end),
            None => one(Kind::Other),
        },
        _ if byte.is_ascii_whitespace() => one(Kind::Space),
        _ if is_word(byte) => (Kind::Word, word_end(bytes, at)),
        _ => one(Kind::Other),
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn word_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|byte| !is_word(*byte) && *byte != b'$')
        .map_or(bytes.len(), |length| at + length)
}

/// Where a comment that begins here ends; block comments nest.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..at + 2)? {
        b"--" => Some(
            at + bytes[at..]
                .iter()
                .take_while(|byte| **byte != b'\n')
                .count(),
        ),
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
    let tag = bytes[at + 1..]
        .iter()
        .take_while(|byte| is_word(**byte))
        .count();
    let opener = &bytes[at..(at + tag + 2).min(bytes.len())];
    if opener.last() != Some(&b'$')
        || opener.len() < 2
        || bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    let body = at + opener.len();
    let end = bytes[body..]
        .windows(opener.len())
        .position(|window| window == opener)
        .map_or(bytes.len(), |found| body + found + opener.len());
    Some(end)
}
