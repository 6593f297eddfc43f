use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event(summary: &str) -> Event {
    let id = "00000000-0000-0000-0000-000000000007";
    let mut event: Event = serde_json::from_value(json!({
        "channel_title": "My, channel", "id": id, "channel_id": id, "render_id": id, "state": "on_youtube",
        "intent": "publish", "title": summary, "description": "", "tags": [], "category_id": "22", "made_for_kids": false,
        "altered_content": false, "notify_subscribers": true, "publish_at": "2026-11-24T17:00:00Z",
        "local_time": "2026-11-24T18:00:00", "time_zone": "Europe/Berlin", "youtube_video_id": "abc", "bytes_sent": 0,
        "thumbnail": "none", "state_changed_at": "2026-11-22T10:00:00Z", "version": 3,
        "created_at": "2026-11-22T10:00:00Z", "updated_at": "2026-11-22T10:00:00.5Z",
    }))
    .unwrap();
    event.upload.explanation = Some("See https://example.com/a;b,c".into());
    event
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
    DESCRIPTION:My\, channel: on youtube\nSee https://example.com/a\;b\,c
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
