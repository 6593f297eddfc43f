//! The strongest and the weakest videos, for a person.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use scoring::explain::{self, Comparison};
use scoring::{Confidence, Label, MODEL};

use super::outcome::Outcome;
use super::table::{Row, Table};
use super::text::{clean, shorten};

/// How many videos each half shows.
const SHOWN: usize = 10;

/// Prints how many rows were scored, and the strongest and weakest of them.
pub(super) fn print(out: &mut impl Write, table: &Table, outcomes: &[Outcome]) -> io::Result<()> {
    print_counts(out, outcomes)?;
    let scored = strongest_first(table, outcomes);
    if scored.is_empty() {
        // The reason that came closest to a number.
        let closest = outcomes.iter().max_by_key(|outcome| outcome.n);
        return match closest.map(|outcome| &outcome.result) {
            Some(Err(reason)) => {
                writeln!(out, "No score yet. {}", explain::withheld(&MODEL, *reason))
            }
            _ => Ok(()),
        };
    }
    writeln!(out, "{}, {}.", explain::NOTICE, MODEL.version)?;
    let shown = |place: &usize| (&table.rows[*place], &outcomes[*place]);
    let strongest = scored.iter().take(SHOWN).map(shown);
    print_half(out, "Strongest", strongest)?;
    let weakest = scored.len().saturating_sub(SHOWN).min(SHOWN);
    let weakest = scored.iter().rev().take(weakest).map(shown);
    print_half(out, "Weakest", weakest)
}

fn print_counts(out: &mut impl Write, outcomes: &[Outcome]) -> io::Result<()> {
    let count = |is_one: &dyn Fn(&Outcome) -> bool| {
        let count = outcomes.iter().filter(|outcome| is_one(outcome)).count();
        explain::number(count as f64)
    };
    writeln!(
        out,
        "{} rows: {} scored, {} too recent, {} with too little to compare with.",
        count(&|_| true),
        count(&|outcome| outcome.result.is_ok()),
        count(&|outcome| outcome.label() == Label::TooRecent),
        count(&|outcome| outcome.label() == Label::InsufficientData),
    )
}

/// The places of the scored rows; of the observations of one video only the newest.
fn strongest_first(table: &Table, outcomes: &[Outcome]) -> Vec<usize> {
    let mut newest: BTreeMap<(&str, &str, Timestamp), usize> = BTreeMap::new();
    let mut scored: Vec<usize> = Vec::new();
    for (place, row) in table.rows.iter().enumerate() {
        if outcomes[place].result.is_err() {
            continue;
        }
        if !table.has_observations {
            scored.push(place);
            continue;
        }
        let title = row.video_id.as_deref().unwrap_or(&row.title);
        let video = (row.channel.as_str(), title, row.published_at);
        let kept = newest.entry(video).or_insert(place);
        if table.rows[*kept].observed_at <= row.observed_at {
            *kept = place;
        }
    }
    scored.extend(newest.into_values());
    let strength = |place: usize| {
        let score = outcomes[place].score();
        score.map_or(0.0, |score| score.log_multiplier(&MODEL))
    };
    scored.sort_by(|&a, &b| strength(b).total_cmp(&strength(a)).then(a.cmp(&b)));
    scored
}

fn print_half<'a>(
    out: &mut impl Write,
    heading: &str,
    videos: impl Iterator<Item = (&'a Row, &'a Outcome)>,
) -> io::Result<()> {
    for (place, (row, outcome)) in videos.enumerate() {
        if place == 0 {
            writeln!(
                out,
                "\n{heading}\nscore   times  label        published   title"
            )?;
        }
        print_video(out, row, outcome)?;
    }
    Ok(())
}

fn print_video(out: &mut impl Write, row: &Row, outcome: &Outcome) -> io::Result<()> {
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
        shorten(&clean(&row.title), 80),
    )?;
    let (basis, checkpoint_h) = (outcome.basis, outcome.checkpoint_h);
    let comparison = Comparison {
        basis,
        checkpoint_h,
        format: row.format,
    };
    let against = explain::against(score, outcome.measures.views, comparison);
    writeln!(out, "{:>15}{against}", "")?;
    for reason in explain::components(score, &outcome.measures) {
        writeln!(out, "{:>15}{reason}", "")?;
    }
    if Confidence::of(&MODEL, score.confidence) != Confidence::High {
        writeln!(out, "{:>15}Only {} videos to compare with.", "", score.n)?;
    }
    Ok(())
}
