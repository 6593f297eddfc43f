//! YouTube Analytics: formats, daily curves, and how far its data reaches.
//!
//! Analytics lags two to three days and stops at the last day for which every metric exists. A day that is absent is
//! not a day of zero; what lies behind the last processed day is unknown.

use std::collections::HashMap;
use std::time::Instant;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::{AccessToken, Error, ErrorKind, YouTube};

/// Videos in one report of formats. A video may have a row for each format it was watched in, and a report has at most
/// 200 rows.
pub const FORMATS_BATCH: usize = 100;

/// Analytics knows formats from this day on.
const FORMATS_SINCE: &str = "2019-01-01";

/// A report: columns by name, cells as they came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    #[serde(default)]
    column_headers: Vec<Column>,
    #[serde(default)]
    rows: Vec<Vec<Value>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Column {
    #[serde(default)]
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
        let table = self
            .report(
                "reports.formats",
                token,
                &[
                    ("ids", "channel==MINE"),
                    ("startDate", FORMATS_SINCE),
                    ("endDate", &today.to_string()),
                    ("metrics", "views"),
                    ("dimensions", "video,creatorContentType"),
                    ("filters", &format!("video=={}", ids.join(","))),
                    ("sort", "-views"),
                    ("maxResults", "200"),
                ],
                deadline,
            )
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
        let (since, today) = (since.to_string(), today.to_string());
        let query = |metrics| {
            [
                ("ids", "channel==MINE"),
                ("startDate", since.as_str()),
                ("endDate", today.as_str()),
                ("metrics", metrics),
                ("dimensions", "day"),
                ("filters", filter.as_str()),
                ("sort", "day"),
            ]
        };
        let engaged = self
            .report(
                "reports.curve",
                token,
                &query("engagedViews,likes,comments,averageViewPercentage"),
                deadline,
            )
            .await;
        match engaged {
            Ok(table) => Ok(read_curve(&table, "engagedViews", Basis::EngagedViews)),
            // Whether these metrics may be combined is nowhere promised; the public count always may.
            Err(error) if error.kind() == Some(ErrorKind::Invalid) => {
                let table = self
                    .report(
                        "reports.curve",
                        token,
                        &query("views,likes,comments,averageViewPercentage"),
                        deadline,
                    )
                    .await?;
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
        let table = self
            .report(
                "reports.days",
                token,
                &[
                    ("ids", "channel==MINE"),
                    ("startDate", &since.to_string()),
                    ("endDate", &today.to_string()),
                    ("metrics", "views"),
                    ("dimensions", "day"),
                    ("sort", "day"),
                ],
                deadline,
            )
            .await?;
        Ok(table.rows().filter_map(Row::day).max())
    }

    async fn report(
        &self,
        operation: &'static str,
        token: &AccessToken,
        query: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<Table, Error> {
        let answer = self
            .call(&Self::read_policy(operation, deadline), |http| {
                http.get(self.analytics_url("/v2/reports"))
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
        let Some((video, format)) = row
            .text("video")
            .zip(row.text("creatorContentType").and_then(Format::read))
        else {
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
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn table(value: Value) -> Table {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn columns_are_found_by_name_and_absent_rows_are_none() {
        let curve = read_curve(
            &table(
                json!({"kind":"youtubeAnalytics#resultTable","columnHeaders":[
                {"name":"day","columnType":"DIMENSION","dataType":"STRING"},
                {"name":"likes","columnType":"METRIC","dataType":"INTEGER"},
                {"name":"engagedViews","columnType":"METRIC","dataType":"INTEGER"},
                {"name":"averageViewPercentage","columnType":"METRIC","dataType":"FLOAT"}],
                "rows":[["2026-01-03",1,20,61.2],["2026-01-02",0,100,50],["odd",1,1,1],["2026-01-04"],[]]}),
            ),
            "engagedViews",
            Basis::EngagedViews,
        );
        assert_eq!(
            curve
                .days
                .iter()
                .map(|day| (day.day, day.views))
                .collect::<Vec<_>>(),
            [(date(2026, 1, 2), 100.0), (date(2026, 1, 3), 20.0)]
        );
        let empty = read_curve(
            &table(json!({"columnHeaders":[{"name":"day"}]})),
            "engagedViews",
            Basis::EngagedViews,
        );
        assert!(empty.days.is_empty());
    }

    #[test]
    fn a_video_is_what_it_was_watched_as_most() {
        let formats = read_formats(&table(
            json!({"columnHeaders":[{"name":"video"},{"name":"creatorContentType"},{"name":"views"}],
            "rows":[["a","liveStream",5],["a","videoOnDemand",50],["b","SHORTS",1],["c","VIDEO_ON_DEMAND",0],
                    ["d","somethingNew",9],["e","shorts",null],[null,"shorts",1]]}),
        ));
        assert_eq!(formats["a"], Format::Long);
        assert_eq!(formats["b"], Format::Short);
        assert_eq!(formats["c"], Format::Long);
        assert_eq!(formats["e"], Format::Short);
        assert_eq!(formats.len(), 4);
    }

    proptest! {
        #[test]
        fn odd_rows_do_not_break_the_readers(cells in prop::collection::vec(prop::collection::vec(
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "\\PC{0,10}".prop_map(Value::from)], 0..5), 0..6)) {
            let table = Table {
                column_headers: ["day", "views", "likes", "video"].map(|name| Column { name: name.into() }).to_vec(),
                rows: cells,
            };
            let _ = read_curve(&table, "views", Basis::PublicViews);
            let _ = read_formats(&table);
        }
    }
}
