//! `catalyst score`: ranks the videos of a channel from a file, with no account, no stack and no network.
//!
//! [`file`] reads what creators have into rows; docs/scoring.md tells what that is. A malformed row is reported on standard
//! error and has no object in the output. `row` counts the rows after the header from 1, malformed and left out ones
//! included, so that it names the same row whatever is wrong with others.
//!
//! Videos of different `channel_title`s are never compared. With a `format` column an empty field means an unknown
//! format: the video is neither scored nor compared. Without the column the file is one cohort.
//!
//! # Totals only
//!
//! Basis `lifetime`. A video younger than 30 days (`30 · 24 h`) at `--as-of`, or published after it, is `too_recent`, and
//! its `n` is null because nothing was compared; `n` of a video labelled `insufficient_data` is the number of videos found.
//!
//! # With observations of several days
//!
//! Each row is one observation of a video. It is scored at one of the checkpoints whose values were known at that
//! observation (the oldest with five earlier videos to compare with, else with three, else the oldest at all), on the basis
//! `public_views`; so the rows of one video show how its score developed. The row's object additionally names
//! `checkpoint_h`, `age_h` and `velocity_z`. A row is `too_recent` when its video had not reached the first checkpoint, or
//! when it was observed after `--as-of` (default: the newest observation), and `insufficient_data` when no two
//! observations stand close enough around a checkpoint or fewer than three earlier videos have a value there.

mod baseline;
mod command;
mod file;
mod json;
mod observations;
mod outcome;
mod scores;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod totals;

pub use command::{ScoreArgs, answer, run};
