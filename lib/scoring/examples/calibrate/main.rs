//! `make calibrate`: how well the model's numbers mean what they say, on whole channels (docs/scoring.md).
//!
//! Every video is scored from earlier videos only. The two constants that are fitted (the assumed spread of reach and its
//! upper tail) are fitted anew without each fold of channels, and judged on the fold that was left out.

mod catalogue;
mod contributions;
mod figures;
mod forecasts;
mod lines;
mod ranks;
mod series;

use std::path::PathBuf;
use std::process::ExitCode;

use scoring::{CCE_SCORE_1, MODEL, Model};

use catalogue::Channel;
use figures::{Figures, figures, totals};

const FOLDS: usize = 5;
const SPREADS: [f64; 5] = [0.8, 0.9, 1.0, 1.1, 1.2];
const TAILS: [f64; 5] = [0.10, 0.125, 0.15, 0.175, 0.20];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: calibrate FOLDER, where catalogues.csv and series-two-weeks.csv are");
        return ExitCode::from(2);
    };
    let folder = PathBuf::from(folder);
    let read = catalogue::read(&folder).and_then(|channels| Ok((channels, series::read(&folder)?)));
    match read {
        Ok((channels, young)) => {
            let is_good = calibrate(&channels) & forecasts::print(&young);
            ExitCode::from(u8::from(!is_good))
        }
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::from(1)
        }
    }
}

/// Prints the figures, and answers whether each is within its bounds.
fn calibrate(channels: &[Channel]) -> bool {
    let videos: usize = channels.iter().map(|channel| channel.videos.len()).sum();
    println!(
        "{} channels, {videos} videos of 60 days and more",
        channels.len()
    );
    print("version 1, every channel", &every(&CCE_SCORE_1, channels));
    let mut is_good = print(
        "version 2 as shipped, every channel",
        &every(&MODEL, channels),
    );

    let candidates: Vec<(Model, Vec<Option<Figures>>)> = SPREADS
        .iter()
        .flat_map(|&spread| TAILS.map(|tail| candidate(spread, tail)))
        .map(|model| {
            let made = channels.iter().map(|one| figures(&model, one)).collect();
            (model, made)
        })
        .collect();
    let mut left_out: Vec<Figures> = Vec::new();
    for fold in 0..FOLDS {
        let is_in = |place: usize| place % FOLDS == fold;
        let pick = |made: &[Option<Figures>], wanted: bool| -> Vec<Figures> {
            let places = (0..made.len()).filter(|&place| is_in(place) == wanted);
            places.filter_map(|place| made[place]).collect()
        };
        let best = candidates
            .iter()
            .min_by(|a, b| miss(&pick(&a.1, false)).total_cmp(&miss(&pick(&b.1, false))));
        let Some((model, made)) = best else { continue };
        let judged = pick(made, true);
        println!(
            "\nfold {}: fitted spread {}, upper tail {}",
            fold + 1,
            model.reach.spread,
            model.reach.upper_tail
        );
        print("the channels left out, too few to judge by", &judged);
        left_out.extend(judged);
    }
    is_good &= print(
        "every channel, by the constants fitted without its fold",
        &left_out,
    );
    contributions::print(channels);
    is_good
}

fn candidate(spread: f64, upper_tail: f64) -> Model {
    let mut model = MODEL;
    model.reach.spread = spread;
    model.reach.upper_tail = upper_tail;
    model
}

fn every(model: &Model, channels: &[Channel]) -> Vec<Figures> {
    let made = channels.iter();
    made.filter_map(|channel| figures(model, channel)).collect()
}

/// How far the shares are from 5, 10, 10 and 50 %, in widths of what is allowed.
fn miss(channels: &[Figures]) -> f64 {
    let totals = totals(channels);
    [0, 2, 3, 4]
        .into_iter()
        .map(|place| {
            let (low, high) = totals[place].bounds;
            ((totals[place].value - (low + high) / 2.0) / (high - low)).powi(2)
        })
        .sum()
}

/// Prints the figures, and answers whether each is within its bounds.
fn print(title: &str, channels: &[Figures]) -> bool {
    println!("\n{title} ({} channels)", channels.len());
    let mut is_good = true;
    for total in totals(channels) {
        let (low, high) = total.bounds;
        let is_within = (low..=high).contains(&total.value);
        is_good &= is_within;
        let verdict = if is_within { "" } else { "  missed" };
        println!(
            "  {:<32} {:.3}  ({low} to {high}){verdict}",
            total.name, total.value
        );
    }
    is_good
}
