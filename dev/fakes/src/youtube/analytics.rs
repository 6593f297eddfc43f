//! Analytics `reports.query`: each video's total spread over its days, most of it early.

use std::{cmp::Reverse, collections::BTreeMap, sync::OnceLock};

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde_json::{Value, json};

use super::{Actor, Channel, Failure, Video, errors};
use crate::{
    clock::pacific_day,
    server::{Head, lock},
    world::{World, hash},
};

/// How fast interest fades: the share of day `k` is proportional to `(k + 1)` to the power of minus this.
const FADE: f64 = 1.25;

/// Cumulative weights of the first `k` days.
fn weights() -> &'static [f64] {
    static WEIGHTS: OnceLock<Vec<f64>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let mut sum = 0.0;
        let mut list = Vec::with_capacity(12_001);
        list.push(0.0);
        for day in 0..12_000_u32 {
            sum += f64::from(day + 1).powf(-FADE);
            list.push(sum);
        }
        list
    })
}

/// Which sums a metric is made of; views come first and are always among them.
fn sums_of(metric: &str) -> &'static [usize] {
    match metric {
        "engagedViews" => &[1],
        "estimatedMinutesWatched" | "averageViewDuration" | "averageViewPercentage" => &[2],
        "likes" | "dislikes" => &[3],
        "comments" => &[4],
        "shares" => &[5],
        "subscribersGained" => &[6],
        "subscribersLost" => &[7],
        _ => &[0],
    }
}

/// Sums of a row, and the seconds a full watch of every view would have taken.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    sums: [u64; 8],
    full: u64,
}

impl Row {
    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.sums.iter_mut().zip(other.sums) {
            *mine += theirs;
        }
        self.full += other.full;
    }

    fn cell(&self, metric: &str) -> Value {
        let [
            views,
            engaged,
            seconds,
            likes,
            comments,
            shares,
            gained,
            lost,
        ] = self.sums;
        let round = |value: f64| json!((value * 100.0).round() / 100.0);
        match metric {
            "views" => json!(views),
            "engagedViews" => json!(engaged),
            "estimatedMinutesWatched" => json!(seconds / 60),
            "averageViewDuration" => json!(seconds.checked_div(views).unwrap_or(0)),
            "averageViewPercentage" if self.full == 0 => json!(0.0),
            "averageViewPercentage" => round(seconds as f64 * 100.0 / self.full as f64),
            "likes" => json!(likes),
            "dislikes" => json!(likes / 50),
            "comments" => json!(comments),
            "shares" => json!(shares),
            "subscribersGained" => json!(gained),
            "subscribersLost" => json!(lost),
            _ => Value::Null,
        }
    }
}

const METRICS: [&str; 11] = [
    "views",
    "engagedViews",
    "estimatedMinutesWatched",
    "averageViewDuration",
    "averageViewPercentage",
    "likes",
    "dislikes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
];
const REFUSED_METRICS: [&str; 5] = [
    "videoThumbnailImpressions",
    "videoThumbnailImpressionsClickRate",
    "estimatedRevenue",
    "impressions",
    "cardImpressions",
];

/// A video as Analytics sees it.
struct Curve<'a> {
    video: &'a Video,
    from: Date,
    /// Days with figures.
    days: usize,
    totals: [u64; 8],
}

impl<'a> Curve<'a> {
    fn new(video: &'a Video, last: Date, now: Timestamp) -> Option<Self> {
        let from = pacific_day(video.public_at?);
        let days = usize::try_from((last - from).get_days() + 1)
            .ok()
            .filter(|days| *days > 0)?;
        let (views, likes, comments) = video.counters(now);
        let h = hash(&["curve", &video.id]);
        let watched = if video.short {
            60 + h % 50
        } else {
            25 + h % 45
        };
        let totals = [
            views,
            views * (62 + h / 100 % 33) / 100,
            views * video.seconds * watched / 100,
            likes.unwrap_or(0),
            comments.unwrap_or(0),
            views / (120 + h / 7 % 200),
            views / (90 + h / 11 % 300),
            views / (900 + h / 13 % 900),
        ];
        Some(Self {
            video,
            from,
            days,
            totals,
        })
    }

    fn offset(&self, day: Date) -> usize {
        usize::try_from((day - self.from).get_days())
            .unwrap_or(0)
            .min(self.days)
    }

    /// The wanted figures of the days before the `k`-th.
    fn before(&self, k: usize, wanted: &[usize]) -> Row {
        let weights = weights();
        let days = self.days.min(weights.len() - 1);
        // The same arithmetic, in the same order, wherever a share of a total is taken.
        let scale = |total: u64| total as f64 / weights[days];
        let mut row = Row::default();
        for &at in wanted {
            row.sums[at] = if k >= days {
                self.totals[at]
            } else {
                (scale(self.totals[at]) * weights[k]) as u64
            };
        }
        row
    }

    /// The wanted figures of the days from the `a`-th up to the `b`-th.
    fn between(&self, a: usize, b: usize, wanted: &[usize]) -> Row {
        self.difference(self.before(a, wanted), self.before(b, wanted))
    }

    fn difference(&self, before: Row, after: Row) -> Row {
        let mut row = after;
        for (sum, less) in row.sums.iter_mut().zip(before.sums) {
            *sum -= less;
        }
        row.full = row.sums[0] * self.video.seconds;
        row
    }

    fn range(&self, start: Date, end: Date, wanted: &[usize]) -> Row {
        if end < self.from {
            return Row::default();
        }
        let b = (self.offset(end) + 1).min(self.days);
        self.between(self.offset(start).min(b), b, wanted)
    }
}

fn content_type(video: &Video) -> &'static str {
    if video.short {
        "shorts"
    } else {
        "videoOnDemand"
    }
}

fn bad(message: &str) -> Failure {
    let mut failure = errors::failure(400, "global", "badRequest", message);
    failure.body["error"]["status"] = json!("INVALID_ARGUMENT");
    failure
}

fn csv<'a>(head: &'a Head, name: &str) -> Vec<&'a str> {
    head.param(name)
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect()
}

fn date(head: &Head, name: &str) -> Result<Date, Failure> {
    let text = head
        .param(name)
        .ok_or_else(|| bad(&format!("Required parameter: {name}")))?;
    text.parse()
        .map_err(|_| bad(&format!("Invalid value '{text}' for {name}.")))
}

pub(super) fn query(world: &World, head: &Head, actor: &Actor) -> Result<Value, Failure> {
    let now = world.clock.now();
    let own = actor.channel()?;
    match head
        .param("ids")
        .and_then(|ids| ids.strip_prefix("channel=="))
    {
        Some("MINE") => {}
        Some(id) if id == own => {}
        Some(_) => return Err(errors::forbidden()),
        None => return Err(bad("Required parameter: ids")),
    }
    let (start, end) = (date(head, "startDate")?, date(head, "endDate")?);
    if end < start {
        return Err(bad("The endDate must not be before the startDate."));
    }
    let metrics = csv(head, "metrics");
    if metrics.is_empty() {
        return Err(bad("Required parameter: metrics"));
    }
    for metric in &metrics {
        if REFUSED_METRICS.contains(metric) {
            return Err(errors::not_supported());
        }
        if !METRICS.contains(metric) && *metric != "audienceWatchRatio" {
            return Err(bad(&format!(
                "Unknown identifier ({metric}) given in field parameters.metrics."
            )));
        }
    }
    let dimensions = csv(head, "dimensions");
    let sort = csv(head, "sort");
    let limit = match head.param("maxResults") {
        None => None,
        Some(text) => Some(
            text.parse::<usize>()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| bad("Invalid value for maxResults."))?,
        ),
    };
    let first = head
        .param("startIndex")
        .map_or(Ok(1), str::parse::<usize>)
        .unwrap_or(1)
        .max(1);

    let mut only: Option<Vec<&str>> = None;
    let mut only_type = None;
    let mut geography = false;
    for filter in head
        .param("filters")
        .unwrap_or_default()
        .split(';')
        .filter(|filter| !filter.is_empty())
    {
        match filter.split_once("==") {
            Some(("video", ids)) => {
                let ids: Vec<&str> = ids.split(',').collect();
                if ids.len() > 500 {
                    return Err(bad("Too many values in filter video."));
                }
                only = Some(ids);
            }
            Some(("creatorContentType", kind)) => {
                only_type = Some(kind.to_lowercase().replace('_', ""));
            }
            Some(("country" | "continent" | "subContinent", _)) if !geography => geography = true,
            _ => return Err(errors::not_supported()),
        }
    }

    let youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .get(own)
        .ok_or_else(errors::signup_required)?;
    if only.iter().flatten().any(|id| {
        youtube
            .video(id)
            .is_some_and(|(other, _)| other.id != channel.id)
    }) {
        return Err(errors::forbidden());
    }
    let last = pacific_day(now)
        .checked_sub(actor.settings.analytics_delay_days.days())
        .unwrap_or(Date::MIN);
    let end = end.min(last);
    let mut wanted: Vec<usize> = metrics
        .iter()
        .flat_map(|metric| sums_of(metric))
        .copied()
        .chain([0])
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let report = Report {
        wanted,
        channel,
        only: only.as_deref(),
        only_type: only_type.as_deref(),
        start,
        end,
        last,
        now,
    };
    let mut table = match &dimensions[..] {
        [] => report.totals(),
        ["video"] | ["video", "creatorContentType"] | ["creatorContentType", "video"] => {
            let descending = sort.iter().all(|key| key.starts_with('-')) && !sort.is_empty();
            let allowed = [
                "-views",
                "-estimatedMinutesWatched",
                "-subscribersGained",
                "-subscribersLost",
                "-engagedViews",
                "-likes",
                "-comments",
            ];
            if !descending
                || !sort.iter().all(|key| allowed.contains(key))
                || limit.is_none_or(|limit| limit > 200 || first + limit > 201)
            {
                return Err(errors::not_supported());
            }
            report.videos(&dimensions)
        }
        ["day" | "month"]
        | ["day" | "month", "creatorContentType"]
        | ["creatorContentType", "day" | "month"] => report.series(&dimensions),
        ["creatorContentType"] => report.types(),
        ["elapsedVideoTimeRatio"] => {
            if only.as_ref().is_none_or(|ids| ids.len() != 1) || metrics != ["audienceWatchRatio"] {
                return Err(errors::not_supported());
            }
            return Ok(report.retention());
        }
        _ => return Err(errors::not_supported()),
    };
    if metrics.contains(&"audienceWatchRatio") {
        return Err(errors::not_supported());
    }

    for key in sort.iter().rev() {
        let (name, down) = key
            .strip_prefix('-')
            .map_or((*key, false), |name| (name, true));
        if let Some(at) = dimensions.iter().position(|dimension| *dimension == name) {
            table.sort_by(|a, b| a.0[at].cmp(&b.0[at]));
            if down {
                table.reverse();
            }
        } else if metrics.contains(&name) {
            let number = |row: &Row| row.cell(name).as_f64().unwrap_or(0.0);
            table.sort_by(|a, b| {
                let order = number(&a.1).total_cmp(&number(&b.1));
                if down { order.reverse() } else { order }
            });
        } else {
            return Err(errors::not_supported());
        }
    }
    let rows: Vec<Value> = table
        .into_iter()
        .skip(first - 1)
        .take(limit.unwrap_or(usize::MAX))
        .map(|(keys, row)| {
            keys.into_iter()
                .map(Value::String)
                .chain(metrics.iter().map(|metric| row.cell(metric)))
                .collect()
        })
        .collect();
    Ok(table_body(&dimensions, &metrics, rows))
}

fn table_body(dimensions: &[&str], metrics: &[&str], rows: Vec<Value>) -> Value {
    let mut headers: Vec<Value> = dimensions
        .iter()
        .map(|name| json!({"name": name, "columnType": "DIMENSION", "dataType": "STRING"}))
        .collect();
    headers.extend(metrics.iter().map(|name| {
        let kind = if ["averageViewPercentage", "audienceWatchRatio"].contains(name) {
            "FLOAT"
        } else {
            "INTEGER"
        };
        json!({"name": name, "columnType": "METRIC", "dataType": kind})
    }));
    let mut body = json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers});
    if !rows.is_empty() {
        body["rows"] = Value::Array(rows);
    }
    body
}

type Table = Vec<(Vec<String>, Row)>;

struct Report<'a> {
    wanted: Vec<usize>,
    channel: &'a Channel,
    only: Option<&'a [&'a str]>,
    only_type: Option<&'a str>,
    start: Date,
    end: Date,
    last: Date,
    now: Timestamp,
}

impl Report<'_> {
    fn curves(&self) -> impl Iterator<Item = Curve<'_>> {
        self.channel
            .videos
            .iter()
            .filter(|video| {
                !video.deleted && self.only.is_none_or(|ids| ids.contains(&video.id.as_str()))
            })
            .filter(|video| {
                self.only_type
                    .is_none_or(|kind| content_type(video).to_lowercase() == kind)
            })
            .filter_map(|video| Curve::new(video, self.last, self.now))
            .filter(|curve| curve.from <= self.end)
    }

    fn totals(&self) -> Table {
        let mut sum = Row::default();
        let mut any = false;
        for curve in self.curves() {
            sum.add(&curve.range(self.start, self.end, &self.wanted));
            any = true;
        }
        if any && self.start <= self.end {
            vec![(Vec::new(), sum)]
        } else {
            Vec::new()
        }
    }

    fn videos(&self, dimensions: &[&str]) -> Table {
        if self.start > self.end {
            return Vec::new();
        }
        let mut table: Table = self
            .curves()
            .map(|curve| {
                let key = |dimension: &&str| {
                    if *dimension == "video" {
                        curve.video.id.clone()
                    } else {
                        content_type(curve.video).to_owned()
                    }
                };
                (
                    dimensions.iter().map(key).collect(),
                    curve.range(self.start, self.end, &self.wanted),
                )
            })
            .filter(|(_, row): &(Vec<String>, Row)| row.sums[0] > 0)
            .collect();
        table.sort_by_key(|(_, row)| Reverse(row.sums[0]));
        table
    }

    fn types(&self) -> Table {
        let mut sums: BTreeMap<&str, Row> = BTreeMap::new();
        if self.start <= self.end {
            for curve in self.curves() {
                sums.entry(content_type(curve.video))
                    .or_default()
                    .add(&curve.range(self.start, self.end, &self.wanted));
            }
        }
        sums.into_iter()
            .map(|(kind, row)| (vec![kind.to_owned()], row))
            .collect()
    }

    fn series(&self, dimensions: &[&str]) -> Table {
        let monthly = dimensions.contains(&"month");
        let typed = dimensions.contains(&"creatorContentType");
        let curves: Vec<Curve<'_>> = self.curves().collect();
        let Some(first) = curves.iter().map(|curve| curve.from).min() else {
            return Vec::new();
        };
        let start = self.start.max(first);
        let Ok(length) = usize::try_from((self.end - start).get_days() + 1) else {
            return Vec::new();
        };
        // One row a day and kind; none where no video was out yet.
        let mut days: Vec<[Option<Row>; 2]> = vec![[None; 2]; length];
        for curve in &curves {
            let kind = usize::from(typed && !curve.video.short);
            let from = usize::try_from((curve.from - start).get_days()).unwrap_or(0);
            let first = curve.offset(start.max(curve.from));
            let weights = weights();
            let whole = curve.days.min(weights.len() - 1);
            for &metric in &self.wanted {
                let total = curve.totals[metric];
                let scale = total as f64 / weights[whole];
                let mut at = first;
                let mut before = curve.before(at, &[metric]).sums[metric];
                for day in &mut days[from.min(length)..] {
                    at += 1;
                    let after = if at >= whole {
                        total
                    } else {
                        (scale * weights[at]) as u64
                    };
                    let row = day[kind].get_or_insert_default();
                    let gain = after.max(before) - before;
                    row.sums[metric] += gain;
                    if metric == 0 {
                        row.full += gain * curve.video.seconds;
                    }
                    before = after.max(before);
                }
            }
        }
        let mut sums: BTreeMap<(String, &str), Row> = BTreeMap::new();
        let mut day = start;
        for rows in &days {
            let text = if monthly {
                day.strftime("%Y-%m").to_string()
            } else {
                day.to_string()
            };
            for (row, kind) in rows.iter().zip(["shorts", "videoOnDemand"]) {
                if let Some(row) = row {
                    sums.entry((text.clone(), kind)).or_default().add(row);
                }
            }
            day = day.tomorrow().unwrap_or(day);
        }
        let key = |dimension: &&str, text: &str, kind: &str| {
            if *dimension == "creatorContentType" {
                kind.to_owned()
            } else {
                text.to_owned()
            }
        };
        sums.iter()
            .map(|((text, kind), row)| {
                (
                    dimensions
                        .iter()
                        .map(|name| key(name, text, kind))
                        .collect(),
                    *row,
                )
            })
            .collect()
    }

    /// Audience retention at each hundredth of the video.
    fn retention(&self) -> Value {
        let rows = match self.curves().next() {
            None => Vec::new(),
            Some(curve) => {
                let keep = curve.totals[2] as f64
                    / (curve.totals[0].max(1) * curve.video.seconds.max(1)) as f64;
                (1..=100)
                    .map(|n| {
                        let t = f64::from(n) / 100.0;
                        json!([
                            t,
                            ((1.0 - t * 2.0 * (1.0 - keep)).max(0.05) * 1000.0).round() / 1000.0
                        ])
                    })
                    .collect()
            }
        };
        table_body(&["elapsedVideoTimeRatio"], &["audienceWatchRatio"], rows)
    }
}

/// For the reach report: views of a video on one day.
pub(super) fn views_on(video: &Video, day: Date, last: Date, now: Timestamp) -> u64 {
    Curve::new(video, last, now).map_or(0, |curve| {
        if day < curve.from {
            0
        } else {
            curve.range(day, day, &[0]).sums[0]
        }
    })
}
