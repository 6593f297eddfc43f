//! Which column is which.

use super::columns::{Columns, Field};
use super::given::{Column, Given};
use super::names::{self, Known, fold};
use super::refusal::{Place, Refusal};
use crate::score::text::{list, quoted};

/// Where a file comes from, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// YouTube Studio's export.
    Studio,
    /// Answers of the YouTube Data API.
    DataApi,
    /// yt-dlp's JSON.
    YtDlp,
    /// A table with our names or others.
    Table,
}

/// A header whose columns are known.
#[derive(Debug)]
pub(super) struct Header {
    /// The names as they stand in the file.
    pub(super) names: Vec<String>,
    /// Its line; 0 where there is none.
    pub(super) line: u32,
    /// Where the columns stand.
    pub(super) columns: Columns,
    /// Where the file comes from.
    pub(super) origin: Origin,
}

/// A column that may be meant, with how strongly its name says so: 0 most.
type Candidate = (usize, usize);

/// Recognises the columns.
///
/// # Errors
/// When a column that is needed is missing, when several may be meant, or when the file is one of those that cannot be
/// scored.
pub(super) fn recognise(
    names: Vec<String>,
    line: u32,
    origin: Origin,
    given: &Given,
) -> Result<Header, Refusal> {
    let is_yt_dlp = ["extractor", "format_id", "webpage_url"]
        .iter()
        .all(|name| names.iter().any(|other| other == name));
    let origin = if is_yt_dlp { Origin::YtDlp } else { origin };
    let mut header = Header {
        names,
        line,
        columns: Columns::default(),
        origin,
    };
    let known: Vec<(usize, Known, usize)> = header
        .names
        .iter()
        .enumerate()
        .filter_map(|(place, name)| names::known(name).map(|(known, rank)| (place, known, rank)))
        .collect();
    let of = |kind: Known| -> Vec<Candidate> {
        let some = known.iter().filter(|(_, known, _)| *known == kind);
        some.map(|&(place, _, rank)| (place, rank)).collect()
    };
    for field in Field::ALL {
        let place = match given_place(&header, field, given)? {
            Some(place) => Some(place),
            None => header.pick(field, &of(Known::Is(field)))?,
        };
        header.columns.set(field, place);
    }
    header.columns.must_look_like_ids = header.columns.get(Field::VideoId).is_some_and(|place| {
        !is_strong_id(&header.names[place]) && !is_given(Field::VideoId, given)
    });
    let is_takeout = !of(Known::Takeout).is_empty();
    header.find_dates(&of(Known::StudioPublished), &of(Known::Date), given)?;
    if origin == Origin::YtDlp {
        header.know_yt_dlp();
    }
    if header.columns.get(Field::Title).is_none() {
        let id = header.columns.get(Field::VideoId);
        header.columns.set(Field::Title, id);
    }
    header.require(is_takeout)?;
    Ok(header)
}

/// The place that `--columns` gives a field.
fn given_place(header: &Header, field: Field, given: &Given) -> Result<Option<usize>, Refusal> {
    let Some(named) = given.columns.iter().find(|named| named.field == field) else {
        return Ok(None);
    };
    let place = match &named.column {
        Column::Place(place) => place
            .checked_sub(1)
            .filter(|&place| place < header.names.len()),
        Column::Name(name) => {
            let same = |other: &String| other.trim() == name.trim();
            let alike = |other: &String| fold(other) == fold(name);
            let place = header.names.iter().position(same);
            place.or_else(|| header.names.iter().position(alike))
        }
    };
    match (place, &named.column) {
        (Some(place), _) => Ok(Some(place)),
        (None, Column::Place(place)) => Err(header.refusal(format!(
            "--columns asks for column {place} of {}",
            header.names.len()
        ))),
        (None, Column::Name(name)) => Err(header.refusal(format!(
            "no column is called {}; there are {}",
            quoted(name),
            list(&header.names)
        ))),
    }
}

fn is_given(field: Field, given: &Given) -> bool {
    given.columns.iter().any(|named| named.field == field)
}

fn is_strong_id(name: &str) -> bool {
    ["videoid", "youtubeid", "youtubevideoid", "動画id"]
        .map(fold)
        .contains(&fold(name))
}

impl Header {
    fn refusal(&self, message: String) -> Refusal {
        self.refusal_at(0, message)
    }

    fn refusal_at(&self, column: usize, message: String) -> Refusal {
        let line = self.line;
        if line == 0 {
            return Refusal::file(message);
        }
        Refusal::at(
            Place {
                line,
                row: 0,
                column,
            },
            message,
        )
    }

    /// Of several columns for one thing the best name is meant; two counts, or two equal names, are for a person to say.
    fn pick(&self, field: Field, candidates: &[Candidate]) -> Result<Option<usize>, Refusal> {
        let is_count = matches!(field, Field::Views | Field::Likes | Field::Comments);
        let mut sorted = candidates.to_vec();
        sorted.sort_by_key(|&(place, rank)| (rank, place));
        match sorted[..] {
            [] => Ok(None),
            [(place, rank), (other, next), ..] if is_count || rank == next => {
                let (name, other_name) = (&self.names[place], &self.names[other]);
                Err(self.refusal_at(
                    place.max(other),
                    format!(
                        "is a second column for {field} ({} and {}): say which with --columns {field}=#{} or \
                         --columns {field}=#{}",
                        quoted(name),
                        quoted(other_name),
                        place + 1,
                        other + 1,
                        field = field.name(),
                    ),
                ))
            }
            [(place, _), ..] => Ok(Some(place)),
        }
    }

    /// The time of publication and what else may be a date.
    fn find_dates(
        &mut self,
        studio: &[Candidate],
        dates: &[Candidate],
        given: &Given,
    ) -> Result<(), Refusal> {
        if is_given(Field::PublishedAt, given) {
            return Ok(());
        }
        if let &[(place, _), ..] = studio {
            if !dates.is_empty() && self.columns.get(Field::ObservedOn).is_none() {
                return Err(self.refusal(
                    "this is YouTube Studio's chart data, views of single days: give the \"Table data.csv\" of the same \
                     export instead"
                        .to_owned(),
                ));
            }
            if self.origin == Origin::Table {
                self.origin = Origin::Studio;
            }
            self.columns.set(Field::PublishedAt, Some(place));
            return Ok(());
        }
        if self.columns.get(Field::PublishedAt).is_some() {
            self.columns.maybe_observed = dates.first().map(|&(place, _)| place);
            return Ok(());
        }
        let place = self.pick(Field::PublishedAt, dates)?;
        if dates.len() > 1 && self.columns.get(Field::Views).is_some() {
            return Err(self.refusal(format!(
                "more than one column may be the time of publication ({}): say which with --columns published_at=#{}",
                list(dates.iter().map(|&(place, _)| &self.names[place])),
                place.unwrap_or_default() + 1,
            )));
        }
        self.columns.set(Field::PublishedAt, place);
        Ok(())
    }

    /// In yt-dlp's JSON `format` is the file's, `timestamp` the time of publication, `upload_date` its day, and `epoch`
    /// the time of reading.
    fn know_yt_dlp(&mut self) {
        let place = |name: &str| self.names.iter().position(|other| other == name);
        let [format, timestamp, upload_date, epoch] =
            ["media_type", "timestamp", "upload_date", "epoch"].map(place);
        self.columns.set(Field::Format, format);
        self.columns
            .set(Field::PublishedAt, timestamp.or(upload_date));
        self.columns.or_published = timestamp.and(upload_date);
        self.columns.set(Field::ObservedOn, epoch);
        self.columns.maybe_observed = None;
    }

    /// A title, a time and views are needed; everything else may be missing.
    fn require(&self, is_takeout: bool) -> Result<(), Refusal> {
        let needed = [Field::Title, Field::PublishedAt, Field::Views];
        let missing: Vec<&str> = needed
            .into_iter()
            .filter(|&field| self.columns.get(field).is_none())
            .map(Field::name)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        if is_takeout && self.columns.get(Field::Views).is_none() {
            return Err(self.refusal(format!(
                "this is Google Takeout's list of videos, which has no views, so it cannot be scored: {FROM_STUDIO}"
            )));
        }
        let has_dates = self.columns.get(Field::PublishedAt).is_some();
        if missing == ["title"] && has_dates && self.origin == Origin::Table {
            return Err(self.refusal(format!(
                "there are views but no titles: this seems to be the sum of each day; {FROM_STUDIO}"
            )));
        }
        if missing == ["views"] && self.origin == Origin::DataApi {
            return Err(self.refusal(
                "these answers of the YouTube Data API have no views: ask videos.list for part=snippet,statistics"
                    .to_owned(),
            ));
        }
        if missing == ["published_at"] && self.origin == Origin::YtDlp {
            return Err(self.refusal(FLAT_PLAYLIST.to_owned()));
        }
        if self.names.is_empty() {
            return Err(self.refusal(
                "holds no videos: give answers of videos.list, yt-dlp's lines, or objects with a title, published_at and \
                 views each"
                    .to_owned(),
            ));
        }
        let header = if self.line == 0 {
            "the objects have"
        } else {
            "the header has"
        };
        let columns = if missing.len() == 1 {
            "column"
        } else {
            "columns"
        };
        Err(self.refusal(format!(
            "{header} no {columns} `{}` but {}: say which it is with --columns {}=\"…\", or get a file that has it: \
             {FROM_STUDIO}",
            missing.join("` and `"),
            list(&self.names),
            missing.first().unwrap_or(&"views"),
        )))
    }
}

/// yt-dlp's lists come without dates.
pub(super) const FLAT_PLAYLIST: &str = "no video has a date, as with yt-dlp --flat-playlist: run yt-dlp without it, or with \
                                        --extractor-args \"youtubetab:approximate_date\"";

/// Where to get a file that can be scored.
const FROM_STUDIO: &str = "YouTube Studio > Analytics > Advanced mode > period Lifetime > Export current view > CSV has \
                           everything that is needed";
