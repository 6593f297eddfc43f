//! Analytics `reports.query`: each video's total spread over its days, most of it early.

mod curve;
mod metrics;
mod query;
mod report;
mod report_request;

pub(crate) use curve::views_on;
pub(crate) use query::query;
