//! `--json`.

use std::io::{self, Write};

use scoring::checkpoint::age_h;
use serde::Serialize;

use super::file::Table;
use super::scores::Scores;

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    row: u32,
    title: &'a str,
    published_at: &'a str,
    basis: &'static str,
    n: Option<usize>,
    m: Option<f64>,
    s: Option<f64>,
    r: Option<f64>,
    z: Option<f64>,
    raw_multiplier: Option<f64>,
    multiplier: Option<f64>,
    engagement_z: Option<f64>,
    z_total: Option<f64>,
    score: Option<u8>,
    label: &'static str,
    confidence: Option<f64>,
    model_version: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    observation: Option<Observation>,
}

/// What a row with `observed_on` says besides.
#[derive(Serialize)]
struct Observation {
    age_h: f64,
    checkpoint_h: Option<u32>,
    velocity_z: Option<f64>,
}

/// Prints a JSON object a line for every row.
pub(super) fn print(out: &mut impl Write, table: &Table, scores: &Scores) -> io::Result<()> {
    for (place, row) in table.rows.iter().enumerate() {
        let outcome = scores.outcome(table, place);
        let score = outcome.score();
        let line = Line {
            row: row.row,
            title: &table.title(row),
            published_at: &table.published(row),
            basis: outcome.basis.as_str(),
            n: outcome.n,
            m: score.map(|score| score.reach.m),
            s: score.map(|score| score.reach.s),
            r: score.map(|score| score.reach.r),
            z: score.map(|score| score.reach.z),
            raw_multiplier: score.map(|score| score.raw_multiplier),
            multiplier: score.map(|score| score.multiplier),
            engagement_z: score
                .and_then(|score| score.engagement)
                .map(|engagement| engagement.z),
            z_total: score.map(|score| score.z_total),
            score: score.map(|score| score.score),
            label: outcome.label().as_str(),
            confidence: score.map(|score| score.confidence),
            model_version: scores.model.version,
            observation: row
                .observed_at
                .filter(|_| table.has_observations)
                .map(|observed_at| Observation {
                    age_h: age_h(row.published_at, observed_at),
                    checkpoint_h: outcome.checkpoint_h,
                    velocity_z: score
                        .and_then(|score| score.velocity)
                        .map(|velocity| velocity.z),
                }),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
