//! A row of `scored_videos`.

use serde::Deserialize;

use super::raw::Raw;
use super::video::{Counters, ScoreSummary, Video};
use platform::db::RawTimestamp;
use scoring::explain;

/// A row, with its score beside it.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Row<'a> {
    pub(super) id: Raw<'a>,
    pub(super) channel_id: Raw<'a>,
    pub(super) youtube_video_id: Raw<'a>,
    pub(super) title: Raw<'a>,
    pub(super) format: Option<Raw<'a>>,
    pub(super) privacy: Option<Raw<'a>>,
    pub(super) published_at: Option<RawTimestamp<'a>>,
    pub(super) duration_seconds: Option<Raw<'a>>,
    pub(super) thumbnail_url: Option<Raw<'a>>,
    pub(super) views: Option<Raw<'a>>,
    pub(super) likes: Option<Raw<'a>>,
    pub(super) comments: Option<Raw<'a>>,
    pub(super) average_view_percentage: Option<Raw<'a>>,
    pub(super) counted_at: Option<RawTimestamp<'a>>,
    pub(super) gone_at: Option<RawTimestamp<'a>>,
    pub(super) model_version: Option<Raw<'a>>,
    pub(super) basis: Option<Raw<'a>>,
    pub(super) checkpoint_hours: Option<Raw<'a>>,
    pub(super) label: Option<Raw<'a>>,
    pub(super) withheld: Option<Raw<'a>>,
    pub(super) n: Option<Raw<'a>>,
    pub(super) score: Option<Raw<'a>>,
    pub(super) multiplier: Option<Raw<'a>>,
    pub(super) raw_multiplier: Option<Raw<'a>>,
    pub(super) z_total: Option<Raw<'a>>,
    pub(super) confidence: Option<Raw<'a>>,
    pub(super) confidence_level: Option<Raw<'a>>,
    pub(super) scored_at: Option<RawTimestamp<'a>>,
    pub(super) scores_shown: Raw<'a>,
    /// Where a list goes on after this row; only in lists.
    pub(super) page_key: Option<Raw<'a>>,
    /// Only in the detail, as is what follows.
    pub(super) components: Option<Raw<'a>>,
    pub(super) measures: Option<Raw<'a>>,
}

impl<'a> Row<'a> {
    fn summary(&self) -> Option<ScoreSummary<'a>> {
        Some(ScoreSummary {
            notice: explain::NOTICE,
            model_version: self.model_version?,
            score: self.score,
            multiplier: self.multiplier,
            raw_multiplier: self.raw_multiplier,
            label: self.label?,
            withheld: self.withheld,
            confidence: self.confidence,
            confidence_level: self.confidence_level,
            basis: self.basis?,
            checkpoint_hours: self.checkpoint_hours,
            n: self.n?,
            scored_at: self.scored_at?,
        })
    }

    pub(super) fn video(&self) -> Video<'a> {
        Video {
            score: self.summary(),
            id: self.id,
            channel_id: self.channel_id,
            youtube_video_id: self.youtube_video_id,
            title: self.title,
            format: self.format,
            privacy: self.privacy,
            published_at: self.published_at,
            duration_seconds: self.duration_seconds,
            thumbnail_url: self.thumbnail_url,
            gone_at: self.gone_at,
            youtube: Counters {
                views: self.views,
                likes: self.likes,
                comments: self.comments,
                average_view_percentage: self.average_view_percentage,
                counted_at: self.counted_at,
            },
            scores_shown: self.scores_shown,
        }
    }
}
