//! YouTube Analytics: formats, daily curves, and how far its data reaches.
//!
//! Analytics lags two to three days and stops at the last day for which every metric exists. A day that is absent is
//! not a day of zero; what lies behind the last processed day is unknown.

use std::{collections::HashMap, time::Instant};

use jiff::civil::{Date, date};
use serde::Deserialize;
use serde_json::Value;

use super::{AccessToken, Error, ErrorKind, YouTube, join};

/// A report: columns by name, cells as they came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Table {
    column_headers: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Column {
    name: String,
}

impl Table {
    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }
}

#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    table: &'a Table,
    cells: &'a [Value],
}

impl<'a> Row<'a> {
    fn cell(self, name: &str) -> Option<&'a Value> {
        let index = self
            .table
            .column_headers
            .iter()
            .position(|column| column.name == name)?;
        self.cells.get(index)
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.cell(name)?.as_str()
    }

    fn number(self, name: &str) -> Option<f64> {
        let number = match self.cell(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite())
    }

    fn day(self) -> Option<Date> {
        self.text("day")?.parse().ok()
    }
}

/// Videos in one report of formats. A video may have a row for each format it was watched in, and a report has at most
/// 200 rows.
pub const FORMATS_BATCH: usize = 100;

/// Analytics knows formats from this day on.
const FORMATS_SINCE: Date = date(2019, 1, 1);

/// What a video is, as YouTube itself sorts it. Never told from its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A Short.
    Short,
    /// Video on demand.
    Long,
    /// A live stream.
    Live,
}

impl Format {
    /// Reads `creatorContentType`, in either of the spellings that are in use.
    fn read(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "shorts" => Some(Self::Short),
            "videoondemand" => Some(Self::Long),
            "livestream" => Some(Self::Live),
            _ => None,
        }
    }
}

/// Which count of views a curve holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Analytics' `engagedViews`, whose meaning never changed.
    EngagedViews,
    /// Public views.
    PublicViews,
}

/// One day of a video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// The day, in Los Angeles.
    pub day: Date,
    /// Views gained, of the curve's basis.
    pub views: f64,
    /// Likes gained.
    pub likes: f64,
    /// Comments gained.
    pub comments: f64,
    /// Average percentage viewed on that day.
    pub average_view_percentage: Option<f64>,
}

/// A video's past, day by day.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What its views are.
    pub basis: Basis,
    /// Days that Analytics has, oldest first.
    pub days: Vec<Day>,
}

impl YouTube {
    /// The format of each of at most [`FORMATS_BATCH`] videos; those Analytics knows nothing about are left out.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn formats(
        &self,
        token: &AccessToken,
        ids: &[String],
        today: Date,
        deadline: Instant,
    ) -> Result<HashMap<String, Format>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let query = [
            ("metrics", "views"),
            ("dimensions", "video,creatorContentType"),
            ("filters", &format!("video=={}", ids.join(","))),
            ("sort", "-views"),
            ("maxResults", "200"),
        ];
        let days = [FORMATS_SINCE, today];
        let table = self
            .report("reports.formats", token, days, &query, deadline)
            .await?;
        Ok(read_formats(&table))
    }

    /// The daily curve of one video since the day it was published.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn curve(
        &self,
        token: &AccessToken,
        video: &str,
        since: Date,
        today: Date,
        deadline: Instant,
    ) -> Result<Curve, Error> {
        let filter = format!("video=={video}");
        let report = async |metrics| {
            let query = [
                ("metrics", metrics),
                ("dimensions", "day"),
                ("filters", filter.as_str()),
                ("sort", "day"),
            ];
            self.report("reports.curve", token, [since, today], &query, deadline)
                .await
        };
        match report("engagedViews,likes,comments,averageViewPercentage").await {
            Ok(table) => Ok(read_curve(&table, "engagedViews", Basis::EngagedViews)),
            // Whether these metrics may be combined is nowhere promised; the public count always may.
            Err(error) if error.kind() == Some(ErrorKind::Invalid) => {
                let table = report("views,likes,comments,averageViewPercentage").await?;
                Ok(read_curve(&table, "views", Basis::PublicViews))
            }
            Err(error) => Err(error),
        }
    }

    /// The last day that Analytics has processed for this channel, if it had any views lately.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn data_through(
        &self,
        token: &AccessToken,
        today: Date,
        deadline: Instant,
    ) -> Result<Option<Date>, Error> {
        let since = today.saturating_sub(jiff::Span::new().days(14));
        let query = [("metrics", "views"), ("dimensions", "day"), ("sort", "day")];
        let table = self
            .report("reports.days", token, [since, today], &query, deadline)
            .await?;
        Ok(table.rows().filter_map(Row::day).max())
    }

    /// A report of the token's channel, from the first of two days to the last.
    async fn report(
        &self,
        operation: &'static str,
        token: &AccessToken,
        days: [Date; 2],
        query: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<Table, Error> {
        let [from, to] = days.map(|day| day.to_string());
        let common = [
            ("ids", "channel==MINE"),
            ("startDate", &from),
            ("endDate", &to),
        ];
        let url = join(&self.analytics, "/v2/reports");
        let answer = self
            .call(&Self::read_policy(operation, deadline), |http| {
                http.get(&url)
                    .query(&common)
                    .query(query)
                    .bearer_auth(token.expose())
            })
            .await?;
        Ok(answer.json()?)
    }
}

/// A video that was streamed and then watched on demand has rows of both; it is what it was watched as most.
fn read_formats(table: &Table) -> HashMap<String, Format> {
    let mut best: HashMap<String, (f64, Format)> = HashMap::new();
    for row in table.rows() {
        let format = row.text("creatorContentType").and_then(Format::read);
        let Some((video, format)) = row.text("video").zip(format) else {
            continue;
        };
        let views = row.number("views").unwrap_or(0.0);
        let seen = best.get(video);
        if seen.is_none_or(|(most, known)| (views, format) > (*most, *known)) {
            best.insert(video.to_owned(), (views, format));
        }
    }
    best.into_iter()
        .map(|(video, (_, format))| (video, format))
        .collect()
}

fn read_curve(table: &Table, views: &str, basis: Basis) -> Curve {
    let mut days: Vec<Day> = table
        .rows()
        .filter_map(|row| {
            Some(Day {
                day: row.day()?,
                views: row.number(views)?.max(0.0),
                // Likes that were taken back make a day negative; the sum stays right.
                likes: row.number("likes").unwrap_or(0.0),
                comments: row.number("comments").unwrap_or(0.0),
                average_view_percentage: row
                    .number("averageViewPercentage")
                    .filter(|percentage| *percentage >= 0.0),
            })
        })
        .collect();
    days.sort_by_key(|day| day.day);
    days.dedup_by_key(|day| day.day);
    Curve { basis, days }
}

#[cfg(test)]
mod tests;
