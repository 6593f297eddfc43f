//! What a prompt offers: subjects to speak of, ids to refer to, and how much is wanted.

use super::{ids::ids, subjects::subjects};

pub(super) struct PromptFacts {
    pub(super) subjects: Vec<String>,
    pub(super) ids: Vec<String>,
    /// Words to be spoken, when the prompt says how many.
    pub(super) spoken_words: Option<usize>,
    prompt: String,
}

impl PromptFacts {
    pub(super) fn read(prompt: &str) -> Self {
        Self {
            subjects: subjects(prompt),
            ids: ids(prompt),
            spoken_words: spoken_words(prompt),
            prompt: prompt.to_owned(),
        }
    }

    /// Into how many parts a script is cut.
    pub(super) fn beats(&self) -> usize {
        self.spoken_words
            .map_or(5, |words| (words / 40).clamp(3, 12))
    }

    /// How many entries the prompt asks for: a number right before the list's name.
    pub(super) fn entries_wanted(&self, name: &str) -> Option<usize> {
        let stem = name.trim_end_matches('s');
        if stem.len() < 3 {
            return None;
        }
        let is_name = |word: &str| {
            let word = word.to_lowercase();
            word.trim_matches(|c: char| !c.is_alphanumeric())
                .trim_end_matches('s')
                == stem
        };
        let words: Vec<&str> = self.prompt.split_whitespace().collect();
        words.windows(3).rev().find_map(|three| {
            let digits = three[0].trim_matches(|c: char| !c.is_ascii_digit());
            let n = digits.parse().ok().filter(|n| (1..=30).contains(n))?;
            three[1..].iter().any(|word| is_name(word)).then_some(n)
        })
    }
}

/// How many words a prompt wants spoken.
fn spoken_words(prompt: &str) -> Option<usize> {
    let words: Vec<&str> = prompt.split_whitespace().collect();
    words.windows(3).find_map(|three| {
        let is_spoken = three[1] == "spoken" && three[2].starts_with("words");
        let n: usize = three[0].replace(',', "").parse().ok()?;
        let is_count = is_spoken || three[1].starts_with("words");
        (is_count && (20..=20_000).contains(&n)).then_some(n)
    })
}
