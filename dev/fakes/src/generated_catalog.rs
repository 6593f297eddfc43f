//! Made-up catalogues.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::{CatalogRow, after};

/// What a made-up channel makes videos about; `(subject, how well it does)`.
const SUBJECTS: [(&str, f64); 24] = [
    ("sourdough without a scale", 1.5),
    ("a cast-iron pan", 1.0),
    ("weeknight ramen", 1.3),
    ("pickled onions", 0.7),
    ("home-made butter", 1.1),
    ("a cheap chef's knife", 1.6),
    ("black garlic", 0.9),
    ("rice that never sticks", 1.4),
    ("espresso at home", 1.2),
    ("leftover bread", 0.8),
    ("hand-cut noodles", 1.0),
    ("a tiny kitchen", 1.2),
    ("fermented hot sauce", 1.1),
    ("perfect scrambled eggs", 1.7),
    ("a five-euro dinner", 1.6),
    ("cold-brew tea", 0.5),
    ("tomatoes in winter", 0.7),
    ("knife sharpening", 1.3),
    ("fried rice", 1.2),
    ("dumplings for a crowd", 1.0),
    ("a pasta machine", 0.9),
    ("smoked salt", 0.6),
    ("one-pan lasagne", 1.2),
    ("old cookbooks", 0.6),
];

/// How a made-up channel words its titles; `(pattern, how well it does)`. `{}` is the subject.
const PATTERNS: [(&str, f64); 18] = [
    ("I tried {} for 30 days", 1.8),
    ("Why {} is harder than it looks", 1.1),
    ("{}: what nobody tells you", 1.4),
    ("The truth about {}", 1.2),
    ("How I finally got {} right", 1.0),
    ("{} in 60 seconds #shorts", 1.3),
    ("Stop doing this with {}", 1.5),
    ("{} | studio notes", 0.5),
    ("Testing {} so you don't have to", 1.2),
    ("A calm evening with {}", 0.6),
    ("5 mistakes everyone makes with {}", 1.3),
    ("{} on a budget", 1.0),
    ("Live: {} and your questions", 0.4),
    ("Is {} worth it?", 1.2),
    ("{} like a professional", 0.9),
    ("What 100 attempts at {} taught me", 1.6),
    ("{} 🔥 the quick way #shorts", 1.1),
    ("Questions & answers: \"{}\"", 0.5),
];

/// Makes up a channel's uploads, newest first: regular posting with breaks, growth over the years, subjects and wordings
/// that do better than others, noise, and one upload in about thirty that goes far beyond the rest.
///
/// The same arguments give the same rows.
#[must_use]
pub fn generate_catalog(videos: usize, seed: u64, newest: Timestamp) -> Vec<CatalogRow> {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x00c0_ffee);
    let mut used = HashMap::new();
    let mut published_at = newest;
    let mut rows = Vec::with_capacity(videos);
    for n in 0..videos {
        let (subject, by_subject) = SUBJECTS[rng.usize(..SUBJECTS.len())];
        let (pattern, by_pattern) = PATTERNS[rng.usize(..PATTERNS.len())];
        // The channel was half as large two hundred uploads ago.
        let size = 9_000.0 * 0.5_f64.powf(n as f64 / 200.0);
        let noise = (normal(&mut rng) * 0.45).exp();
        let is_outlier = rng.u32(..30) == 0;
        let outlier = if is_outlier {
            6.0 + 18.0 * rng.f64()
        } else {
            1.0
        };
        let views = (size * by_subject * by_pattern * noise * outlier).max(12.0) as u64;
        let likes = (views as f64 * (0.02 + 0.05 * rng.f64())) as u64;
        let comments = (views as f64 * (0.001 + 0.006 * rng.f64())) as u64;
        rows.push(CatalogRow {
            title: unique_title(&mut used, &capitalized(pattern.replace("{}", subject))),
            published_at,
            views,
            likes: (rng.u32(..60) != 0).then_some(likes),
            comments: (rng.u32(..40) != 0).then_some(comments),
        });
        let is_break = rng.u32(..25) == 0;
        let days = if is_break {
            12 + rng.i64(0..20)
        } else {
            2 + rng.i64(0..4)
        };
        let seconds = days * 86_400 + rng.i64(-4 * 3_600..4 * 3_600);
        published_at = after(published_at, SignedDuration::from_secs(-seconds));
    }
    rows
}

/// The title itself the first time, and with its part's number after that.
fn unique_title(used: &mut HashMap<String, usize>, title: &str) -> String {
    let times = used.entry(title.to_owned()).or_default();
    *times += 1;
    if *times == 1 {
        return title.to_owned();
    }
    match title.split_once(" #shorts") {
        Some((head, _)) => format!("{head} (part {times}) #shorts"),
        None => format!("{title} (part {times})"),
    }
}

/// A draw from the normal distribution.
fn normal(rng: &mut fastrand::Rng) -> f64 {
    let (a, b) = (rng.f64().max(f64::MIN_POSITIVE), rng.f64());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// The text with a capital letter at its beginning.
pub(crate) fn capitalized(mut text: String) -> String {
    if let Some(first) = text.chars().next() {
        text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    text
}
