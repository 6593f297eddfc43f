//! The strongest and the weakest videos, for a person.

use std::collections::HashMap;
use std::io::{self, Write};

use scoring::{
    Confidence, Label, Model, Withheld,
    explain::{self, Comparison},
};

use super::file::{Row, Table};
use super::outcome::Outcome;
use super::scores::Scores;
use super::text::{clean, shorten};

/// How many videos each half shows.
const SHOWN: usize = 10;

/// What is kept of a row's outcome until it is known which rows are shown.
struct Brief {
    label: Label,
    /// The logarithm of its multiplier.
    strength: Option<f64>,
}

/// Prints how many rows were scored, and the strongest and weakest of them.
pub(super) fn print(out: &mut impl Write, table: &Table, scores: &Scores) -> io::Result<()> {
    let mut closest: Option<(Option<usize>, Withheld)> = None;
    let mut briefs: Vec<Brief> = Vec::with_capacity(table.rows.len());
    for place in 0..table.rows.len() {
        let outcome = scores.outcome(table, place);
        if let Err(reason) = outcome.result
            && closest.is_none_or(|(n, _)| outcome.n >= n)
        {
            closest = Some((outcome.n, reason));
        }
        briefs.push(Brief {
            label: outcome.label(),
            strength: outcome
                .score()
                .map(|score| score.log_multiplier(scores.model)),
        });
    }
    print_counts(out, &briefs)?;
    let scored = strongest_first(table, &briefs);
    if scored.is_empty() {
        // The reason that came closest to a number.
        return match closest {
            Some((_, reason)) => {
                writeln!(
                    out,
                    "No score yet. {}",
                    explain::withheld(scores.model, reason)
                )
            }
            None => Ok(()),
        };
    }
    writeln!(out, "{}, {}.", explain::NOTICE, scores.model.version)?;
    let shown = |place: &usize| (&table.rows[*place], scores.outcome(table, *place));
    let strongest = scored.iter().take(SHOWN).map(shown);
    print_half(out, "Strongest", table, scores.model, strongest)?;
    let weakest = scored.len().saturating_sub(SHOWN).min(SHOWN);
    let weakest = scored.iter().rev().take(weakest).map(shown);
    print_half(out, "Weakest", table, scores.model, weakest)
}

fn print_counts(out: &mut impl Write, briefs: &[Brief]) -> io::Result<()> {
    let count = |is_one: &dyn Fn(&Brief) -> bool| {
        let count = briefs.iter().filter(|brief| is_one(brief)).count();
        explain::number(count as f64)
    };
    writeln!(
        out,
        "{} rows: {} scored, {} too recent, {} with too little to compare with.",
        count(&|_| true),
        count(&|brief| brief.strength.is_some()),
        count(&|brief| brief.label == Label::TooRecent),
        count(&|brief| brief.label == Label::InsufficientData),
    )
}

/// The places of the scored rows; of the observations of one video only the newest.
fn strongest_first(table: &Table, briefs: &[Brief]) -> Vec<usize> {
    let mut newest: HashMap<u32, usize> = HashMap::new();
    for (place, row) in table.rows.iter().enumerate() {
        if briefs[place].strength.is_none() {
            continue;
        }
        let kept = newest.entry(row.video).or_insert(place);
        if table.rows[*kept].observed_at <= row.observed_at {
            *kept = place;
        }
    }
    let mut scored: Vec<usize> = newest.into_values().collect();
    let strength = |place: usize| briefs[place].strength.unwrap_or_default();
    scored.sort_unstable_by(|&a, &b| strength(b).total_cmp(&strength(a)).then(a.cmp(&b)));
    scored
}

fn print_half<'a>(
    out: &mut impl Write,
    heading: &str,
    table: &Table,
    model: &Model,
    videos: impl Iterator<Item = (&'a Row, Outcome)>,
) -> io::Result<()> {
    let mut videos = videos.peekable();
    if videos.peek().is_none() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{heading}\n{:>5}  {:>6}  {:<11}  {:<10}  title",
        "score", "times", "label", "published"
    )?;
    videos.try_for_each(|(row, outcome)| print_video(out, table, model, row, &outcome))
}

fn print_video(
    out: &mut impl Write,
    table: &Table,
    model: &Model,
    row: &Row,
    outcome: &Outcome,
) -> io::Result<()> {
    let Some(score) = outcome.score() else {
        return Ok(());
    };
    writeln!(
        out,
        "{:>5}  {:>6}  {:<11}  {:<10}  {}",
        score.score,
        explain::multiple(score.multiplier),
        score.label.as_str(),
        row.published_at.strftime("%Y-%m-%d").to_string(),
        shorten(&clean(&table.title(row)), 80),
    )?;
    let comparison = Comparison {
        basis: outcome.basis,
        checkpoint_h: outcome.checkpoint_h,
        format: row.format,
    };
    let against = explain::against(score, outcome.measures.views, comparison);
    writeln!(out, "{:>15}{against}", "")?;
    for reason in explain::components(score, &outcome.measures) {
        writeln!(out, "{:>15}{reason}", "")?;
    }
    if Confidence::of(model, score.confidence) != Confidence::High {
        writeln!(out, "{:>15}Only {} videos to compare with.", "", score.n)?;
    }
    Ok(())
}
