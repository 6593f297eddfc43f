//! Days and times of day as people write them: with the month as a word, or as three numbers.

use jiff::civil::{Date, Time};

use super::given::Order;
use super::moment::{Reading, at, impossible, two_digits};
use super::months::month;

/// The numbers of a date in the order of the text.
pub(super) enum Numbers {
    /// The month is a word.
    Named { year: i16, month: i8, day: i8 },
    /// The year is first, or dots say that the day is.
    Ordered { year: i16, month: i8, day: i8 },
    /// The year is last.
    Unordered { first: i8, second: i8, year: i16 },
    /// No year of four digits.
    ShortYear,
}

impl Numbers {
    /// The moment that the numbers mean; none when there is no such day.
    pub(super) fn resolve(&self, time: Option<Time>) -> Option<Reading> {
        let moment = |year: i16, month: i8, day: i8| {
            Date::new(year, month, day)
                .ok()
                .and_then(|date| at(date, time))
        };
        match *self {
            Self::Named { year, month, day } | Self::Ordered { year, month, day } => {
                moment(year, month, day).map(Reading::Is)
            }
            Self::Unordered {
                first,
                second,
                year,
            } => match (moment(year, second, first), moment(year, first, second)) {
                (Some(day_first), Some(month_first)) if day_first == month_first => {
                    Some(Reading::Is(day_first))
                }
                (Some(day_first), Some(month_first)) => Some(Reading::Either {
                    day_first,
                    month_first,
                }),
                (Some(moment), None) => Some(Reading::Only(Order::DayFirst, moment)),
                (None, Some(moment)) => Some(Reading::Only(Order::MonthFirst, moment)),
                (None, None) => None,
            },
            Self::ShortYear => None,
        }
    }

    /// Why they mean none.
    pub(super) fn wrong(&self, text: &str) -> String {
        match self {
            Self::ShortYear => two_digits(text),
            _ => impossible(text),
        }
    }
}

enum Token<'a> {
    Number(&'a str),
    Word(&'a str),
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => 0,
        // Accents may stand by themselves.
        c if c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) => 1,
        _ => 2,
    };
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match kind(first) {
            2 => first.len_utf8(),
            same => rest.find(|c| kind(c) != same).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(match kind(first) {
            0 => Token::Number(token),
            1 => Token::Word(token),
            _ => Token::Sign(first),
        });
        rest = after;
    }
    tokens
}

/// Words in dates that say nothing: "3 de enero", "3rd", "2024年1月3日", "3 января 2024 г.".
const FILLERS: [&str; 26] = [
    "de", "del", "di", "den", "der", "le", "el", "of", "st", "nd", "rd", "th", "г", "года", "р",
    "року", "年", "月", "日", "년", "월", "일", "at", "um", "à", "kl",
];

/// The date and the time of day in a text.
pub(super) fn words(text: &str) -> Option<(Numbers, Option<Time>)> {
    let tokens = tokens(text);
    let colon = tokens
        .iter()
        .position(|token| matches!(token, Token::Sign(':')));
    let (tokens, time) = match colon {
        Some(colon) => (
            &tokens[..colon.checked_sub(1)?],
            Some(time_of_day(&tokens[colon - 1..])?),
        ),
        None => (&tokens[..], None),
    };
    let (mut numbers, mut named, mut sign, mut is_numbered) = (Vec::new(), None, None, false);
    for (place, token) in tokens.iter().enumerate() {
        match *token {
            Token::Number(digits) if digits.len() <= 4 => numbers.push(digits),
            Token::Number(_) => return None,
            Token::Sign(c) if matches!(c, '/' | '.' | '-' | ',' | ' ') => {
                sign = sign.or((numbers.len() == 1 && c != ' ').then_some(c));
            }
            Token::Sign(_) => return None,
            // "3 thg 1, 2024".
            Token::Word(word) if matches!(word.to_lowercase().as_str(), "thg" | "tháng") => {
                is_numbered = true
            }
            Token::Word(word) if FILLERS.contains(&word.to_lowercase().as_str()) => {}
            Token::Word(word) => match (month(word), named) {
                (Some(month), None) => named = Some(month),
                // The day of the week.
                (None, None) if place == 0 => {}
                _ => return None,
            },
        }
    }
    Some((number(&numbers, named, sign, is_numbered)?, time))
}

fn number(
    numbers: &[&str],
    named: Option<i8>,
    sign: Option<char>,
    is_numbered: bool,
) -> Option<Numbers> {
    let small = |digits: &str| {
        (digits.len() <= 2)
            .then(|| digits.parse::<i8>().ok())
            .flatten()
    };
    let year = |digits: &str| {
        (digits.len() == 4)
            .then(|| digits.parse::<i16>().ok())
            .flatten()
    };
    match (named, numbers) {
        (Some(month), &[one, two]) => match (year(one), year(two)) {
            (Some(year), None) => Some(Numbers::Named {
                year,
                month,
                day: small(two)?,
            }),
            (None, Some(year)) => Some(Numbers::Named {
                year,
                month,
                day: small(one)?,
            }),
            (None, None) if one.len() <= 2 && two.len() <= 2 => Some(Numbers::ShortYear),
            _ => None,
        },
        (None, &[one, two, three]) => match (year(one), year(three)) {
            (Some(year), None) => Some(Numbers::Ordered {
                year,
                month: small(two)?,
                day: small(three)?,
            }),
            (None, Some(year)) if sign == Some('.') || is_numbered => Some(Numbers::Ordered {
                year,
                month: small(two)?,
                day: small(one)?,
            }),
            (None, Some(year)) => Some(Numbers::Unordered {
                first: small(one)?,
                second: small(two)?,
                year,
            }),
            (None, None) if [one, two, three].iter().all(|digits| digits.len() <= 2) => {
                Some(Numbers::ShortYear)
            }
            _ => None,
        },
        _ => None,
    }
}

/// `10:00`, `10:00:30`, `10:00:30.5`, each with AM or PM, or UTC.
fn time_of_day(tokens: &[Token<'_>]) -> Option<Time> {
    let mut parts = Vec::new();
    let mut suffix = String::new();
    let mut expects_number = true;
    for token in tokens {
        match *token {
            Token::Number(digits) if expects_number && parts.len() < 4 => {
                parts.push(digits);
                expects_number = false;
            }
            Token::Sign(':') if !expects_number && parts.len() < 3 => expects_number = true,
            Token::Sign('.') if parts.len() == 3 && !expects_number && suffix.is_empty() => {
                expects_number = true
            }
            Token::Sign(' ' | '.') => {}
            Token::Word(word) => suffix.push_str(&word.to_lowercase()),
            _ => return None,
        }
    }
    let number = |place: usize| {
        parts
            .get(place)
            .map_or(Some(0), |digits| digits.parse::<i8>().ok())
    };
    let (hour, minute, second) = (number(0)?, number(1)?, number(2)?);
    let hour = match (suffix.as_str(), hour) {
        ("" | "utc" | "gmt" | "z" | "uhr", hour) => hour,
        ("am", 12) => 0,
        ("am", hour @ 1..=11) => hour,
        ("pm", 12) => 12,
        ("pm", hour @ 1..=11) => hour + 12,
        _ => return None,
    };
    Time::new(hour, minute, second, 0).ok()
}
