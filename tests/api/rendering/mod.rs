//! Renders: every route, and what goes wrong at the render service.

mod access;
mod callbacks;
mod cancelling;
mod copies;
mod estimates;
mod failures;
mod lost_answers;
mod requests;
mod workflow;
