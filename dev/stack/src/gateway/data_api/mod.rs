//! `/rest/v1`: the Data API, answered by postrust in PostgREST's manner.

mod api;
mod compatibility;
mod handler;
mod null_arguments;
mod null_database;
mod role_settings;
mod schema_reload;

pub(super) use api::{DataApi, Settings};
pub(super) use handler::handle;
pub(super) use null_arguments::MAX_BODY;
