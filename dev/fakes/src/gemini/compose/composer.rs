//! Words about a subject, and texts for properties by their names.

use std::collections::VecDeque;

use serde_json::Value;

use super::prompt_facts::{PromptFacts, is_reference};
use crate::gemini::json::{count, text};
use crate::{capitalized, hash};

pub(crate) struct Composer<'a> {
    /// The whole schema, to which references within it refer.
    pub(crate) root: &'a Value,
    pub(crate) facts: PromptFacts,
    pub(crate) rng: fastrand::Rng,
    /// Texts that this answer already has.
    used: Vec<String>,
    /// Patterns used last, which are not used again so soon.
    recent: VecDeque<String>,
    /// What the object at hand is about.
    pub(crate) current: Option<String>,
}

/// Words in a property's name, and what kind of text it gets: phrases of that kind, or something that is made.
const KINDS: [(&str, &str); 15] = [
    ("thumbnail overlay", "overlay"),
    ("heading chapter", "headings"),
    ("title headline", "titles"),
    ("hook opening", "hooks"),
    ("call_to_action calltoaction cta outro", "calls"),
    ("hashtag", "hashtag"),
    ("tag keyword", "tag"),
    ("visual shot broll b_roll scene", "visuals"),
    ("angle twist", "angles"),
    ("why reason rationale explan evidence", "whys"),
    ("language locale", "language"),
    ("category", "category"),
    ("script body narration voiceover voice_over", "script"),
    ("spoken line sentence", "spoken"),
    ("description summary text", "paragraph"),
];

/// Patterns of sentences, `{}` being the subject.
fn phrases(kind: &str) -> Vec<&'static str> {
    let after = include_str!("phrases.txt")
        .lines()
        .skip_while(|line| line.strip_prefix("# ") != Some(kind));
    after.skip(1).take_while(|line| !line.is_empty()).collect()
}

impl<'a> Composer<'a> {
    pub(crate) fn new(root: &'a Value, prompt: &str, seed: &[&str]) -> Self {
        Self {
            root,
            facts: PromptFacts::read(prompt),
            rng: fastrand::Rng::with_seed(hash(seed)),
            used: Vec::new(),
            recent: VecDeque::new(),
            current: None,
        }
    }

    pub(crate) fn subject(&mut self) -> String {
        if let Some(subject) = &self.current {
            return subject.clone();
        }
        let at = self.rng.usize(..self.facts.subjects.len().min(12));
        self.facts.subjects[at].clone()
    }

    /// The beginning of the subject, in so many words at the most.
    pub(crate) fn short_subject(&mut self, words: usize) -> String {
        Vec::from_iter(self.subject().split(' ').take(words)).join(" ")
    }

    /// One of the phrases of this kind, with the subject in it.
    pub(crate) fn fill(&mut self, kind: &str) -> String {
        let patterns = phrases(kind);
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
    pub(crate) fn fresh(&mut self, kind: &str) -> String {
        for _ in 0..40 {
            let text = self.fill(kind);
            if !self.used.contains(&text) {
                self.used.push(text.clone());
                return text;
            }
        }
        let text = format!("{} ({})", self.fill(kind), self.used.len());
        self.used.push(text.clone());
        text
    }

    pub(crate) fn paragraph(&mut self) -> String {
        let n = 3 + self.rng.usize(..3);
        Vec::from_iter((0..n).map(|_| self.fill("sentences"))).join(" ")
    }

    pub(crate) fn paragraphs(&mut self, between: &str) -> String {
        Vec::from_iter((0..4).map(|_| self.paragraph())).join(between)
    }
}

impl Composer<'_> {
    /// A text for the `index`-th value of a property.
    pub(crate) fn string(&mut self, schema: &Value, name: &str, index: usize) -> String {
        let lower = name.to_lowercase();
        if is_reference(&lower) && !self.facts.ids.is_empty() {
            let at = self.rng.usize(..self.facts.ids.len());
            return self.facts.ids[(at + index) % self.facts.ids.len()].clone();
        }
        match text(schema, "format") {
            Some("date-time") => "2026-12-01T15:00:00Z".to_owned(),
            Some("date") => "2026-12-01".to_owned(),
            Some("uuid") => {
                let h = u128::from(hash(&[name, &self.rng.u64(..).to_string()]));
                let uuid = uuid::Builder::from_random_bytes((h << 64 | h).to_be_bytes());
                uuid.into_uuid().to_string()
            }
            _ => {
                let text = self.named(&lower, index);
                self.fit(schema, text)
            }
        }
    }

    fn named(&mut self, name: &str, index: usize) -> String {
        let has = |words: &&str| words.split(' ').any(|word| name.contains(word));
        let kind = KINDS
            .iter()
            .find(|(words, _)| has(words))
            .map_or("sentences", |(_, kind)| kind);
        match kind {
            "overlay" => self.short_subject(3).to_uppercase(),
            "hashtag" => format!("#{}", self.short_subject(1).to_lowercase()),
            "tag" => self.tag(index),
            "language" => "en".to_owned(),
            "category" => "28".to_owned(),
            "script" => self.paragraphs("\n"),
            "spoken" => self.spoken(),
            "paragraph" => self.paragraph(),
            "headings" | "titles" | "visuals" => self.fresh(kind),
            kind => self.fill(kind),
        }
    }

    fn tag(&mut self, index: usize) -> String {
        let subject = self
            .subject()
            .to_lowercase()
            .replace(['\'', '’', '"', ','], "");
        match index % 4 {
            0 => subject,
            1 => format!("{subject} tips"),
            2 => format!("how to {subject}"),
            _ => subject.split(' ').next().unwrap_or("tips").to_owned(),
        }
    }

    /// One part of a script that is as long as the prompt wants it.
    fn spoken(&mut self) -> String {
        // The hook and the call to action are spoken too.
        let per_beat = |words: usize| words.saturating_sub(38) / self.facts.beats();
        let wanted = self.facts.spoken_words.map_or(24, per_beat);
        let mut text = self.fill("sentences");
        while text.split(' ').count() + 7 < wanted {
            text = format!("{text} {}", self.fill("sentences"));
        }
        text
    }

    /// Makes a text as long or as short as its schema wants it, at the end of a word if that can be.
    fn fit(&mut self, schema: &Value, mut text: String) -> String {
        text = text.replace(['<', '>'], "");
        let min = count(schema, "minLength").unwrap_or(0);
        while text.chars().count() < min {
            text = format!("{text} {}", self.fill("sentences"));
        }
        let max = count(schema, "maxLength");
        let Some((end, _)) = max.and_then(|max| text.char_indices().nth(max)) else {
            return text;
        };
        text.truncate(end);
        match text
            .rfind(' ')
            .filter(|at| text[..*at].chars().count() >= min.max(1))
        {
            Some(at) => text[..at].trim_end_matches([',', ';', ':']).to_owned(),
            None => text,
        }
    }
}
