//! Which videos are worth learning from today.

use std::collections::HashSet;

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use super::Model;

/// How much a video is worth as an example: its published log multiplier, halved every half-life. Negative for flops.
pub fn rank(model: &Model, log_multiplier: f64, days_old: f64) -> f64 {
    log_multiplier * 0.5_f64.powf(days_old.max(0.0) / model.inspiration_half_life_days)
}

/// Orders examples as [`rank`] does, best first, at every moment alike: since every rank halves every half-life, their
/// order depends on the times of publication alone. Flops get the order of their distance from 1, so that the worst
/// recent ones come first. `None` for a video that did exactly as usual.
pub fn order(model: &Model, log_multiplier: f64, published_at: Timestamp) -> Option<f64> {
    let days = published_at.as_second() as f64 / 86_400.0;
    (log_multiplier != 0.0).then(|| {
        log_multiplier.abs().ln() + std::f64::consts::LN_2 * days / model.inspiration_half_life_days
    })
}

/// Takes up to `count` items in the order given, skipping every item whose title is about the same thing as one
/// already taken or as one in `taken`.
pub fn different_topics<T>(
    items: impl IntoIterator<Item = T>,
    title: impl Fn(&T) -> &str,
    count: usize,
    taken: &[&str],
) -> Vec<T> {
    let mut topics: Vec<HashSet<String>> = taken.iter().map(|title| words(title)).collect();
    let mut picked = Vec::new();
    for item in items {
        if picked.len() == count {
            break;
        }
        let topic = words(title(&item));
        if topics.iter().all(|other| !same_topic(&topic, other)) {
            topics.push(topic);
            picked.push(item);
        }
    }
    picked
}

/// Two titles are about the same thing when they share at least half of the shorter one's words, or are both wordless.
fn same_topic(one: &HashSet<String>, other: &HashSet<String>) -> bool {
    let shorter = one.len().min(other.len());
    if shorter == 0 {
        return one.len() == other.len();
    }
    2 * one.intersection(other).count() >= shorter.max(2)
}

/// The words that carry meaning: folded, without numbers, and (in scripts that separate words) of three letters or more.
fn words(title: &str) -> HashSet<String> {
    const COMMON: [&str; 24] = [
        "and", "are", "but", "can", "for", "from", "how", "into", "its", "more", "new", "not",
        "our", "that", "the", "this", "was", "what", "when", "why", "will", "with", "you", "your",
    ];
    let folded: String = title.nfkc().flat_map(char::to_lowercase).collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 || !word.is_ascii() && !word.is_empty())
        .filter(|word| !word.chars().all(char::is_numeric) && !COMMON.contains(word))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MODEL;

    #[test]
    fn half_a_year_halves_the_rank() {
        assert!((rank(&MODEL, 0.7143, 7.0) - 0.6953).abs() < 1e-4);
        assert!((rank(&MODEL, -0.5, 180.0) + 0.25).abs() < 1e-12);
        assert_eq!(
            rank(&MODEL, 0.4, -1.0),
            0.4,
            "a clock slightly behind gives no bonus"
        );
    }

    #[test]
    fn the_stored_order_is_that_of_the_ranks() {
        let now = 1_700_000_000;
        let mut examples: Vec<(f64, i64)> = [
            (0.9, 400),
            (0.5, 10),
            (0.4, 300),
            (0.1, 1),
            (2.0, 900),
            (0.45, 0),
        ]
        .into();
        let at = |days: i64| Timestamp::from_second(now - days * 86_400).expect("in range");
        examples.sort_by(|a, b| {
            rank(&MODEL, b.0, b.1 as f64).total_cmp(&rank(&MODEL, a.0, a.1 as f64))
        });
        let orders: Vec<f64> = examples
            .iter()
            .map(|&(log, days)| order(&MODEL, log, at(days)).expect("not 0"))
            .collect();
        assert!(orders.is_sorted_by(|a, b| a > b), "{orders:?}");
        assert_eq!(order(&MODEL, 0.0, at(0)), None);
        assert_eq!(order(&MODEL, -0.5, at(0)), order(&MODEL, 0.5, at(0)));
    }

    #[test]
    fn the_same_topic_is_taken_once() {
        let titles = [
            "Gemma 3: What's new?",
            "What's new in Gemma 3 (part 2)",
            "Building an Android app in a day",
            "BUILDING an android app – part 2",
            "دليل المبتدئين إلى فلاتر",
            "Firebase in 100 seconds",
        ];
        let picked = different_topics(titles, |title| title, 6, &[]);
        assert_eq!(picked, [titles[0], titles[2], titles[4], titles[5]]);
        assert_eq!(
            different_topics(titles, |title| title, 1, &["Gemma for beginners"]),
            [titles[2]]
        );
    }
}
