//! Scheduling and publishing: every route, what is refused, and what goes wrong at YouTube.

mod access;
mod calendar_feed;
mod changes;
mod listing;
mod refusals;
mod times;
mod uploads;
mod youtube_faults;
