//! `catalyst score`: ranks the videos of a channel from a CSV file, with no account, no stack and no network.
//!
//! # How the file is read
//!
//! * Columns are found by name, in any order and case; others are ignored. Numbers and times may have spaces around
//!   them; titles and times are given back as they stand in the file. See `records.rs` for quoting, line ends and so on.
//! * A time is ISO 8601: with an offset, or without one (then UTC), or a date alone (then 00:00 UTC). `--as-of` and
//!   `observed_on` are read in the same way, so `--as-of 2025-04-26` means the moment at which that day begins.
//! * `likes` and `comments` may be empty, as YouTube hides them for some videos: such a video has no engagement and
//!   takes no part in the engagement of others. `views` may not.
//! * A `format` column with an empty field means an unknown format: the video is neither scored nor compared. Without
//!   the column the file is one cohort. Videos of different `channel_title`s are never compared.
//! * `row` counts the rows after the header from 1, malformed ones included, so that it names the same row whatever is
//!   wrong with others. A malformed row is reported on standard error and has no object in the output.
//!
//! # Totals only
//!
//! Basis `lifetime`. A video younger than 30 days (`30 · 24 h`) at `--as-of`, or published after it, is `too_recent`, and
//! its `n` is null because nothing was compared; `n` of a video labelled `insufficient_data` is the number of videos found.
//!
//! # With `observed_on`
//!
//! Each row is one observation of a video (named by `video_id`, else by title and time of publication, within its
//! `channel_title`). A row is scored at one of the checkpoints whose values were known at that observation (the oldest with
//! five earlier videos to compare with, else with three, else the oldest at all), on the basis `public_views`; so the rows of one video show how its score developed. The row's object additionally names
//! `checkpoint_h`, `age_h` and `velocity_z`. A row is `too_recent` when its video had not reached the first checkpoint, or
//! when it was observed after `--as-of` (default: the newest `observed_on`), and `insufficient_data` when no two
//! observations stand close enough around a checkpoint or fewer than three earlier videos have a value there.

mod command;
mod json;
mod outcome;
mod records;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use command::{ScoreArgs, run};
