//! What a query asks for, as far as its parameters tell.

use jiff::civil::Date;

use super::metrics::{REFUSED_METRICS, RETENTION, sum_of};
use crate::youtube::errors::{invalid_argument, not_supported};
use crate::youtube::parameters::values;
use crate::{Failure, Head};

pub(crate) struct ReportRequest<'a> {
    pub(crate) start: Date,
    pub(crate) end: Date,
    pub(crate) metrics: Vec<&'a str>,
    pub(crate) dimensions: Vec<&'a str>,
    pub(crate) sort: Vec<&'a str>,
    pub(crate) limit: Option<usize>,
    /// The number of the first row, from 1.
    pub(crate) first: usize,
    pub(crate) filters: Filters<'a>,
}

#[derive(Default)]
pub(crate) struct Filters<'a> {
    pub(crate) videos: Option<Vec<&'a str>>,
    /// `shorts` or another content type, in small letters without underscores.
    pub(crate) content_type: Option<String>,
    has_place: bool,
}

impl<'a> ReportRequest<'a> {
    pub(crate) fn read(head: &'a Head) -> Result<Self, Failure> {
        let (start, end) = (date(head, "startDate")?, date(head, "endDate")?);
        if end < start {
            return Err(invalid_argument(
                "The endDate must not be before the startDate.",
            ));
        }
        let limit = head.param("maxResults").map(|text| {
            let limit = text.parse().ok().filter(|n| *n > 0);
            limit.ok_or_else(|| invalid_argument("Invalid value for maxResults."))
        });
        Ok(Self {
            start,
            end,
            metrics: metrics(head)?,
            dimensions: values(head, "dimensions"),
            sort: values(head, "sort"),
            limit: limit.transpose()?,
            first: head.number("startIndex").unwrap_or(1).max(1),
            filters: Filters::read(head)?,
        })
    }

    /// The numbers of the sums that the metrics are made of; views are always among them.
    pub(crate) fn wanted_sums(&self) -> Vec<usize> {
        let sums = self.metrics.iter().filter_map(|metric| sum_of(metric));
        let mut wanted: Vec<usize> = sums.chain([0]).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }
}

fn date(head: &Head, name: &str) -> Result<Date, Failure> {
    let text = head.param(name);
    let text = text.ok_or_else(|| invalid_argument(&format!("Required parameter: {name}")))?;
    let invalid = |_| invalid_argument(&format!("Invalid value '{text}' for {name}."));
    text.parse().map_err(invalid)
}

fn metrics(head: &Head) -> Result<Vec<&str>, Failure> {
    let metrics = values(head, "metrics");
    if metrics.is_empty() {
        return Err(invalid_argument("Required parameter: metrics"));
    }
    for metric in &metrics {
        if REFUSED_METRICS.contains(metric) {
            return Err(not_supported());
        }
        if sum_of(metric).is_none() && *metric != RETENTION {
            let place = "given in field parameters.metrics.";
            return Err(invalid_argument(&format!(
                "Unknown identifier ({metric}) {place}"
            )));
        }
    }
    Ok(metrics)
}

impl<'a> Filters<'a> {
    fn read(head: &'a Head) -> Result<Self, Failure> {
        let mut filters = Self::default();
        let given = head.param("filters").unwrap_or_default().split(';');
        for filter in given.filter(|filter| !filter.is_empty()) {
            match filter.split_once("==") {
                Some(("video", ids)) => {
                    let ids: Vec<&str> = ids.split(',').collect();
                    if ids.len() > 500 {
                        return Err(invalid_argument("Too many values in filter video."));
                    }
                    filters.videos = Some(ids);
                }
                Some(("creatorContentType", kind)) => {
                    filters.content_type = Some(kind.to_lowercase().replace('_', ""));
                }
                Some(("country" | "continent" | "subContinent", _)) if !filters.has_place => {
                    filters.has_place = true;
                }
                _ => return Err(not_supported()),
            }
        }
        Ok(filters)
    }
}
