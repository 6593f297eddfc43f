//! How good forecasts for day 7 are on channels that they were not fitted on.

use std::collections::BTreeSet;

use scoring::forecast::{News, by_lines, news};

use crate::figures::middle;
use crate::lines::{log_linear, tilted};
use crate::series::Young;

const BOOTSTRAPS: usize = 2000;
const OTHERS: [&str; 2] = ["log-linear", "channel's median growth"];

/// What came of one video.
struct Judged<'a> {
    channel: &'a str,
    miss: f64,
    /// By the models of [`OTHERS`].
    others: [f64; 2],
    is_within: bool,
    /// Whether it was said to break out, and whether it then stayed below three quarters of the channel.
    broke_out: Option<bool>,
}

/// Prints the figures, and answers whether each is within its bounds.
pub(crate) fn print(videos: &[Young]) -> bool {
    let channels: BTreeSet<&str> = videos.iter().map(|video| video.channel.as_str()).collect();
    let judged: Vec<Judged<'_>> = channels
        .iter()
        .flat_map(|channel| without(videos, channel))
        .collect();
    let n = judged.len() as f64;
    let covered = judged.iter().filter(|one| one.is_within).count() as f64 / n;
    let error = (0.8 * 0.2 / n).sqrt();
    println!(
        "\nforecast of day 7: {} videos of {} channels, each without its channel",
        n,
        channels.len()
    );
    for (line, share) in [0.1, 0.5, 0.9].into_iter().enumerate() {
        let fitted = tilted(&points(videos.iter()), share);
        println!(
            "  line {}: start {:.3}, slope {:.3}",
            line + 1,
            fitted.start,
            fitted.slope
        );
    }
    println!(
        "  within the 80 % interval       {covered:.3}  (0.8 ± {:.3})",
        2.0 * error
    );
    let names: Vec<&str> = channels.into_iter().collect();
    let mut is_good = (covered - 0.8).abs() <= 2.0 * error;
    for (place, name) in OTHERS.into_iter().enumerate() {
        let all: Vec<&Judged<'_>> = judged.iter().collect();
        let ratio = ratio(&all, place);
        let (low, high) = interval(&names, &judged, place);
        is_good &= ratio <= 0.9;
        println!(
            "  median error ÷ {name:<24} {ratio:.3}  ({low:.2} to {high:.2} in 95 % of resamplings; at most 0.9)"
        );
    }
    let told: Vec<bool> = judged.iter().filter_map(|one| one.broke_out).collect();
    let wrong = told.iter().filter(|&&is_wrong| is_wrong).count();
    println!("  breaking out: {} told, {wrong} wrongly", told.len());
    is_good & (wrong * 10 <= told.len())
}

fn points<'a>(videos: impl Iterator<Item = &'a Young>) -> Vec<(f64, f64)> {
    videos.map(|video| (video.age(), video.growth())).collect()
}

/// The videos of a channel, by what was fitted on the others.
fn without<'a>(videos: &'a [Young], channel: &str) -> Vec<Judged<'a>> {
    let others = points(videos.iter().filter(|video| video.channel != channel));
    let lines = [0.1, 0.5, 0.9].map(|share| tilted(&others, share));
    let squares = log_linear(&others);
    let usual = middle(others.iter().map(|point| point.1).collect());
    let own: Vec<&Young> = videos
        .iter()
        .filter(|video| video.channel == channel)
        .collect();
    let judge = |(place, video): (usize, &&'a Young)| {
        let forecast = by_lines(&lines, &video.counts, &[], video.earlier.len()).ok()?;
        let rest = own.iter().enumerate().filter(|(other, _)| *other != place);
        let rest: Vec<f64> = rest.map(|(_, other)| other.growth()).collect();
        let curve = if rest.is_empty() { usual } else { middle(rest) };
        let end = video.end.exp_m1();
        let mut earlier = video.earlier.clone();
        earlier.sort_by(f64::total_cmp);
        let high = earlier.get(earlier.len() * 3 / 4).copied();
        let told = news(&forecast, &video.earlier) == Some(News::BreakingOut);
        Some(Judged {
            channel: &video.channel,
            miss: (video.end - forecast.views.ln_1p()).abs(),
            others: [
                (video.growth() - squares.start - squares.slope * video.age()).abs(),
                (video.growth() - curve).abs(),
            ],
            is_within: (forecast.from - 1e-6..=forecast.to + 1e-6).contains(&end),
            broke_out: high.filter(|_| told).map(|high| end < high),
        })
    };
    own.iter().enumerate().filter_map(judge).collect()
}

/// Our median error over that of another model.
fn ratio(judged: &[&Judged<'_>], other: usize) -> f64 {
    let ours = middle(judged.iter().map(|one| one.miss).collect());
    ours / middle(judged.iter().map(|one| one.others[other]).collect())
}

/// 95 % of the ratios of channels drawn anew.
fn interval(names: &[&str], judged: &[Judged<'_>], other: usize) -> (f64, f64) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        names[(state % names.len() as u64) as usize]
    };
    let mut ratios: Vec<f64> = (0..BOOTSTRAPS)
        .map(|_| {
            let drawn: Vec<&Judged<'_>> = (0..names.len())
                .flat_map(|_| {
                    let name = draw();
                    judged.iter().filter(move |one| one.channel == name)
                })
                .collect();
            ratio(&drawn, other)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    (
        ratios[BOOTSTRAPS / 40],
        ratios[BOOTSTRAPS - 1 - BOOTSTRAPS / 40],
    )
}
