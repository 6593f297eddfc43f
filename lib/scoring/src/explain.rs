//! A score in words.

use super::{Basis, Component, Confidence, Format, Label, Measures, Model, Score, Withheld};

/// What every number derived by us is called wherever it is shown.
pub const NOTICE: &str = "Content Catalyst score, not a YouTube metric";

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// What the views count.
    pub basis: Basis,
    /// The age in hours; `None` for totals.
    pub checkpoint_h: Option<u32>,
    /// The cohort; `None` when the channel's videos are one.
    pub format: Option<Format>,
}

/// Reach in words: the multiple, what it says, and what was compared.
pub fn summary(score: &Score, views: f64, comparison: Comparison) -> String {
    let verdict = match score.label {
        Label::Outlier => "an outlier",
        Label::Above => "above the usual range",
        Label::Below => "below the usual range",
        Label::Provisional => "a first impression only",
        Label::Typical | Label::InsufficientData | Label::TooRecent => "within the usual range",
    };
    format!(
        "{}: {verdict}. {}",
        multiple(score.multiplier),
        against(score, views, comparison)
    )
}

/// What was compared, in one sentence.
pub fn against(score: &Score, views: f64, comparison: Comparison) -> String {
    let is_engaged = comparison.basis == Basis::EngagedViews;
    let counted = if is_engaged { "engaged views" } else { "views" };
    let at = comparison.checkpoint_h.map(age);
    let at = at.map(|age| format!(" {age} after publication"));
    format!(
        "{} {counted}{} against {} for the channel's last {} {}.",
        number(views),
        at.unwrap_or_default(),
        number(score.reach.m.exp_m1()),
        score.n,
        videos(comparison.format, score.n),
    )
}

/// What else moved the score, and how far it can be trusted; one sentence each.
pub fn reasons(model: &Model, score: &Score, target: &Measures) -> Vec<String> {
    let mut reasons = Vec::new();
    if (score.multiplier - score.raw_multiplier).abs() > 0.05 * score.raw_multiplier {
        reasons.push(format!(
            "The plain multiple is {}; with {} videos to compare with it is pulled toward 1×.",
            multiple(score.raw_multiplier),
            score.n
        ));
    }
    reasons.extend(components(score, target));
    let is_small = score.n < model.full_baseline;
    let too_few = if is_small {
        ", too few for a label"
    } else {
        ""
    };
    reasons.push(format!(
        "Confidence is {} ({:.2}): {} {} to compare with{too_few}.",
        Confidence::of(model, score.confidence).as_str(),
        score.confidence,
        score.n,
        if score.n == 1 { "video" } else { "videos" },
    ));
    reasons
}

/// What the components besides reach say, one sentence each.
pub fn components(score: &Score, target: &Measures) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(velocity) = score.velocity {
        reasons.push(format!(
            "It gained {} views since the checkpoint before, {} ({} is usual).",
            number(target.gained.unwrap_or_default().max(0.0)),
            compared(velocity, "more", "fewer"),
            number(velocity.m.exp_m1()),
        ));
    }
    if let Some(engagement) = score.engagement {
        let usual = percent(engagement.m.exp());
        reasons.push(match target.interactions.filter(|_| target.views > 0.0) {
            Some(interactions) => format!(
                "Likes and comments came to {} per 100 views, {} ({usual} is usual).",
                percent(interactions / target.views),
                compared(engagement, "more", "fewer"),
            ),
            None => format!(
                "Nobody has watched it, so likes and comments say nothing ({usual} per 100 views is usual)."
            ),
        });
    }
    if let (Some(retention), Some(percent)) = (score.retention, target.viewed_percent) {
        reasons.push(format!(
            "People watched {percent:.0} % of it on average, {} ({:.0} % is usual).",
            compared(retention, "more", "less"),
            retention.m,
        ));
    }
    reasons
}

/// Why there is no number, and what would change that.
pub fn withheld(model: &Model, withheld: Withheld) -> String {
    match withheld {
        Withheld::TooRecent => format!(
            "Too recent: a video is compared from its first checkpoint on ({}), by totals once it is {} days old.",
            age(model.checkpoints_h[0]),
            model.lifetime_min_age_days
        ),
        Withheld::TooFew { n } => format!(
            "Not enough to compare with: {n} of the {} earlier videos needed within {} days.",
            model.min_baseline, model.window_days
        ),
        Withheld::UnknownFormat => {
            "YouTube has not said yet whether it is a Short, a long video or a live stream, and they are never mixed."
                .to_owned()
        }
        Withheld::NoCheckpoint => {
            "It was not measured close enough to an age at which videos are compared, or views were counted in two \
             ways in between."
                .to_owned()
        }
    }
}

/// `1.8×`: one decimal, more for small multiples, none for large ones.
pub fn multiple(multiplier: f64) -> String {
    let decimals = match multiplier {
        m if m >= 10.0 => 0,
        m if m >= 0.1 => 1,
        m if m >= 0.01 => 2,
        _ => 4,
    };
    format!("{multiplier:.decimals$}×")
}

/// A rate per hundred.
fn percent(rate: f64) -> String {
    let percent = 100.0 * rate;
    if percent >= 1.0 || percent == 0.0 {
        format!("{percent:.1}")
    } else {
        format!("{percent:.3}")
    }
}

/// A checkpoint in words.
pub fn age(hours: u32) -> String {
    match hours {
        1 => "1 hour".to_owned(),
        hours if hours % 24 == 0 && hours > 48 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}

/// A whole number with separators: `12,400`.
pub fn number(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn compared(component: Component, more: &'static str, less: &'static str) -> String {
    match component.z {
        z if z >= 1.645 => format!("far {more} than usual"),
        z if z >= 0.674 => format!("{more} than usual"),
        z if z <= -1.645 => format!("far {less} than usual"),
        z if z <= -0.674 => format!("{less} than usual"),
        _ => "about as usual".to_owned(),
    }
}

fn videos(format: Option<Format>, n: usize) -> &'static str {
    match (format, n) {
        (Some(Format::Short), 1) => "Short",
        (Some(Format::Short), _) => "Shorts",
        (Some(Format::Long), 1) => "long video",
        (Some(Format::Long), _) => "long videos",
        (Some(Format::Live), 1) => "live stream",
        (Some(Format::Live), _) => "live streams",
        (None, 1) => "video",
        (None, _) => "videos",
    }
}

#[cfg(test)]
mod tests;
