//! What a model makes of one channel, and what is asked of it over many.

use scoring::{Grounds, Label, Measures, Model, Score, score};

use crate::catalogue::{Channel, Video};
use crate::ranks::rank_correlation;

/// A channel's share of outliers is only asked for where it rests on so many videos.
const MANY: usize = 200;

/// Shares of the videos of one channel that have a number and are not provisional.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    /// How many videos.
    pub(crate) videos: usize,
    /// Labelled `outlier`.
    pub(crate) outliers: f64,
    /// Score 90 and more.
    pub(crate) high: f64,
    /// Score 10 and less.
    pub(crate) low: f64,
    /// Score 25 to 75.
    pub(crate) middle: f64,
    /// Rank correlation of z with the plain multiple of the median.
    pub(crate) rank: f64,
    /// Labelled `outlier` when each is given its usual views times e to three spreads of its own baseline.
    pub(crate) planted: f64,
    /// The same with three standard deviations of the channel.
    pub(crate) planted_channel: f64,
}

/// The figures of a channel; `None` without a video that counts.
pub(crate) fn figures(model: &Model, channel: &Channel) -> Option<Figures> {
    let scored: Vec<(&Video, Score)> = channel
        .videos
        .iter()
        .filter(|video| video.baseline.len() >= model.full_baseline)
        .filter_map(|video| Some((video, number(model, video, video.measures.views)?)))
        .collect();
    if scored.is_empty() {
        return None;
    }
    let share = |is_one: &dyn Fn(&(&Video, Score)) -> bool| {
        scored.iter().filter(|one| is_one(one)).count() as f64 / scored.len() as f64
    };
    let distances: Vec<f64> = scored.iter().map(|(video, _)| distance(video)).collect();
    let z: Vec<f64> = scored.iter().map(|(_, score)| score.reach.z).collect();
    let spread = deviation(&distances);
    let is_found = |video: &Video, ln: f64| {
        number(model, video, ln.exp_m1()).is_some_and(|score| score.label == Label::Outlier)
    };
    Some(Figures {
        videos: scored.len(),
        outliers: share(&|(_, score)| score.label == Label::Outlier),
        high: share(&|(_, score)| score.score >= 90),
        low: share(&|(_, score)| score.score <= 10),
        middle: share(&|(_, score)| (25..=75).contains(&score.score)),
        rank: rank_correlation(&z, &distances),
        planted: share(&|(video, score)| is_found(video, score.reach.m + 3.0 * score.reach.s)),
        planted_channel: share(&|(video, score)| is_found(video, score.reach.m + 3.0 * spread)),
    })
}

fn number(model: &Model, video: &Video, views: f64) -> Option<Score> {
    let target = Measures {
        views,
        ..video.measures
    };
    score(model, &video.baseline, &target, Grounds::Lifetime).ok()
}

/// ln(views ÷ median of those before), one added to both.
fn distance(video: &Video) -> f64 {
    let before: Vec<f64> = video.baseline.iter().map(|one| one.views.ln_1p()).collect();
    video.measures.views.ln_1p() - middle(before)
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / count)
        .sqrt()
}

/// The median.
pub(crate) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[half],
        _ => (values[half - 1] + values[half]) / 2.0,
    }
}

/// One figure over many channels, and what it has to be.
pub(crate) struct Total {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) bounds: (f64, f64),
}

/// The medians over channels.
pub(crate) fn totals(channels: &[Figures]) -> Vec<Total> {
    let median = |of: &dyn Fn(&Figures) -> f64| middle(channels.iter().map(of).collect());
    let many: Vec<&Figures> = channels.iter().filter(|one| one.videos >= MANY).collect();
    let within = many
        .iter()
        .filter(|one| (0.02..=0.09).contains(&one.outliers));
    let within = within.count() as f64 / many.len() as f64;
    [
        ("outliers", median(&|one| one.outliers), (0.04, 0.06)),
        ("channels with 2 to 9 % outliers", within, (0.80, 1.0)),
        (
            "score of 90 and more",
            median(&|one| one.high),
            (0.08, 0.12),
        ),
        ("score of 10 and less", median(&|one| one.low), (0.08, 0.12)),
        ("score of 25 to 75", median(&|one| one.middle), (0.47, 0.53)),
        ("rank correlation", median(&|one| one.rank), (0.9, 1.0)),
        (
            "planted at 3 spreads, found",
            median(&|one| one.planted),
            (0.9, 1.0),
        ),
        (
            "planted at 3 deviations, found",
            median(&|one| one.planted_channel),
            (0.9, 1.0),
        ),
    ]
    .into_iter()
    .map(|(name, value, bounds)| Total {
        name,
        value,
        bounds,
    })
    .collect()
}
