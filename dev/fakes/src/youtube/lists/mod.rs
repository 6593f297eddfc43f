//! Reads of the Data API.

pub(super) mod batch_stats;
pub(super) mod categories;
pub(super) mod channels;
pub(super) mod playlist_items;
pub(super) mod search;
pub(super) mod videos;
