//! Videos of connected channels: their numbers as YouTube gives them, and beside them what we make of those.

mod best_times;
mod detail;
mod explanation;
mod insights;
mod inspirations;
mod list;
mod raw;
mod row;
pub mod score_channel;
mod scored_video;
mod scoring_input;
mod stored_score;
mod video;

pub use best_times::{BestHour, BestTimes, BestTimesBasis};
pub use detail::{BaselineVideo, SeriesPoint, VideoDetail, get};
pub use explanation::{Explanation, ScoreComponents};
pub use insights::{FormatInsight, Insights, UsualRange, insights};
pub use inspirations::{Inspirations, inspirations};
pub use list::{ListQuery, Sort, list};
pub use scored_video::ScoredVideo;
pub use video::{Counters, ScoreSummary, Video};
