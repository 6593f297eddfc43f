//! `catalyst backup` against real servers: what is restored is what was there, and whatever is wrong with a backup is told
//! before anything is touched.

mod bucket;
mod database_settings;
mod folder;
mod forgery;
mod other_programs;
mod reconciliation;
mod refusals;
mod snapshot;
mod verification;
mod world;
