//! One row of the file.

use jiff::Timestamp;
use scoring::Format;

use super::columns::Field;
use super::counts;
use super::dates;
use super::header::Origin;
use super::moment::Moment;
use super::names;
use super::records::Record;
use super::refusal::{Malformed, Place};
use super::sheet::Sheet;
use super::survey::Rules;
use super::text::Text;
use crate::score::text::quoted;

/// A video, or one observation of it.
#[derive(Debug)]
pub(in crate::score) struct Row {
    /// Place among the rows of the file, from 1.
    pub(in crate::score) row: u32,
    pub(super) line: u32,
    pub(super) title: Text,
    pub(super) published_text: Text,
    pub(super) video_id: Text,
    pub(in crate::score) published_at: Timestamp,
    /// Whether only the day of publication is known.
    pub(in crate::score) is_day: bool,
    pub(in crate::score) views: u64,
    pub(in crate::score) likes: Option<u64>,
    pub(in crate::score) comments: Option<u64>,
    pub(in crate::score) format: Option<Format>,
    /// The channel, as a number that the table gives it.
    pub(in crate::score) channel: u32,
    /// The video, as a number that the table gives it: the same for every row of one video.
    pub(in crate::score) video: u32,
    pub(in crate::score) observed_at: Option<Timestamp>,
}

/// Why a row is no video that could be scored, and yet nothing is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// Nothing in it.
    Blank,
    /// The sum of the others.
    Total,
    /// No time of publication: unlisted, a draft, or a list without dates.
    Undated,
    /// A premiere or stream that has not ended.
    Unpublished,
    /// No views in a file whose program leaves them out when they are unknown.
    Viewless,
}

/// What came of a record.
pub(super) enum Read {
    /// A video, with its channel's name.
    Video(Row, Text),
    /// No video.
    LeftOut(LeftOut),
}

/// Reads the rows of one file.
pub(super) struct Reader<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) rules: &'a Rules,
}

impl Row {
    /// Likes and comments, where both are known.
    pub(in crate::score) fn interactions(&self) -> Option<f64> {
        self.likes
            .zip(self.comments)
            .map(|(likes, comments)| likes as f64 + comments as f64)
    }
}

impl Reader<'_> {
    /// Reads a record; `row` is its place among the rows of the file, from 1.
    pub(super) fn read(&self, row: u32, record: &Record) -> Result<Read, Malformed> {
        let width = self.sheet.header.names.len();
        let surplus = record.fields.get(width..).unwrap_or_default();
        let is_blank = |text: &Text| text.bytes(&self.sheet.source).trim_ascii().is_empty();
        if record.fields.iter().all(is_blank) {
            return Ok(Read::LeftOut(LeftOut::Blank));
        }
        let record = Fields {
            reader: self,
            record,
            row,
        };
        if !surplus.iter().all(is_blank) {
            let message = format!(
                "the row has {} fields where the header has {width}: put quotes around a text with separators in it",
                record.record.fields.len()
            );
            return Err(record.error(width, message));
        }
        if let Some(left_out) = record.left_out() {
            return Ok(Read::LeftOut(left_out));
        }
        record.video()
    }
}

struct Fields<'a> {
    reader: &'a Reader<'a>,
    record: &'a Record,
    row: u32,
}

impl Fields<'_> {
    fn error(&self, column: usize, message: String) -> Malformed {
        let place = Place {
            line: self.record.line,
            row: self.row,
            column,
        };
        Malformed { place, message }
    }

    fn field(&self, place: usize) -> Text {
        self.record.fields.get(place).copied().unwrap_or_default()
    }

    fn get(&self, field: Field) -> Option<Text> {
        self.reader
            .sheet
            .header
            .columns
            .get(field)
            .map(|place| self.field(place))
    }

    fn text(&self, text: Text) -> std::borrow::Cow<'_, str> {
        text.of(&self.reader.sheet.source)
    }

    fn is_unknown(&self, text: Text) -> bool {
        counts::is_unknown(&self.text(text))
    }

    /// The column with this row's time of publication.
    fn published(&self) -> Option<usize> {
        let columns = &self.reader.sheet.header.columns;
        let places = [columns.get(Field::PublishedAt), columns.or_published];
        places
            .into_iter()
            .flatten()
            .find(|&place| !self.is_unknown(self.field(place)))
    }

    fn left_out(&self) -> Option<LeftOut> {
        let says = |field: Field, is_one: &dyn Fn(&str) -> bool| {
            self.get(field).is_some_and(|text| is_one(&self.text(text)))
        };
        if self.published().is_none() {
            let is_total =
                says(Field::VideoId, &names::is_total) || says(Field::Title, &names::is_total);
            return Some(if is_total {
                LeftOut::Total
            } else {
                LeftOut::Undated
            });
        }
        let is_coming = |state: &str| {
            ["upcoming", "live", "is_upcoming", "is_live", "post_live"].contains(&state.trim())
        };
        if says(Field::Broadcast, &is_coming) {
            return Some(LeftOut::Unpublished);
        }
        if self.reader.sheet.header.origin == Origin::Table {
            return None;
        }
        let has_views = self
            .get(Field::Views)
            .is_some_and(|text| !self.is_unknown(text));
        (!has_views).then_some(LeftOut::Viewless)
    }

    fn video(&self) -> Result<Read, Malformed> {
        let columns = &self.reader.sheet.header.columns;
        let published = self.published().unwrap_or_default();
        let Moment { at, is_day } = self.time(published, Field::PublishedAt)?;
        let views = self.count(Field::Views)?.ok_or_else(|| self.no_views())?;
        let (likes, comments) = (self.count(Field::Likes)?, self.count(Field::Comments)?);
        let format = self.format()?;
        let observed_at = match (columns.get(Field::ObservedOn), columns.maybe_observed) {
            // yt-dlp leaves it out of what it read from a list.
            (Some(place), _) if self.reader.sheet.header.origin != Origin::YtDlp => {
                Some(self.time(place, Field::ObservedOn)?.at)
            }
            (Some(place), _) | (None, Some(place)) => self
                .time(place, Field::ObservedOn)
                .ok()
                .map(|moment| moment.at),
            (None, None) => None,
        };
        let row = Row {
            row: self.row,
            line: self.record.line,
            title: self.get(Field::Title).unwrap_or_default(),
            published_text: self.field(published),
            video_id: self.get(Field::VideoId).unwrap_or_default(),
            published_at: at,
            is_day,
            views,
            likes,
            comments,
            format,
            channel: 0,
            video: 0,
            observed_at,
        };
        Ok(Read::Video(
            row,
            self.get(Field::Channel).unwrap_or_default(),
        ))
    }

    fn no_views(&self) -> Malformed {
        let column = self
            .reader
            .sheet
            .header
            .columns
            .get(Field::Views)
            .unwrap_or_default();
        let (found, width) = (
            self.record.fields.len(),
            self.reader.sheet.header.names.len(),
        );
        if found <= column {
            let message = format!(
                "the row has {found} fields where the header has {width}: views are missing"
            );
            return self.error(column, message);
        }
        let message = "is empty: a video without views cannot be scored, so fill them in or leave the row out";
        self.error(column, message.to_owned())
    }

    fn time(&self, place: usize, field: Field) -> Result<Moment, Malformed> {
        let text = self.text(self.field(place));
        dates::read(&text)
            .and_then(|reading| dates::settle(reading, self.reader.rules.order(field), &text))
            .map_err(|message| self.error(place, message))
    }

    /// A count; none where it is not known.
    fn count(&self, field: Field) -> Result<Option<u64>, Malformed> {
        let Some(place) = self.reader.sheet.header.columns.get(field) else {
            return Ok(None);
        };
        let text = self.text(self.field(place));
        let groups = |sign| self.reader.rules.groups(field, sign);
        counts::read(&text)
            .and_then(|(reading, _)| counts::settle(reading, groups, &text))
            .map_err(|message| self.error(place, message))
    }

    /// A format; none where it is not known.
    fn format(&self) -> Result<Option<Format>, Malformed> {
        let Some(place) = self.reader.sheet.header.columns.get(Field::Format) else {
            return Ok(None);
        };
        let text = self.text(self.field(place));
        match names::fold(&text).as_str() {
            "" | "creatorcontenttypeunspecified" => Ok(None),
            "short" | "shorts" => Ok(Some(Format::Short)),
            "long" | "longform" | "video" | "videos" | "videoondemand" => Ok(Some(Format::Long)),
            "live" | "livestream" | "livestreams" => Ok(Some(Format::Live)),
            _ if counts::is_unknown(&text) => Ok(None),
            _ => Err(self.error(
                place,
                format!("{} is not a format: use short, long or live", quoted(&text)),
            )),
        }
    }
}
