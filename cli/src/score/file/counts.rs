//! Counts as people and spreadsheets write them.

use super::given::Thousands;

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// That the count is not known.
    Unknown,
    /// One number.
    Is(u64),
    /// One sign with three digits after it: thousands, or a fraction.
    Either {
        sign: Sign,
        /// If it groups thousands.
        grouped: u64,
        /// If it is the decimal sign; none when that is no whole number.
        plain: Option<u64>,
    },
}

/// A sign that groups thousands in some countries and starts the fraction in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Dot,
    Comma,
}

/// What a field shows about a sign, whatever the others say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// It groups thousands: 1.234.567.
    Groups(Sign),
    /// It is the decimal sign: 12345.000.
    Decimal(Sign),
}

/// How people say that they do not know, folded.
const UNKNOWN: [&str; 16] = [
    "",
    "na",
    "n/a",
    "#n/a",
    "null",
    "none",
    "nil",
    "nan",
    "–",
    "—",
    "?",
    "\\n",
    "undefined",
    "unknown",
    "hidden",
    "disabled",
];

/// Whether a text says that nothing is known: empty, `-`, `NA`, `null` and their like.
pub(super) fn is_unknown(text: &str) -> bool {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let is_dashes = text.bytes().all(|byte| byte == b'-');
    is_dashes || text.len() <= 9 && UNKNOWN.contains(&text.to_lowercase().as_str())
}

/// Reads a count, with what it shows about signs.
///
/// # Errors
/// What is wrong and what would be right.
pub(super) fn read(text: &str) -> Result<(Reading, Option<Shows>), String> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((Reading::Is(text.parse().map_err(|_| wrong(text))?), None));
    }
    if is_unknown(text) {
        return Ok((Reading::Unknown, None));
    }
    let plain = plain(text);
    let groups = groups(&plain).ok_or_else(|| wrong(text))?;
    separated(&groups).ok_or_else(|| wrong(text))
}

/// The count that is meant when it is known whether the sign groups thousands.
///
/// # Errors
/// When it is no whole number then.
pub(super) fn settle(
    reading: Reading,
    thousands: impl Fn(Sign) -> bool,
    text: &str,
) -> Result<Option<u64>, String> {
    match reading {
        Reading::Unknown => Ok(None),
        Reading::Is(count) => Ok(Some(count)),
        Reading::Either { sign, grouped, .. } if thousands(sign) => Ok(Some(grouped)),
        Reading::Either { plain, .. } => plain.map(Some).ok_or_else(|| wrong(text)),
    }
}

impl Thousands {
    /// Whether the sign groups.
    pub(super) fn has(self, sign: Sign) -> bool {
        matches!(
            (self, sign),
            (Self::Dot, Sign::Dot) | (Self::Comma, Sign::Comma)
        )
    }
}

impl Sign {
    /// As it is written, and as `--thousands` takes it.
    pub(super) fn as_char(self) -> char {
        match self {
            Self::Dot => '.',
            Self::Comma => ',',
        }
    }

    fn of(c: char) -> Option<Self> {
        match c {
            '.' => Some(Self::Dot),
            ',' => Some(Self::Comma),
            _ => None,
        }
    }
}

/// With ASCII digits, one kind of space and apostrophe, and without what spreadsheets put around a number to keep it text.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('\'').unwrap_or(text);
    let text = text
        .strip_prefix("=\"")
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    text.trim().chars().map(plain_char).collect()
}

/// A digit of any script that YouTube Studio writes as an ASCII digit; spaces and apostrophes as one of each.
pub(super) fn plain_char(c: char) -> char {
    const ZEROS: [char; 4] = ['٠', '۰', '०', '０'];
    let digit = ZEROS.iter().find_map(|&zero| {
        (u32::from(c))
            .checked_sub(u32::from(zero))
            .filter(|digit| *digit < 10)
    });
    match (digit.and_then(|digit| char::from_digit(digit, 10)), c) {
        (Some(digit), _) => digit,
        (None, '’' | '‘' | '٬') => '\'',
        (None, '٫') => '.',
        (None, c) if c.is_whitespace() => ' ',
        (None, c) => c,
    }
}

/// The digits between the signs: the first without a sign, each other with the sign before it.
fn groups(text: &str) -> Option<Vec<(char, &str)>> {
    let mut groups = Vec::new();
    let (mut start, mut sign) = (0, '\0');
    for (place, c) in text.char_indices().chain([(text.len(), '\0')]) {
        if c.is_ascii_digit() {
            continue;
        }
        if !matches!(c, '.' | ',' | ' ' | '\'' | '\0') || place == start {
            return None;
        }
        groups.push((sign, &text[start..place]));
        (start, sign) = (place + c.len_utf8(), c);
    }
    (groups.len() <= 12).then_some(groups)
}

fn separated(groups: &[(char, &str)]) -> Option<(Reading, Option<Shows>)> {
    let (&(_, first), rest) = groups.split_first()?;
    let Some(&(last_sign, last)) = rest.last() else {
        return Some((Reading::Is(first.parse().ok()?), None));
    };
    let Some(sign) = Sign::of(last_sign) else {
        return Some((Reading::Is(joined(groups)?), None));
    };
    let is_whole = last.bytes().all(|byte| byte == b'0');
    match &rest[..rest.len() - 1] {
        [] => single(first, last, sign, is_whole),
        between if between.iter().all(|(other, _)| *other == last_sign) => {
            Some((Reading::Is(joined(groups)?), Some(Shows::Groups(sign))))
        }
        _ if is_whole => {
            let whole = joined(&groups[..groups.len() - 1])?;
            Some((Reading::Is(whole), Sign::of(groups[1].0).map(Shows::Groups)))
        }
        _ => None,
    }
}

/// Two groups of digits with a dot or comma between them.
fn single(first: &str, last: &str, sign: Sign, is_whole: bool) -> Option<(Reading, Option<Shows>)> {
    let plain = if is_whole {
        Some(first.parse().ok()?)
    } else {
        None
    };
    let may_group = last.len() == 3 && first.len() <= 3 && !first.starts_with('0');
    if may_group {
        let grouped = format!("{first}{last}").parse().ok()?;
        return Some((
            Reading::Either {
                sign,
                grouped,
                plain,
            },
            None,
        ));
    }
    // `37.0`: spreadsheets and data frames write whole numbers so once a column has gaps.
    let shows = (last.len() == 3 && first.len() > 3).then_some(Shows::Decimal(sign));
    Some((Reading::Is(plain?), shows))
}

/// The number, where the groups are such as people make: of three digits, or of two and the last of three (as in India).
fn joined(groups: &[(char, &str)]) -> Option<u64> {
    let (&(_, first), rest) = groups.split_first()?;
    let (&(sign, last), between) = rest.split_last()?;
    let is_one_sign = rest.iter().all(|(other, _)| *other == sign);
    let all = |length: usize| between.iter().all(|(_, digits)| digits.len() == length);
    let is_indian = sign == ',' && all(2) && first.len() <= 2;
    let is_grouped = last.len() == 3 && (all(3) && first.len() <= 3 || is_indian);
    if !is_one_sign || !is_grouped || first.starts_with('0') {
        return None;
    }
    groups
        .iter()
        .map(|(_, digits)| *digits)
        .collect::<String>()
        .parse()
        .ok()
}

fn wrong(text: &str) -> String {
    let quoted = crate::score::text::quoted(text);
    let starts_with_digit = plain(text).starts_with(|c: char| c.is_ascii_digit());
    let has_power = text.to_ascii_uppercase().contains("E+");
    match () {
        () if starts_with_digit && has_power => {
            format!(
                "{quoted} was shortened by a spreadsheet: format the column as a number and save again"
            )
        }
        () if starts_with_digit && text.chars().any(char::is_alphabetic) => {
            format!("{quoted} is abbreviated: write the whole number in digits")
        }
        () if text.starts_with("##") => {
            format!("{quoted} was cut off by a spreadsheet: widen the column and save again")
        }
        () => format!("{quoted} is not a whole number of 0 or more: write it in digits"),
    }
}

#[cfg(test)]
mod tests;
