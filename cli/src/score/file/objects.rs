//! Videos as JSON: answers of the YouTube Data API, yt-dlp's lines and playlists, lists of objects with column names.

use serde::de::{DeserializeSeed as _, IgnoredAny};

use super::cells::Cells;
use super::header::Origin;
use super::json::Node;
use super::records::Record;
use super::refusal::{Malformed, Place, Refusal};

/// A file with more lines that are no JSON has no lines of JSON.
const MOST_DAMAGED: usize = 100_000;

/// The objects of a file.
#[derive(Default)]
pub(super) struct Objects {
    cells: Cells,
    /// The lines that are no JSON.
    damaged: Vec<u32>,
}

/// Whether a text is JSON rather than a table.
pub(super) fn is_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Reads every object. Answers the text that the fields point into.
///
/// # Errors
/// When the text is no JSON.
pub(super) fn read(text: &[u8]) -> Result<(Vec<u8>, Objects), Refusal> {
    let mut objects = Objects::default();
    if has_object_lines(text) {
        objects.read_lines(text)?;
    } else {
        objects.read_stream(text).map_err(|error| {
            Refusal::file(format!(
                "breaks off or is no JSON at line {}, column {}: write it again as a whole",
                error.line(),
                error.column()
            ))
        })?;
    }
    Ok((std::mem::take(&mut objects.cells.text), objects))
}

/// Whether each line is a value by itself, judged by the first.
fn has_object_lines(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let Some(end) = text.iter().position(|&byte| byte == b'\n') else {
        return false;
    };
    text.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(&text[..end]).is_ok()
}

impl Objects {
    /// The keys that are known, in the order of their first value.
    pub(super) fn names(&self) -> &[String] {
        &self.cells.names
    }

    /// Where the objects come from.
    pub(super) fn origin(&self) -> Origin {
        self.cells.origin
    }

    /// The objects as records, and the lines that are none, each in its place.
    pub(super) fn records(&self) -> impl Iterator<Item = Result<Record, Malformed>> {
        let mut damaged = self.damaged.iter().copied().peekable();
        let mut objects = self.cells.objects().peekable();
        std::iter::from_fn(move || {
            let next_line = objects.peek().map(|(line, _)| *line);
            if let Some(line) = damaged.next_if(|line| next_line.is_none_or(|next| *line < next)) {
                return Some(Err(no_json(line)));
            }
            let (line, fields) = objects.next()?;
            Some(Ok(Record { line, fields }))
        })
    }

    fn read_stream(&mut self, text: &[u8]) -> Result<(), serde_json::Error> {
        let mut values = serde_json::Deserializer::from_slice(text);
        while values.end().is_err() {
            Node(&mut self.cells).deserialize(&mut values)?;
        }
        Ok(())
    }

    fn read_lines(&mut self, text: &[u8]) -> Result<(), Refusal> {
        for (place, line) in text.split(|&byte| byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            self.cells.line = u32::try_from(place + 1).unwrap_or(u32::MAX);
            let before = self.cells.len();
            if self.read_stream(line).is_err() {
                self.cells.truncate(before);
                self.damaged.push(self.cells.line);
                if self.damaged.len() > MOST_DAMAGED {
                    return Err(Refusal::file(
                        "has too many lines that are no JSON: write it again as a whole",
                    ));
                }
            }
        }
        Ok(())
    }
}

fn no_json(line: u32) -> Malformed {
    Malformed {
        place: Place {
            line,
            row: 0,
            column: usize::MAX,
        },
        message: "breaks off or is no JSON: write the line again as a whole".to_owned(),
    }
}
