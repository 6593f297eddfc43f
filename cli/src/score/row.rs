//! One row of the file.

use jiff::Timestamp;
use scoring::Format;

use super::columns::Columns;
use super::records::{Record, RowError};
use super::text::quoted;
use super::time::parse_time;

/// One well-formed row.
pub(super) struct Row {
    /// Place among the rows of the file, from 1.
    pub(super) row: usize,
    pub(super) title: String,
    /// As it stands in the file.
    pub(super) published_text: String,
    pub(super) published_at: Timestamp,
    pub(super) views: u64,
    pub(super) likes: Option<u64>,
    pub(super) comments: Option<u64>,
    pub(super) video_id: Option<String>,
    pub(super) format: Option<Format>,
    pub(super) channel: String,
    pub(super) observed_at: Option<Timestamp>,
}

impl Row {
    /// Of videos published in one second, later rows count as earlier videos, as files run from new to old.
    pub(super) fn tie(&self) -> i64 {
        -i64::try_from(self.row).unwrap_or(i64::MAX)
    }

    /// Likes and comments, where both are public.
    pub(super) fn interactions(&self) -> Option<f64> {
        self.likes
            .zip(self.comments)
            .map(|(likes, comments)| likes as f64 + comments as f64)
    }
}

/// Reads a row; `row` is its place among the rows of the file, from 1.
pub(super) fn parse_row(
    row: usize,
    mut record: Record,
    columns: &Columns,
    width: usize,
) -> Result<Row, RowError> {
    let found = record.fields.len();
    if found != width {
        let message = format!("the row has {found} fields where the header has {width}");
        return Err(RowError::at(record.line, found.min(width), message));
    }
    let published_at = record.time(columns.published_at)?;
    let views = record.count(columns.views)?;
    let views = views.ok_or_else(|| RowError::at(record.line, columns.views, "is empty"))?;
    let likes = record.count(columns.likes)?;
    let comments = record.count(columns.comments)?;
    let format = columns.format.map(|place| record.format(place));
    let format = format.transpose()?.flatten();
    let observed_at = columns.observed_on.map(|place| record.time(place));
    let observed_at = observed_at.transpose()?;
    let mut take = |place: usize| std::mem::take(&mut record.fields[place]);
    Ok(Row {
        row,
        video_id: columns
            .video_id
            .map(&mut take)
            .filter(|id| !id.trim().is_empty()),
        channel: columns.channel_title.map(&mut take).unwrap_or_default(),
        title: take(columns.title),
        published_text: take(columns.published_at),
        published_at,
        views,
        likes,
        comments,
        format,
        observed_at,
    })
}

impl Record {
    fn error(&self, place: usize, message: String) -> RowError {
        RowError::at(self.line, place, message)
    }

    fn time(&self, place: usize) -> Result<Timestamp, RowError> {
        parse_time(self.fields[place].trim()).map_err(|message| self.error(place, message))
    }

    /// A whole number; none where the field is empty.
    fn count(&self, place: usize) -> Result<Option<u64>, RowError> {
        let text = self.fields[place].trim();
        if text.is_empty() {
            return Ok(None);
        }
        // Spreadsheets and data frames write whole numbers as `37.0` once a column has gaps.
        let digits = text
            .split_once('.')
            .filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0'))
            .map_or(text, |(n, _)| n);
        // `parse` takes a sign, too.
        match digits.parse() {
            Ok(number) if !digits.starts_with('+') => Ok(Some(number)),
            _ => Err(self.error(
                place,
                format!("{} is not a whole number of 0 or more", quoted(text)),
            )),
        }
    }

    /// A format; none where the field is empty.
    fn format(&self, place: usize) -> Result<Option<Format>, RowError> {
        let text = self.fields[place].trim();
        if text.is_empty() {
            return Ok(None);
        }
        text.to_ascii_lowercase().parse().map(Some).map_err(|_| {
            let message = format!("{} is not a format; use short, long or live", quoted(text));
            self.error(place, message)
        })
    }
}
