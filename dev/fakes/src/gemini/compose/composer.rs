//! Words about a subject.

use std::collections::VecDeque;

use serde_json::Value;

use super::{phrases::SENTENCES, prompt_facts::PromptFacts};
use crate::{digest::hash, text::capitalized};

pub(super) struct Composer<'a> {
    /// The whole schema, to which references within it refer.
    pub(super) root: &'a Value,
    pub(super) facts: PromptFacts,
    pub(super) rng: fastrand::Rng,
    /// Texts that this answer already has.
    used: Vec<String>,
    /// Patterns used last, which are not used again so soon.
    recent: VecDeque<String>,
    /// What the object at hand is about.
    pub(super) current: Option<String>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(root: &'a Value, prompt: &str, seed: &[&str]) -> Self {
        Self {
            root,
            facts: PromptFacts::read(prompt),
            rng: fastrand::Rng::with_seed(hash(seed)),
            used: Vec::new(),
            recent: VecDeque::new(),
            current: None,
        }
    }

    pub(super) fn subject(&mut self) -> String {
        if let Some(subject) = &self.current {
            return subject.clone();
        }
        let at = self.rng.usize(..self.facts.subjects.len().min(12));
        self.facts.subjects[at].clone()
    }

    /// The beginning of the subject, in so many words at the most.
    pub(super) fn short_subject(&mut self, words: usize) -> String {
        self.subject()
            .split(' ')
            .take(words)
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn fill(&mut self, patterns: &[&str]) -> String {
        let at = self.rng.usize(..patterns.len());
        let mut in_turn = patterns[at..].iter().chain(&patterns[..at]);
        let unused = in_turn.find(|pattern| !self.recent.iter().any(|used| used == *pattern));
        let pattern = *unused.unwrap_or(&patterns[at]);
        self.recent.push_back(pattern.to_owned());
        if self.recent.len() > 16 {
            self.recent.pop_front();
        }
        capitalized(pattern.replace("{}", &self.subject()))
    }

    /// A text that was not yet given in this answer.
    pub(super) fn fresh(&mut self, patterns: &[&str]) -> String {
        for _ in 0..40 {
            let text = self.fill(patterns);
            if !self.used.contains(&text) {
                self.used.push(text.clone());
                return text;
            }
        }
        let text = format!("{} ({})", self.fill(patterns), self.used.len());
        self.used.push(text.clone());
        text
    }

    pub(super) fn paragraph(&mut self) -> String {
        let n = 3 + self.rng.usize(..3);
        (0..n)
            .map(|_| self.fill(SENTENCES))
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(super) fn paragraphs(&mut self, between: &str) -> String {
        (0..4)
            .map(|_| self.paragraph())
            .collect::<Vec<_>>()
            .join(between)
    }
}
