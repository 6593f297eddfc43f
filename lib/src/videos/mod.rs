//! Videos of connected channels: their numbers as YouTube gives them, and beside them what we make of those.

mod insights;
mod inspirations;
mod read;

pub use insights::{
    BestHour, BestTimes, BestTimesBasis, FormatInsight, Insights, ScoredVideo, UsualRange, insights,
};
pub use inspirations::{Inspiration, Inspirations, inspirations};
pub use read::{
    BaselineVideo, Counters, Explanation, ListQuery, ScoreComponents, ScoreSummary, SeriesPoint,
    Sort, Video, VideoDetail, get, list,
};
