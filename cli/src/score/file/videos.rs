//! Which rows are of one video.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use super::row::Row;

/// Two readings that are closer are one: a program needs some time for a long list.
const APART: SignedDuration = SignedDuration::from_hours(1);

/// What names a video within its channel: its id, or its title and time.
#[derive(Hash, PartialEq, Eq)]
enum Key<'a> {
    Id(u32, Cow<'a, str>),
    Title(u32, Cow<'a, str>, Timestamp),
}

/// The videos of a table.
pub(super) struct Videos {
    /// Whether some video was observed more than once.
    pub(super) has_observations: bool,
    /// How many videos come more than once.
    pub(super) repeated: usize,
    /// The first such row in the file.
    pub(super) first_repeated: Option<usize>,
}

/// Gives every row the number of its video.
pub(super) fn number(source: &[u8], rows: &mut [Row], must_look_like_ids: bool) -> Videos {
    let mut known: HashMap<u64, u32> = HashMap::with_capacity(rows.len());
    let mut firsts: Vec<usize> = Vec::new();
    let mut is_repeated: Vec<bool> = Vec::new();
    let mut has_observations = false;
    for place in 0..rows.len() {
        let key = key(source, &rows[place], must_look_like_ids);
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let mut hash = hasher.finish();
        let video = loop {
            match known.entry(hash) {
                Entry::Vacant(entry) => {
                    entry.insert(firsts.len() as u32);
                    firsts.push(place);
                    is_repeated.push(false);
                    break firsts.len() - 1;
                }
                Entry::Occupied(entry) => {
                    let video = *entry.get() as usize;
                    if self::key(source, &rows[firsts[video]], must_look_like_ids) == key {
                        is_repeated[video] = true;
                        break video;
                    }
                    hash = hash.wrapping_add(1);
                }
            }
        };
        let first = rows[firsts[video]].observed_at;
        has_observations |= rows[place]
            .observed_at
            .zip(first)
            .is_some_and(|(time, first)| time.duration_since(first).abs() >= APART);
        rows[place].video = video as u32;
    }
    let first_repeated = is_repeated
        .iter()
        .position(|is| *is)
        .map(|video| firsts[video]);
    Videos {
        has_observations,
        repeated: is_repeated.iter().filter(|is| **is).count(),
        first_repeated,
    }
}

/// Keeps of each video the row with the highest counts: views only grow, so it is the newest.
pub(super) fn keep_newest(rows: &mut Vec<Row>) {
    let counts = |row: &Row| (row.views, row.likes, row.comments, row.observed_at);
    let mut best: HashMap<u32, usize> = HashMap::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let kept = best.entry(row.video).or_insert(place);
        if counts(row) > counts(&rows[*kept]) {
            *kept = place;
        }
    }
    let mut place = 0;
    rows.retain(|row| {
        place += 1;
        best.get(&row.video) == Some(&(place - 1))
    });
}

fn key<'a>(source: &'a [u8], row: &Row, must_look_like_ids: bool) -> Key<'a> {
    let id = match row.video_id.of(source) {
        Cow::Borrowed(id) => Cow::Borrowed(video_id(id)),
        Cow::Owned(id) => Cow::Owned(video_id(&id).to_owned()),
    };
    let is_id = !id.is_empty() && (!must_look_like_ids || looks_like_id(&id));
    if is_id {
        return Key::Id(row.channel, id);
    }
    let title = match row.title.of(source) {
        Cow::Borrowed(title) => Cow::Borrowed(title.trim()),
        Cow::Owned(title) => Cow::Owned(title.trim().to_owned()),
    };
    Key::Title(row.channel, title, row.published_at)
}

/// The id in a field: without the space or apostrophe that keeps spreadsheets from calculating, out of an address, and
/// nothing where a spreadsheet calculated all the same (`#NAME?`).
fn video_id(text: &str) -> &str {
    let text = text.trim().trim_start_matches('\'');
    if text.starts_with('#') || super::counts::is_unknown(text) {
        return "";
    }
    let after = [
        "watch?v=",
        "&v=",
        "youtu.be/",
        "/shorts/",
        "/live/",
        "/embed/",
    ]
    .iter()
    .find_map(|before| text.split_once(before).map(|(_, id)| id));
    after.map_or(text, |id| {
        id.split(['&', '?', '#', '/']).next().unwrap_or(id)
    })
}

fn looks_like_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == 11 && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_what_files_have() {
        for text in [
            "-sT5uV7wX9y",
            " -sT5uV7wX9y",
            "'-sT5uV7wX9y",
            "https://www.youtube.com/watch?v=-sT5uV7wX9y&t=3",
            "https://youtu.be/-sT5uV7wX9y?si=x",
            "https://www.youtube.com/shorts/-sT5uV7wX9y",
        ] {
            assert_eq!(video_id(text), "-sT5uV7wX9y", "{text}");
        }
        for text in ["#NAME?", "", " ", "NA"] {
            assert_eq!(video_id(text), "", "{text}");
        }
        assert!(looks_like_id("aB3dE5fG7hI") && !looks_like_id("Tutorial"));
    }
}
