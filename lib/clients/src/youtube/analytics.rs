//! YouTube Analytics: formats, daily curves, and how far its data reaches.
//!
//! Analytics lags two to three days and stops at the last day for which every metric exists. A day that is absent is
//! not a day of zero; what lies behind the last processed day is unknown.

use super::table::Row;
pub use super::table::Table;
use super::{AccessToken, Error, ErrorKind, YouTube};
use jiff::civil::Date;
use std::collections::HashMap;
use std::time::Instant;

/// Videos in one report of formats. A video may have a row for each format it was watched in, and a report has at most
/// 200 rows.
pub const FORMATS_BATCH: usize = 100;

/// Analytics knows formats from this day on.
const FORMATS_SINCE: &str = "2019-01-01";

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
mod tests;
