//! The file, parsed: where its columns stand, its well-formed rows, and what is wrong with the others.

use jiff::Timestamp;
use scoring::Format;

use super::records::{Record, Records, RowError};
use super::text::{parse_time, quoted};

/// The well-formed rows of a file, and what is wrong with the others.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) has_format: bool,
    pub(super) has_observations: bool,
    pub(super) rows: Vec<Row>,
    pub(super) errors: Vec<RowError>,
}

impl Table {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RowError> {
        let mut records = Records::new(bytes);
        let header = records.next();
        let header = header.unwrap_or_else(|| Err(RowError::at(1, 0, "the file is empty")))?;
        let columns = Columns::find(&header)?;
        let mut table = Self {
            has_format: columns.format.is_some(),
            has_observations: columns.observed_on.is_some(),
            header: header.fields,
            rows: Vec::new(),
            errors: Vec::new(),
        };
        let width = table.header.len();
        for (place, record) in records.enumerate() {
            match record.and_then(|record| parse_row(place + 1, record, &columns, width)) {
                Ok(row) => table.rows.push(row),
                Err(error) => table.errors.push(error),
            }
        }
        Ok(table)
    }

    /// Whether a row's format is needed and not known.
    pub(super) fn lacks_format(&self, row: &Row) -> bool {
        self.has_format && row.format.is_none()
    }
}

/// Where the columns stand.
struct Columns {
    title: usize,
    published_at: usize,
    views: usize,
    likes: usize,
    comments: usize,
    video_id: Option<usize>,
    format: Option<usize>,
    observed_on: Option<usize>,
    channel_title: Option<usize>,
}

impl Columns {
    fn find(header: &Record) -> Result<Self, RowError> {
        let find = |name: &str| -> Result<Option<usize>, RowError> {
            let mut places = (0..header.fields.len())
                .filter(|&place| header.fields[place].trim().eq_ignore_ascii_case(name));
            let first = places.next();
            match places.next() {
                Some(second) => Err(header.error(second, format!("is a second column `{name}`"))),
                None => Ok(first),
            }
        };
        let need = |name: &str| -> Result<usize, RowError> {
            find(name)?.ok_or_else(|| {
                let message = format!(
                    "the header has no column `{name}`; needed are title, published_at, views, likes and comments"
                );
                header.error(header.fields.len(), message)
            })
        };
        Ok(Self {
            title: need("title")?,
            published_at: need("published_at")?,
            views: need("views")?,
            likes: need("likes")?,
            comments: need("comments")?,
            video_id: find("video_id")?,
            format: find("format")?,
            observed_on: find("observed_on")?,
            channel_title: find("channel_title")?,
        })
    }
}

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
        Some(self.likes? as f64 + self.comments? as f64)
    }
}

/// Reads a row; `row` is its place among the rows of the file, from 1.
fn parse_row(
    row: usize,
    mut record: Record,
    columns: &Columns,
    width: usize,
) -> Result<Row, RowError> {
    let found = record.fields.len();
    if found != width {
        let message = format!("the row has {found} fields where the header has {width}");
        return Err(record.error(found.min(width), message));
    }
    let published_at = record.time(columns.published_at)?;
    let views = record.count(columns.views)?;
    let views = views.ok_or_else(|| record.error(columns.views, "is empty"))?;
    let likes = record.count(columns.likes)?;
    let comments = record.count(columns.comments)?;
    let format = columns.format.map(|place| record.format(place));
    let format = format.transpose()?.flatten();
    let observed_at = columns.observed_on.map(|place| record.time(place));
    let observed_at = observed_at.transpose()?;
    let mut take = |place: usize| std::mem::take(&mut record.fields[place]);
    let video_id = columns.video_id.map(&mut take);
    Ok(Row {
        row,
        video_id: video_id.filter(|id| !id.trim().is_empty()),
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
    fn error(&self, place: usize, message: impl Into<String>) -> RowError {
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
        let digits = match text.split_once('.') {
            Some((number, zeros)) if zeros.bytes().all(|byte| byte == b'0') => number,
            _ => text,
        };
        // `parse` takes a sign, too.
        match digits.parse() {
            Ok(number) if !digits.starts_with('+') => Ok(Some(number)),
            _ => {
                let message = format!("{} is not a whole number of 0 or more", quoted(text));
                Err(self.error(place, message))
            }
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
