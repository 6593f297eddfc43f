//! The publication calendar as iCalendar (RFC 5545), for any calendar program that can subscribe to an address.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

/// Lines are folded before they pass this many octets (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;

/// One publication.
#[derive(Clone, Debug)]
pub struct Event {
    /// The upload.
    pub id: Uuid,
    /// Counts changes, so that a calendar takes the newer form.
    pub sequence: i64,
    /// When it goes out.
    pub at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// What the calendar shows.
    pub summary: String,
    /// More about it.
    pub description: String,
    /// Where the video is, once it is there.
    pub url: Option<String>,
    /// How sure it is.
    pub status: Status,
}

/// How sure an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Still has to be uploaded.
    Tentative,
    /// On YouTube, or public.
    Confirmed,
    /// Called off.
    Cancelled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Writes the calendar. `now` stamps it.
#[must_use]
pub fn write(name: &str, events: &[Event], now: Timestamp) -> String {
    let mut out = String::with_capacity(256 + events.len() * 384);
    for (property, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        (
            "PRODID",
            "-//Content Catalyst Engine//Publication calendar//EN",
        ),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT15M"),
        ("X-PUBLISHED-TTL", "PT15M"),
    ] {
        line(&mut out, property, value);
    }
    line(&mut out, "X-WR-CALNAME", &text(name));
    for event in events {
        write_event(&mut out, event, now);
    }
    line(&mut out, "END", "VCALENDAR");
    out
}

fn write_event(out: &mut String, event: &Event, now: Timestamp) {
    line(out, "BEGIN", "VEVENT");
    line(out, "UID", &format!("{}@content-catalyst-engine", event.id));
    line(out, "DTSTAMP", &utc(now));
    line(out, "LAST-MODIFIED", &utc(event.changed_at));
    line(out, "SEQUENCE", &event.sequence.to_string());
    line(out, "DTSTART", &utc(event.at));
    line(out, "DURATION", "PT15M");
    line(out, "SUMMARY", &text(&event.summary));
    line(out, "DESCRIPTION", &text(&event.description));
    if let Some(url) = &event.url {
        line(out, "URL", &uri(url));
    }
    line(out, "STATUS", event.status.as_str());
    line(out, "TRANSP", "TRANSPARENT");
    line(out, "END", "VEVENT");
}

/// An instant in the form with `Z`, which needs no zone definition beside it.
fn utc(at: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(at);
    let mut out = String::with_capacity(16);
    let _ = write!(
        out,
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    );
    out
}

/// A TEXT value: backslash, comma, semicolon and line ends escaped, other control characters left out.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\r' => {
                if letters.peek() != Some(&'\n') {
                    out.push_str("\\n");
                }
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A URI value may not break its line.
fn uri(value: &str) -> String {
    value
        .chars()
        .filter(|letter| !letter.is_control() && !letter.is_whitespace())
        .collect()
}

/// One content line, folded between characters: the first piece takes 75 octets, every further one 74 behind its space.
fn line(out: &mut String, property: &str, value: &str) {
    let mut octets = 0;
    for letter in property.chars().chain([':']).chain(value.chars()) {
        if octets + letter.len_utf8() > LINE_OCTETS {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(letter);
        octets += letter.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(summary: &str) -> Event {
        Event {
            id: Uuid::from_u128(7),
            sequence: 3,
            at: "2026-11-24T17:00:00Z".parse().unwrap(),
            changed_at: "2026-11-22T10:00:00.5Z".parse().unwrap(),
            summary: summary.to_owned(),
            description: "Scheduled.\nSee https://example.com/a;b,c".to_owned(),
            url: Some("https://www.youtube.com/watch?v=abc".to_owned()),
            status: Status::Confirmed,
        }
    }

    fn written(summary: &str) -> String {
        write(
            "My, channel",
            &[event(summary)],
            "2026-11-22T11:00:00Z".parse().unwrap(),
        )
    }

    fn unfolded(calendar: &str) -> String {
        calendar.replace("\r\n ", "")
    }

    /// Reads a TEXT value back, as a calendar program does.
    fn unescaped(value: &str) -> String {
        let mut out = String::new();
        let mut letters = value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => out.push('\n'),
                    Some(other) => out.push(other),
                    None => panic!("a backslash at the end"),
                },
                other => out.push(other),
            }
        }
        out
    }

    #[test]
    fn a_calendar_reads_as_the_standard_says() {
        insta::assert_snapshot!(written("Why, I; quit \\ YouTube").replace("\r\n", "\n"), @r"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Content Catalyst Engine//Publication calendar//EN
        CALSCALE:GREGORIAN
        METHOD:PUBLISH
        REFRESH-INTERVAL;VALUE=DURATION:PT15M
        X-PUBLISHED-TTL:PT15M
        X-WR-CALNAME:My\, channel
        BEGIN:VEVENT
        UID:00000000-0000-0000-0000-000000000007@content-catalyst-engine
        DTSTAMP:20261122T110000Z
        LAST-MODIFIED:20261122T100000Z
        SEQUENCE:3
        DTSTART:20261124T170000Z
        DURATION:PT15M
        SUMMARY:Why\, I\; quit \\ YouTube
        DESCRIPTION:Scheduled.\nSee https://example.com/a\;b\,c
        URL:https://www.youtube.com/watch?v=abc
        STATUS:CONFIRMED
        TRANSP:TRANSPARENT
        END:VEVENT
        END:VCALENDAR
        ");
    }

    #[test]
    fn a_line_is_folded_at_75_octets_between_characters() {
        let calendar = written(&"日本語".repeat(40));
        for line in calendar.split("\r\n") {
            assert!(line.len() <= LINE_OCTETS, "{} octets: {line}", line.len());
        }
        assert!(unfolded(&calendar).contains(&"日本語".repeat(40)));
        assert!(
            calendar.contains("\r\n \u{65e5}")
                || calendar.contains("\r\n \u{672c}")
                || calendar.contains("\r\n \u{8a9e}")
        );
    }

    #[test]
    fn a_summary_cannot_start_a_property_of_its_own() {
        let calendar = unfolded(&written(
            "a\r\nATTENDEE:mailto:x@example.com\rb\u{0}\u{2028}c",
        ));
        assert!(!calendar.contains("\r\nATTENDEE"));
        assert!(calendar.contains("SUMMARY:a\\nATTENDEE:mailto:x@example.com\\nb\\nc\r\n"));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_no_line_is_too_long(summary in "\\PC{0,200}") {
            let calendar = written(&summary);
            for line in calendar.split("\r\n") {
                prop_assert!(line.len() <= LINE_OCTETS);
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let whole = unfolded(&calendar);
            let value = whole.split("\r\n").find_map(|line| line.strip_prefix("SUMMARY:")).unwrap();
            prop_assert_eq!(unescaped(value), summary.replace(['\u{2028}', '\u{2029}'], "\n"));
        }
    }
}
