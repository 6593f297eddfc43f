//! Chapters: lines of a description that begin with a time. YouTube reads them from the text, so the text is the truth
//! and the list is what YouTube will find in it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Seconds that a chapter must last.
pub(in crate::content) const SHORTEST: u64 = 10;
/// Chapters that there must be.
pub(in crate::content) const FEWEST: usize = 3;

/// One chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Where it starts.
    pub start_seconds: u64,
    /// Its name.
    pub title: String,
}

/// The chapters in a text, as YouTube finds them: at least three lines with times, the first at 0:00, each at least ten
/// seconds after the one before. Anything else is no list of chapters.
pub(in crate::content) fn read(text: &str) -> Vec<Chapter> {
    let mut found: Vec<Chapter> = text.lines().filter_map(line).collect();
    let starts = found.first().is_some_and(|first| first.start_seconds == 0);
    let apart = found
        .windows(2)
        .all(|pair| pair[1].start_seconds >= pair[0].start_seconds + SHORTEST);
    if found.len() < FEWEST || !starts || !apart {
        found.clear();
    }
    found
}

/// The lines for a list of chapters.
pub(in crate::content) fn write(chapters: &[Chapter]) -> String {
    let mut text = String::new();
    for (i, chapter) in chapters.iter().enumerate() {
        let (hours, minutes, seconds) = (
            chapter.start_seconds / 3600,
            chapter.start_seconds / 60 % 60,
            chapter.start_seconds % 60,
        );
        if i > 0 {
            text.push('\n');
        }
        let _ = match hours {
            0 => write!(text, "{minutes}:{seconds:02} {}", chapter.title),
            _ => write!(text, "{hours}:{minutes:02}:{seconds:02} {}", chapter.title),
        };
    }
    text
}

fn line(line: &str) -> Option<Chapter> {
    let (time, title) = line.trim().split_once(char::is_whitespace)?;
    let numbers: Vec<&str> = time.split(':').collect();
    let (hours, minutes, seconds) = match numbers[..] {
        [minutes, seconds] => ("0", minutes, seconds),
        [hours, minutes, seconds] if minutes.len() == 2 => (hours, minutes, seconds),
        _ => return None,
    };
    let digits = |text: &str, max: usize| {
        (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(hours, 2) || !digits(minutes, 2) || seconds.len() != 2 || !digits(seconds, 2) {
        return None;
    }
    let number = |text: &str| text.parse::<u64>().ok();
    let title = title.trim();
    let under_sixty = number(seconds)? < 60 && number(minutes)? < 60;
    (under_sixty && !title.is_empty()).then(|| Chapter {
        start_seconds: number(hours).unwrap_or(0) * 3600
            + number(minutes).unwrap_or(0) * 60
            + number(seconds).unwrap_or(0),
        title: title.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_youtube_reads_it() {
        assert_eq!(read("Hi\n0:00 A\n0:10 B\n 1:02:03  C \nBye").len(), 3);
        assert_eq!(read("0:00 A\n0:10 B\n1:02:03 C")[2].start_seconds, 3723);
        for none in [
            "0:00 A\n0:10 B",
            "0:05 A\n0:20 B\n0:40 C",
            "0:00 A\n0:09 B\n0:40 C",
            "0:00 A\n0:40 B\n0:20 C",
        ] {
            assert!(read(none).is_empty(), "{none}");
        }
        assert!(read("0:00\n0:75 x\n1:2 y\n100:00 z\n1:2:30 a").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(gaps in proptest::collection::vec(10u64..4000, 2..20)) {
            let mut at = 0;
            let mut chapters = vec![Chapter { start_seconds: 0, title: "Start".to_owned() }];
            for gap in gaps {
                at += gap;
                chapters.push(Chapter { start_seconds: at, title: format!("Part {at}") });
            }
            proptest::prop_assert_eq!(read(&write(&chapters)), chapters);
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            let _ = read(&text);
        }
    }
}
