//! The publication calendar as iCalendar (RFC 5545), for any calendar program that can subscribe to an address.

use jiff::Timestamp;
use serde::Deserialize;

use super::state::UploadState;
use super::upload::{Intent, Upload};

/// Lines are folded before they pass this many octets (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;

/// How a calendar begins.
const HEAD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Content Catalyst Engine//Publication calendar//EN\r\n\
    CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nREFRESH-INTERVAL;VALUE=DURATION:PT15M\r\nX-PUBLISHED-TTL:PT15M\r\n";

/// One publication.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    channel_title: String,
    #[serde(flatten)]
    upload: Upload,
}

/// Writes the calendar. `now` stamps it.
pub(super) fn write(name: &str, events: &[Event], now: Timestamp) -> String {
    let mut out = String::with_capacity(256 + events.len() * 384);
    out.push_str(HEAD);
    line(&mut out, "X-WR-CALNAME", &text(name));
    for event in events {
        write_event(&mut out, event, now);
    }
    line(&mut out, "END", "VCALENDAR");
    out
}

fn write_event(
    out: &mut String,
    Event {
        channel_title,
        upload,
    }: &Event,
    now: Timestamp,
) {
    let status = match upload.state {
        _ if upload.intent == Intent::KeepPrivate => "CANCELLED",
        UploadState::Cancelled | UploadState::Failed => "CANCELLED",
        UploadState::OnYoutube | UploadState::Published => "CONFIRMED",
        _ => "TENTATIVE",
    };
    let state = upload.state.to_string().replace('_', " ");
    let mut description = format!("{channel_title}: {state}");
    for sentence in [&upload.explanation, &upload.next_action]
        .into_iter()
        .flatten()
    {
        description = format!("{description}\n{sentence}");
    }
    line(out, "BEGIN", "VEVENT");
    line(
        out,
        "UID",
        &format!("{}@content-catalyst-engine", upload.id),
    );
    line(out, "DTSTAMP", &utc(now));
    line(out, "LAST-MODIFIED", &utc(upload.updated_at));
    // Counts changes, so that a calendar takes the newer form.
    line(out, "SEQUENCE", &upload.version.to_string());
    line(out, "DTSTART", &utc(upload.publish_at));
    line(out, "DURATION", "PT15M");
    line(out, "SUMMARY", &text(&upload.title));
    line(out, "DESCRIPTION", &text(&description));
    if let Some(url) = &upload.youtube_url {
        line(out, "URL", &uri(url));
    }
    line(out, "STATUS", status);
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
