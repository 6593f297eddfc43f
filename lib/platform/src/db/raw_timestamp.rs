//! Timestamps that are passed on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// A timestamp as the Data API writes it (`2026-11-22T09:30:00.120000+00:00`), written again as ours does
/// (`2026-11-22T09:30:00.12Z`) without being parsed in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct RawTimestamp<'a>(&'a str);

impl Serialize for RawTimestamp<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(text) = self.0.strip_suffix("+00:00") else {
            // The database's time zone is UTC unless somebody has changed it.
            return match self.0.parse::<Timestamp>() {
                Ok(timestamp) => timestamp.serialize(serializer),
                Err(_) => serializer.serialize_str(self.0),
            };
        };
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            text
        };
        serializer.collect_str(&format_args!("{text}Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        let timestamp: RawTimestamp<'_> = serde_json::from_str(text).unwrap();
        serde_json::to_string(&timestamp).unwrap()
    }

    #[test]
    fn timestamps_are_written_in_the_apis_form() {
        for (given, written) in [
            ("2026-11-22T09:30:00+00:00", "2026-11-22T09:30:00Z"),
            (
                "2026-11-22T09:30:10.120000+00:00",
                "2026-11-22T09:30:10.12Z",
            ),
            ("2026-11-22T09:30:10.000000+00:00", "2026-11-22T09:30:10Z"),
            ("2026-11-22T09:30:00Z", "2026-11-22T09:30:00Z"),
            ("2026-11-22T11:30:00.5+02:00", "2026-11-22T09:30:00.5Z"),
            ("infinity", "infinity"),
        ] {
            assert_eq!(rewritten(&format!("\"{given}\"")), format!("\"{written}\""));
        }
    }

    proptest::proptest! {
        #[test]
        fn it_is_what_a_parsed_one_would_say(microseconds in 0i64..4_102_444_800_000_000, digits in 0usize..=6) {
            let timestamp = Timestamp::from_microsecond(microseconds).unwrap();
            let unit = 10i64.pow(6 - u32::try_from(digits).unwrap());
            let timestamp = Timestamp::from_microsecond(timestamp.as_microsecond() / unit * unit).unwrap();
            let given = timestamp.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
            proptest::prop_assert_eq!(rewritten(&format!("\"{given}\"")), serde_json::to_string(&timestamp).unwrap());
        }
    }
}
