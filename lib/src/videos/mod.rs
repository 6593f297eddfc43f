//! Videos of connected channels: their numbers as YouTube gives them, and beside them what we make of those.

mod best_times;
mod detail;
mod insights;
mod inspirations;
mod list;
pub mod score_channel;
mod scoring_input;
mod video;

pub use best_times::{BestHour, BestTimes, BestTimesBasis};
pub use detail::{BaselineVideo, Explanation, ScoreComponents, SeriesPoint, VideoDetail, get};
pub use insights::{FormatInsight, Insights, UsualRange, insights};
pub use inspirations::{Inspirations, inspirations};
pub use list::{ListQuery, Sort, list};
pub use video::{Counters, ScoreSummary, ScoredVideo, Video};
