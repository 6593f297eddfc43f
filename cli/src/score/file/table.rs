//! The file, read.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::columns::Field;
use super::given::Given;
use super::header::{FLAT_PLAYLIST, Origin};
use super::refusal::{Malformed, Place, Refusal};
use super::row::{LeftOut, Read, Reader, Row};
use super::said;
use super::sheet::Sheet;
use super::survey;
use super::text::Text;
use super::videos;
use crate::score::text::quoted;

/// More rows would need more memory than their file leads one to expect.
const MOST_ROWS: usize = 500_000;

/// So many malformed rows are told one by one.
const MOST_TOLD: usize = 1000;

/// The well-formed rows of a file, and what is wrong with the others.
pub(in crate::score) struct Table {
    source: Vec<u8>,
    pub(in crate::score) header: Vec<String>,
    pub(in crate::score) has_format: bool,
    /// Whether videos were observed at several ages.
    pub(in crate::score) has_observations: bool,
    pub(in crate::score) rows: Vec<Row>,
    /// What is wrong with the first malformed rows.
    pub(in crate::score) errors: Vec<Malformed>,
    /// How many rows are malformed.
    pub(in crate::score) malformed: usize,
    /// The date of the file itself, when it has one.
    pub(in crate::score) own_date: Option<Timestamp>,
    /// What was recognised, in one line.
    pub(in crate::score) recognised: String,
    /// What else has to be said, a sentence each.
    pub(in crate::score) notes: Vec<String>,
}

impl Table {
    /// Reads a file; its name may tell the period of an export.
    ///
    /// # Errors
    /// When the file cannot be scored.
    pub(in crate::score) fn read(
        bytes: Vec<u8>,
        name: &str,
        given: &Given,
    ) -> Result<Self, Refusal> {
        let sheet = Sheet::open(bytes, given)?;
        let rules =
            survey::survey(&sheet, given).map_err(|refusal| refusal.with(&sheet.header.names))?;
        let mut gathered = Gathered::default();
        let reader = Reader {
            sheet: &sheet,
            rules: &rules,
        };
        for (row, record) in (1..).zip(sheet.records()) {
            let read = record.and_then(|record| reader.read(row, &record));
            gathered.take(&sheet.source, row, read)?;
        }
        gathered.require_videos(&sheet)?;
        let open = rules
            .open_observed
            .map(|open| open.with(&sheet.header.names));
        gathered.into_table(sheet, name, open)
    }

    /// The title as it stands in the file.
    pub(in crate::score) fn title(&self, row: &Row) -> Cow<'_, str> {
        row.title.of(&self.source)
    }

    /// The time of publication as it stands in the file.
    pub(in crate::score) fn published(&self, row: &Row) -> Cow<'_, str> {
        row.published_text.of(&self.source)
    }

    /// What orders videos of the same moment, whatever the order of the rows.
    pub(in crate::score) fn content<'a>(&'a self, row: &Row) -> impl Ord + use<'a> {
        (
            row.video_id.of(&self.source),
            self.title(row),
            row.views,
            row.likes,
            row.comments,
        )
    }

    /// Whether a row's format is needed and not known.
    pub(in crate::score) fn lacks_format(&self, row: &Row) -> bool {
        self.has_format && row.format.is_none()
    }
}

#[derive(Default)]
struct Gathered {
    rows: Vec<Row>,
    channels: HashMap<String, u32>,
    errors: Vec<Malformed>,
    malformed: usize,
    left_out: [usize; 5],
}

const REASONS: [LeftOut; 5] = [
    LeftOut::Blank,
    LeftOut::Total,
    LeftOut::Undated,
    LeftOut::Unpublished,
    LeftOut::Viewless,
];

impl Gathered {
    fn take(
        &mut self,
        source: &[u8],
        row: u32,
        read: Result<Read, Malformed>,
    ) -> Result<(), Refusal> {
        match read {
            Ok(Read::Video(video, channel)) => {
                let channel = self.channel(&channel.of(source));
                self.rows.push(Row { channel, ..video });
            }
            Ok(Read::LeftOut(why)) => self.left_out[why as usize] += 1,
            Err(error) => self.refuse(Malformed {
                place: Place { row, ..error.place },
                ..error
            }),
        }
        if self.rows.len() > MOST_ROWS {
            return Err(Refusal::file(
                "holds more than 500,000 rows: give the rows of one channel, or fewer days, at a time",
            ));
        }
        Ok(())
    }

    fn channel(&mut self, name: &str) -> u32 {
        if let Some(&channel) = self.channels.get(name) {
            return channel;
        }
        let channel = self.channels.len() as u32;
        self.channels.insert(name.to_owned(), channel);
        channel
    }

    fn refuse(&mut self, error: Malformed) {
        self.malformed += 1;
        if self.errors.len() < MOST_TOLD {
            self.errors.push(error);
        }
    }

    /// Rows that are all left out for one reason are no channel without videos.
    fn require_videos(&self, sheet: &Sheet) -> Result<(), Refusal> {
        let count = |why: LeftOut| self.left_out[why as usize];
        if !self.rows.is_empty() || self.malformed > 0 {
            return Ok(());
        }
        let is_yt_dlp = sheet.header.origin == Origin::YtDlp;
        match (count(LeftOut::Undated), count(LeftOut::Viewless)) {
            (0, 0) => Ok(()),
            (0, _) => Err(Refusal::file(
                "no row has views, so none can be scored: export them, too",
            )),
            (_, _) if is_yt_dlp => Err(Refusal::file(FLAT_PLAYLIST)),
            _ => Err(Refusal::file(
                "no row has a time of publication, so none can be scored: export it, too",
            )),
        }
    }

    fn into_table(
        mut self,
        sheet: Sheet,
        name: &str,
        open_observed: Option<Refusal>,
    ) -> Result<Table, Refusal> {
        let columns = &sheet.header.columns;
        let is_maybe = columns.get(Field::ObservedOn).is_none();
        let videos = videos::number(&sheet.source, &mut self.rows, columns.must_look_like_ids);
        if let (Some(open), Some(_)) = (open_observed, videos.first_repeated) {
            return Err(open);
        }
        let mut notes = Vec::new();
        let all = self.rows.len();
        if videos.has_observations {
            self.require_observations(&sheet);
        } else {
            if is_maybe {
                self.rows.iter_mut().for_each(|row| row.observed_at = None);
            }
            if let Some(first) = videos.first_repeated {
                let first = quoted(&said_name(&sheet, &self.rows[first]));
                videos::keep_newest(&mut self.rows);
                notes.push(repeated(videos.repeated, &first, all - self.rows.len()));
            }
        }
        let period = [sheet.entry.as_deref(), Some(name)]
            .into_iter()
            .flatten()
            .find_map(period);
        let observed = self.rows.iter().filter_map(|row| row.observed_at).max();
        if let (Some((start, _)), Origin::Studio) = (period, sheet.header.origin) {
            let older = self
                .rows
                .iter()
                .filter(|row| row.published_at < start)
                .count();
            notes.extend((older > 0).then(|| partial(start, older)));
        }
        let left_out = REASONS.map(|why| (why, self.left_out[why as usize]));
        Ok(Table {
            recognised: said::recognised(&sheet, &left_out, videos.has_observations),
            has_format: columns.get(Field::Format).is_some(),
            has_observations: videos.has_observations,
            rows: self.rows,
            errors: self.errors,
            malformed: self.malformed,
            own_date: observed.or(period.map(|(_, end)| end)),
            notes,
            header: sheet.header.names,
            source: sheet.source,
        })
    }

    /// With observations, a row that does not tell its day says nothing.
    fn require_observations(&mut self, sheet: &Sheet) {
        let columns = &sheet.header.columns;
        let column = columns
            .get(Field::ObservedOn)
            .or(columns.maybe_observed)
            .unwrap_or_default();
        let rows = std::mem::take(&mut self.rows);
        for row in rows {
            if row.observed_at.is_some() {
                self.rows.push(row);
                continue;
            }
            let place = Place {
                line: row.line,
                row: row.row,
                column,
            };
            let message =
                "is no day of observation, which the other rows have: write it as in 2025-04-25"
                    .to_owned();
            self.refuse(Malformed { place, message });
        }
        self.errors
            .sort_by_key(|error| (error.place.line, error.place.row));
    }
}

fn said_name(sheet: &Sheet, row: &Row) -> String {
    let said = |text: Text| text.of(&sheet.source).trim().to_owned();
    match (said(row.title), said(row.video_id)) {
        (title, id) if id.is_empty() || id == title => title,
        (title, id) => format!("{id} {title}"),
    }
}

fn repeated(videos: usize, first: &str, left_out: usize) -> String {
    format!(
        "{videos} {} more than once (the first is {first}), so the newest numbers of each count, which are the highest; {left_out} {} \
         left out. With a column observed_on, every row would count at its own age.",
        if videos == 1 {
            "video comes"
        } else {
            "videos come"
        },
        if left_out == 1 { "row is" } else { "rows are" },
    )
}

fn partial(start: Timestamp, older: usize) -> String {
    format!(
        "Studio counts only the views of the export's period, from {} on, and {older} of the videos are older: export the \
         period Lifetime to compare them.",
        start.strftime("%Y-%m-%d")
    )
}

/// The period in the name that Studio gives an export: `Content 2024-01-01_2024-06-30 Channel.zip`.
fn period(name: &str) -> Option<(Timestamp, Timestamp)> {
    let bytes = name.as_bytes();
    let day = |text: &[u8]| {
        let text = std::str::from_utf8(text)
            .ok()
            .filter(|text| text.len() == 10)?;
        let date: Date = text.parse().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    bytes
        .windows(21)
        .filter(|window| window[10] == b'_')
        .find_map(|window| {
            let (start, end) = (day(&window[..10])?, day(&window[11..])?);
            (start <= end).then_some((start, end))
        })
}
