//! The publication calendar as iCalendar (RFC 5545), for any calendar program that can subscribe to an address.

use jiff::Timestamp;
use uuid::Uuid;

/// Lines are folded before they pass this many octets (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;

/// One publication.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The upload.
    pub(super) id: Uuid,
    /// Counts changes, so that a calendar takes the newer form.
    pub(super) sequence: i64,
    /// When it goes out.
    pub(super) at: Timestamp,
    /// When it was last changed.
    pub(super) changed_at: Timestamp,
    /// What the calendar shows.
    pub(super) summary: String,
    /// More about it.
    pub(super) description: String,
    /// Where the video is, once it is there.
    pub(super) url: Option<String>,
    /// How sure it is.
    pub(super) status: Status,
}

/// How sure an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
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
pub(super) fn write(name: &str, events: &[Event], now: Timestamp) -> String {
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
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
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
mod tests;
