//! A score in words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::raw::value;
use super::row::Row;
use platform::db::DbError;
use scoring::explain::{self, Comparison};
use scoring::{Component, MODEL, Measures, Score, Withheld};

/// A score in words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// One or two sentences.
    pub summary: String,
    /// What else moved it, and how far it can be trusted.
    pub reasons: Vec<String>,
}

/// The parts of a score.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ScoreComponents {
    /// Views.
    pub reach: Component,
    /// Views gained between the last two ages.
    pub velocity: Option<Component>,
    /// Likes and comments per view.
    pub engagement: Option<Component>,
    /// Average percentage viewed.
    pub retention: Option<Component>,
}

/// The score of a row in words; none without a score.
pub(super) fn explanation(
    row: &Row<'_>,
    parts: Option<(&ScoreComponents, &Measures)>,
) -> Result<Option<Explanation>, DbError> {
    let n = value(row.n)?.unwrap_or_default();
    let withheld: Option<String> = value(row.withheld)?;
    if let Some(reason) = withheld.and_then(|reason| Withheld::named(&reason, n)) {
        return Ok(Some(Explanation {
            summary: explain::withheld(&MODEL, reason),
            reasons: Vec::new(),
        }));
    }
    let (Some((components, measures)), Some(basis)) = (parts, value(row.basis)?) else {
        return Ok(None);
    };
    let Some(score) = score(row, n, components)? else {
        return Ok(None);
    };
    let comparison = Comparison {
        basis,
        checkpoint_h: value(row.checkpoint_hours)?,
        format: value(row.format)?,
    };
    Ok(Some(Explanation {
        summary: explain::summary(&score, measures.views, comparison),
        reasons: explain::reasons(&MODEL, &score, measures),
    }))
}

/// None while a part of it is missing.
fn score(row: &Row<'_>, n: usize, components: &ScoreComponents) -> Result<Option<Score>, DbError> {
    let (
        Some(raw_multiplier),
        Some(multiplier),
        Some(z_total),
        Some(score),
        Some(label),
        Some(confidence),
    ) = (
        value(row.raw_multiplier)?,
        value(row.multiplier)?,
        value(row.z_total)?,
        value(row.score)?,
        value(row.label)?,
        value(row.confidence)?,
    )
    else {
        return Ok(None);
    };
    Ok(Some(Score {
        n,
        reach: components.reach,
        velocity: components.velocity,
        engagement: components.engagement,
        retention: components.retention,
        raw_multiplier,
        multiplier,
        z_total,
        score,
        label,
        confidence,
    }))
}
