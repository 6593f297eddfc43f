//! What each part of the model contributes: the figures without it.

use scoring::{Calibration, Grounds, MODEL, Model, score};

use crate::catalogue::{Channel, Video};
use crate::figures::{Figures, figures, middle, totals};

/// Prints the figures of the model, of the model without each part, and on baselines cut to five videos.
pub(crate) fn print(channels: &[Channel]) {
    println!(
        "\nwithout a part      outliers  2 to 9 %  90 and more  10 and less  25 to 75   z after growth, fading"
    );
    let small: Vec<Channel> = channels.iter().map(cut).collect();
    let tails = |model: &mut Model| {
        model.reach.upper_tail = 0.0;
        model.engagement.upper_tail = 0.0;
    };
    line("nothing", &MODEL, channels);
    line("trend", &without(|all| all.level_step = 0.0), channels);
    line("upper tail", &changed(tails), channels);
    line(
        "own videos",
        &without(|all| all.prior_videos = 1e9),
        channels,
    );
    line("nothing, n = 5", &MODEL, &small);
    let small_sample = without(|all| all.small_sample = 0.0);
    line("small sample, n = 5", &small_sample, &small);
}

fn changed(change: impl Fn(&mut Model)) -> Model {
    let mut model = MODEL;
    change(&mut model);
    model
}

fn without(change: impl Fn(&mut Calibration)) -> Model {
    changed(|model| model.calibration.iter_mut().for_each(&change))
}

/// The channel with no more than the last five videos to compare with.
fn cut(channel: &Channel) -> Channel {
    let cut = |video: &Video| Video {
        measures: video.measures,
        baseline: video.baseline[video.baseline.len().saturating_sub(5)..].to_vec(),
    };
    Channel {
        videos: channel.videos.iter().map(cut).collect(),
    }
}

fn line(name: &str, model: &Model, channels: &[Channel]) {
    let made: Vec<Figures> = channels
        .iter()
        .filter_map(|channel| figures(model, channel))
        .collect();
    let shares: Vec<f64> = totals(&made).iter().map(|total| total.value).collect();
    let [growth, fading] = [1.0, -1.0].map(|sign| z_after(model, channels, sign));
    println!(
        "{name:<20}{:>8.3}{:>10.2}{:>13.3}{:>13.3}{:>10.3}{growth:>11.2}{fading:>10.2}",
        shares[0], shares[1], shares[2], shares[3], shares[4]
    );
}

/// The median z of the videos whose baseline's newer half lies three quarters of a spread above (or below) its older half.
fn z_after(model: &Model, channels: &[Channel], sign: f64) -> f64 {
    let videos = channels.iter().flat_map(|channel| &channel.videos);
    let after = videos.filter_map(|video| {
        let views: Vec<f64> = video.baseline.iter().map(|one| one.views.ln_1p()).collect();
        let (older, newer) = views.split_at(views.len() / 2);
        let rise = sign * (middle(newer.to_vec()) - middle(older.to_vec()));
        let score = score(model, &video.baseline, &video.measures, Grounds::Lifetime).ok()?;
        (rise > 0.75 * score.reach.s).then_some(score.reach.z)
    });
    middle(after.collect())
}
