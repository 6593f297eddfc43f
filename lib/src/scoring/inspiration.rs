//! Which videos are worth learning from today.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::Model;

/// How much a video is worth as an example: its published log multiplier, halved every half-life. Negative for flops.
pub fn rank(model: &Model, log_multiplier: f64, days_old: f64) -> f64 {
    log_multiplier * 0.5_f64.powf(days_old.max(0.0) / model.inspiration_half_life_days)
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
    use crate::scoring::MODEL;

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
