//! How a video did against its own channel: the model `cce-score/2`, and `cce-score/1` for comparison.
//!
//! Everything here is arithmetic on values that the caller brings: no clock, no database, no network. The same code
//! scores a stored channel (`videos::score_channel`) and a file (`catalyst score`).
//!
//! The road of one video: its counters become [`Measures`] at one age ([`checkpoint`]), its predecessors in the same
//! [cohort](Format) become the baseline ([`timeline`]), the two give a [`Score`] or a reason to withhold it
//! ([`Withheld`]), and [`explain`] says it in words.
//!
//! # Choices where the model leaves room
//!
//! * **Before.** A baseline video was published strictly before its target. Of two videos with the same time one still
//!   has to be the earlier: the caller's `tie` decides (the later row of a file, since files run from new to old;
//!   the smaller YouTube id in the database). A video is never part of its own baseline.
//! * **Within 365 days** and **at least 30 days old** include the boundary, counted in whole 24-hour days to the
//!   nanosecond, not in calendar days.
//! * **Medians** of an even number of values are the mean of the middle two *logarithms*: for engagement too, where
//!   `m` is the median of the logarithms and `ē` (only used to shrink the target's rate) the median of the rates.
//! * **Engagement** compares the target's shrunk rate with the baseline's plain rates, as the worked example does.
//!   Baseline videos without views, or without any like or comment, have no logarithm of a rate and are left out; so
//!   are videos whose counters are hidden. Fewer than three left: no engagement. A target without views gets the
//!   cohort's own rate (the shrinkage alone), a target whose counters are hidden gets none.
//! * **Velocity and retention** follow the same rule of three: they use the reach baseline's videos that have the value.
//! * **Fewer views than before** (YouTube does remove views) is a gain of zero.
//! * **A counting epoch** belongs to a count, not to a moment: public views of a video published in one epoch and
//!   counted in the next mix both ways of counting and are never compared ([`Epoch::of`]).
//! * **Labels** look at unrounded numbers, and z after clipping. The published multiplier of an outlier is at least
//!   1.5 as computed, so "1.5×" in print may belong to a video labelled `above`.

pub mod best_time;
pub mod channel;
pub mod checkpoint;
mod compare;
mod component;
mod composite;
pub mod explain;
pub mod forecast;
pub mod inspiration;
mod model;
mod named;
mod predictive;
pub mod same_age;
mod score;
mod statistics;
pub mod timeline;
mod versions;
#[cfg(test)]
mod worked_example;

pub use checkpoint::{Basis, Epoch, Snapshot};
pub use component::Component;
pub use model::{Assumed, Bar, Calibration, Correlations, Model, Weights};
pub use score::{Confidence, Format, Grounds, Label, Measures, Score, Withheld, score};
pub use statistics::phi;
pub use versions::{CCE_SCORE_1, MODEL, MODELS};
