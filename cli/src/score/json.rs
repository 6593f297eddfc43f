//! `--json`.

use std::io::{self, Write};

use scoring::checkpoint::age_h;
use serde_json::json;

use super::outcome::Outcome;
use super::table::Table;

/// Prints a JSON object a line for every row.
pub(super) fn print(out: &mut impl Write, table: &Table, outcomes: &[Outcome]) -> io::Result<()> {
    for (row, outcome) in table.rows.iter().zip(outcomes) {
        let score = outcome.score();
        let mut line = json!({
            "row": row.row,
            "title": row.title,
            "published_at": row.published_text,
            "basis": outcome.basis.as_str(),
            "n": outcome.n,
            "m": score.map(|score| score.reach.m),
            "s": score.map(|score| score.reach.s),
            "r": score.map(|score| score.reach.r),
            "z": score.map(|score| score.reach.z),
            "raw_multiplier": score.map(|score| score.raw_multiplier),
            "multiplier": score.map(|score| score.multiplier),
            "engagement_z": score.and_then(|score| Some(score.engagement?.z)),
            "z_total": score.map(|score| score.z_total),
            "score": score.map(|score| score.score),
            "label": outcome.label().as_str(),
            "confidence": score.map(|score| score.confidence),
        });
        if let Some(observed_at) = row.observed_at {
            line["age_h"] = json!(age_h(row.published_at, observed_at));
            line["checkpoint_h"] = json!(outcome.checkpoint_h);
            line["velocity_z"] = json!(score.and_then(|score| Some(score.velocity?.z)));
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}
