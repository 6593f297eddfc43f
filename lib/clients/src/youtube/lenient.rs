//! Reading Google's JSON without trusting it: 64-bit numbers come as text, any field may be absent, enums grow.

use jiff::{Span, SpanTotal, Timestamp, Unit};
use serde_json::Value;

/// One resource of an answer, read field by field. A field that is absent or odd is `None`, never an error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a>(pub(crate) &'a Value);

impl<'a> Item<'a> {
    /// A text that is not empty.
    pub(crate) fn text(self, pointer: &str) -> Option<&'a str> {
        self.0
            .pointer(pointer)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// A text of our own.
    pub(crate) fn string(self, pointer: &str) -> Option<String> {
        self.text(pointer).map(str::to_owned)
    }

    /// A count: text or number, never negative.
    pub(crate) fn count(self, pointer: &str) -> Option<i64> {
        let count = match self.0.pointer(pointer)? {
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        count.filter(|count| *count >= 0)
    }

    /// A boolean, or its name.
    pub(crate) fn flag(self, pointer: &str) -> Option<bool> {
        match self.0.pointer(pointer)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// An instant.
    pub(crate) fn time(self, pointer: &str) -> Option<Timestamp> {
        self.text(pointer)?.parse().ok()
    }

    /// The texts of a list.
    pub(crate) fn texts(self, pointer: &str) -> Vec<String> {
        self.0
            .pointer(pointer)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// The resources of a list answer; an answer without the key holds none.
    pub(crate) fn items(self) -> impl Iterator<Item = Item<'a>> {
        self.0
            .get("items")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(Item)
    }
}

/// Seconds of an ISO 8601 duration (`PT15M51S`, `P1DT2H`, `P0D`) or of a protobuf one (`123.5s`).
///
/// Days are 24 hours: this is the length of a film, not a date.
pub fn duration_seconds(text: &str) -> Option<i64> {
    let seconds = if text.starts_with('P') {
        text.parse::<Span>()
            .ok()?
            .total(SpanTotal::from(Unit::Second).days_are_24_hours())
            .ok()?
    } else {
        let number = text.strip_suffix('s')?;
        let plain = number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        number.parse::<f64>().ok().filter(|_| plain)?
    };
    // A video of more than a year is a misread number.
    (0.0..=31_536_000.0)
        .contains(&seconds)
        .then_some(seconds as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn durations_of_every_form_are_read() {
        for (text, seconds) in [
            ("PT15M51S", Some(951)),
            ("PT1H", Some(3600)),
            ("PT45S", Some(45)),
            ("P1DT2H3M4S", Some(93_784)),
            ("P0D", Some(0)),
            ("PT0S", Some(0)),
            ("P1W", Some(604_800)),
            ("PT1.5S", Some(1)),
            ("123s", Some(123)),
            ("123.500s", Some(123)),
            ("", None),
            ("P", None),
            ("PT", None),
            ("-PT5S", None),
            ("PT99999999999999H", None),
            ("1e9s", None),
            ("infs", None),
            ("ten", None),
        ] {
            assert_eq!(duration_seconds(text), seconds, "{text}");
        }
    }

    #[test]
    fn counts_are_read_from_text_and_number() {
        let body = json!({"a": "12", "b": 12, "c": "", "d": -1, "e": "x", "f": null, "g": 1.5, "h": "99999999999999999999"});
        let item = Item(&body);
        let read: Vec<_> = "abcdefgh"
            .chars()
            .map(|name| item.count(&format!("/{name}")))
            .collect();
        assert_eq!(
            read,
            [Some(12), Some(12), None, None, None, None, None, None]
        );
        assert_eq!(item.count("/absent"), None);
    }

    proptest! {
        #[test]
        fn no_duration_breaks_the_reader(text in "\\PC*", grammar in "P([0-9]{1,20}[DW])?(T([0-9]{1,20}[HMS]){0,3})?") {
            let _ = duration_seconds(&text);
            let read = duration_seconds(&grammar);
            prop_assert!(read.is_none_or(|seconds| seconds >= 0));
        }
    }
}
