//! The rows of a report.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use super::curve::{Curve, days_between};
use super::metrics::{Row, Sums};
use super::report_request::ReportRequest;
use crate::youtube::store::Channel;
use crate::youtube::video::Video;

pub(crate) struct Report<'a> {
    request: &'a ReportRequest<'a>,
    wanted: Vec<usize>,
    start: Date,
    end: Date,
    curves: Vec<Curve<'a>>,
}

fn content_type(video: &Video) -> &'static str {
    if video.short {
        "shorts"
    } else {
        "videoOnDemand"
    }
}

impl<'a> Report<'a> {
    /// A report on a channel whose newest figures are of the day `last`.
    pub(crate) fn new(
        channel: &'a Channel,
        request: &'a ReportRequest<'a>,
        last: Date,
        now: Timestamp,
    ) -> Self {
        let end = request.end.min(last);
        let filters = &request.filters;
        let is_wanted = |video: &&Video| {
            let kind = content_type(video).to_lowercase();
            let mut ids = filters.videos.iter();
            ids.all(|ids| ids.contains(&video.id.as_str()))
                && filters.content_type.iter().all(|wanted| *wanted == kind)
        };
        let videos = channel.present_videos().filter(is_wanted);
        let mut curves: Vec<_> = videos
            .filter_map(|video| Curve::new(video, last, now))
            .collect();
        curves.retain(|curve| curve.from <= end && request.start <= end);
        let (start, wanted) = (request.start, request.wanted_sums());
        Self {
            request,
            wanted,
            start,
            end,
            curves,
        }
    }

    fn sums(&self, curve: &Curve<'_>) -> Sums {
        curve.range(self.start, self.end, &self.wanted)
    }

    /// The values of the row's dimensions.
    fn keys(&self, main: &str, content_type: &str) -> Vec<String> {
        let key = |dimension: &&str| match *dimension {
            "creatorContentType" => content_type.to_owned(),
            _ => main.to_owned(),
        };
        self.request.dimensions.iter().map(key).collect()
    }

    pub(crate) fn totals(&self) -> Vec<Row> {
        let mut total = Sums::default();
        for curve in &self.curves {
            total.add(&self.sums(curve));
        }
        let is_empty = self.curves.is_empty();
        (!is_empty)
            .then_some((Vec::new(), total))
            .into_iter()
            .collect()
    }

    /// Videos with views, most first.
    pub(crate) fn videos(&self) -> Vec<Row> {
        let rows = self.curves.iter().map(|curve| {
            let keys = self.keys(&curve.video.id, content_type(curve.video));
            (keys, self.sums(curve))
        });
        let mut rows: Vec<Row> = rows.filter(|(_, sums)| sums.views() > 0).collect();
        rows.sort_by_key(|(_, sums)| Reverse(sums.views()));
        rows
    }

    pub(crate) fn content_types(&self) -> Vec<Row> {
        let mut rows: BTreeMap<&str, Sums> = BTreeMap::new();
        for curve in &self.curves {
            rows.entry(content_type(curve.video))
                .or_default()
                .add(&self.sums(curve));
        }
        rows.into_iter()
            .map(|(kind, sums)| (vec![kind.to_owned()], sums))
            .collect()
    }

    /// A row for each day or month, and for each content type if that is a dimension.
    pub(crate) fn series(&self) -> Vec<Row> {
        let Some(first) = self.curves.iter().map(|curve| curve.from).min() else {
            return Vec::new();
        };
        let start = self.start.max(first);
        let is_monthly = self.request.dimensions.contains(&"month");
        let mut rows: BTreeMap<(String, &str), Sums> = BTreeMap::new();
        let mut day = start;
        for by_type in self.days(start) {
            let format = if is_monthly { "%Y-%m" } else { "%Y-%m-%d" };
            let text = day.strftime(format).to_string();
            for (sums, kind) in by_type.iter().zip(["shorts", "videoOnDemand"]) {
                if let Some(sums) = sums {
                    rows.entry((text.clone(), kind)).or_default().add(sums);
                }
            }
            day = day.tomorrow().unwrap_or(day);
        }
        let row = |((text, kind), sums): ((String, &str), Sums)| (self.keys(&text, kind), sums);
        rows.into_iter().map(row).collect()
    }

    /// The sums of each day from `start` and each content type; none where no video was out yet. Without that dimension
    /// all stand in the first place.
    fn days(&self, start: Date) -> Vec<[Option<Sums>; 2]> {
        let length = usize::try_from(days_between(start, self.end) + 1).unwrap_or(0);
        let is_typed = self.request.dimensions.contains(&"creatorContentType");
        let mut days = vec![[None; 2]; length];
        for curve in &self.curves {
            let kind = usize::from(is_typed && !curve.video.short);
            let from = usize::try_from(days_between(start, curve.from)).unwrap_or(0);
            let first = curve.offset(start.max(curve.from));
            for &metric in &self.wanted {
                let cumulative = curve.cumulative(metric);
                let mut before = cumulative(first);
                for (day, at) in days[from.min(length)..].iter_mut().zip(first + 1..) {
                    let gain = cumulative(at) - before;
                    before += gain;
                    let sums: &mut Sums = day[kind].get_or_insert_default();
                    sums.metrics[metric] += gain;
                    if metric == 0 {
                        sums.full_seconds += gain * curve.video.seconds;
                    }
                }
            }
        }
        days
    }

    /// Audience retention of the first video at each hundredth of its length.
    pub(crate) fn retention(&self) -> Vec<Value> {
        let Some(curve) = self.curves.first() else {
            return Vec::new();
        };
        let full = curve.totals[0].max(1) * curve.video.seconds.max(1);
        let kept = curve.totals[2] as f64 / full as f64;
        let row = |n: i32| {
            let at = f64::from(n) / 100.0;
            let ratio = (1.0 - at * 2.0 * (1.0 - kept)).max(0.05);
            json!([at, (ratio * 1000.0).round() / 1000.0])
        };
        (1..=100).map(row).collect()
    }
}
