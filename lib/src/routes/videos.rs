//! Operations on videos and what they say as a whole.

use super::documented::Documented;
use crate::videos::{Insights, ListQuery, Video, VideoDetail};
use platform::endpoint::{Caching, Empty, Operation, Page};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&LIST, &GET, &INSIGHTS];

/// `GET /api/videos`
pub const LIST: Operation<ListQuery, Empty, Page<Video>> = Operation::get("listVideos", "/api/videos")
    .summary("Lists the videos of your channels.")
    .order("Newest first, unless `sort` says otherwise.")
    .cached(Caching::Kept)
    .describe("YouTube's numbers stand under `youtube`. What stands under `score` is a Content Catalyst score, not a YouTube metric; it is null until the video was scored, and while the operator of this deployment has not accepted YouTube's derived-metrics amendment (`scores_shown` is then false).");

/// `GET /api/videos/{id}`
pub const GET: Operation<Empty, Empty, VideoDetail> = Operation::get(
    "getVideo",
    "/api/videos/{id}",
)
.summary(
    "One video with its history, its score, the reason for it and the videos it was compared with.",
)
.cached(Caching::Kept);

/// `GET /api/channels/{id}/insights`
pub const INSIGHTS: Operation<Empty, Empty, Insights> =
    Operation::get("getInsights", "/api/channels/{id}/insights")
        .summary("What is usual for a channel, what stood out, how its formats do, and when to publish.")
        .cached(Caching::Kept)
        .describe("Everything is derived from the channel's own videos: nothing is pooled across channels. Below 20 videos measured in their first days the best times are the channel's own slots (`basis` is `default`).");
