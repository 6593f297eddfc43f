//! Texts for properties, by their names.

use serde_json::Value;

use super::{
    composer::Composer,
    ids::is_reference,
    limits::count,
    phrases::{ANGLES, HEADINGS, SENTENCES, TITLES, VISUALS, WHYS},
};
use crate::digest::hash;

impl Composer<'_> {
    /// A text for the `index`-th value of a property.
    pub(super) fn string(&mut self, schema: &Value, name: &str, index: usize) -> String {
        let lower = name.to_lowercase();
        if is_reference(&lower) && !self.facts.ids.is_empty() {
            let at = self.rng.usize(..self.facts.ids.len());
            return self.facts.ids[(at + index) % self.facts.ids.len()].clone();
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => "2026-12-01T15:00:00Z".to_owned(),
            Some("date") => "2026-12-01".to_owned(),
            Some("uuid") => {
                let h = u128::from(hash(&[name, &self.rng.u64(..).to_string()]));
                uuid::Builder::from_random_bytes((h << 64 | h).to_be_bytes())
                    .into_uuid()
                    .to_string()
            }
            _ => {
                let text = self.named(&lower, index);
                self.fit(schema, text)
            }
        }
    }

    fn named(&mut self, name: &str, index: usize) -> String {
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["thumbnail", "overlay"]) {
            self.short_subject(3).to_uppercase()
        } else if has(&["heading", "chapter"]) {
            self.fresh(HEADINGS)
        } else if has(&["title", "headline"]) || name == "name" {
            self.fresh(TITLES)
        } else if has(&["hook", "opening"]) {
            let subject = self.subject();
            format!(
                "What if everything you heard about {subject} is the slow way? Give me half a minute."
            )
        } else if has(&["call_to_action", "calltoaction", "cta", "outro"]) {
            "Tell us in the comments which step you will try first, and come back next week for the follow-up.".to_owned()
        } else if has(&["hashtag"]) {
            format!("#{}", self.short_subject(1).to_lowercase())
        } else if has(&["tag", "keyword"]) {
            self.tag(index)
        } else if has(&["visual", "shot", "broll", "b_roll", "scene"]) {
            self.fresh(VISUALS)
        } else if has(&["angle", "twist"]) {
            self.fill(ANGLES)
        } else if has(&["why", "reason", "rationale", "explan", "evidence"]) {
            self.fill(WHYS)
        } else if name == "language" || has(&["language_code", "locale"]) {
            "en".to_owned()
        } else if has(&["category"]) {
            "28".to_owned()
        } else if has(&["script", "body", "narration", "voiceover", "voice_over"]) {
            self.paragraphs("\n")
        } else if has(&["spoken", "line", "sentence"]) {
            self.spoken()
        } else if has(&["description", "summary", "text"]) {
            self.paragraph()
        } else {
            self.fill(SENTENCES)
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
        let words = self
            .facts
            .spoken_words
            .map(|words| words.saturating_sub(38));
        let wanted = words.map_or(24, |words| words / self.facts.beats());
        let mut text = self.fill(SENTENCES);
        while text.split(' ').count() + 7 < wanted {
            text = format!("{text} {}", self.fill(SENTENCES));
        }
        text
    }

    /// Makes a text as long or as short as its schema wants it, at the end of a word if that can be.
    fn fit(&mut self, schema: &Value, mut text: String) -> String {
        text = text.replace(['<', '>'], "");
        let min = count(schema, "minLength").unwrap_or(0);
        while text.chars().count() < min {
            text = format!("{text} {}", self.fill(SENTENCES));
        }
        let Some((end, _)) =
            count(schema, "maxLength").and_then(|max| text.char_indices().nth(max))
        else {
            return text;
        };
        text.truncate(end);
        let at_word = text
            .rfind(' ')
            .filter(|at| text[..*at].chars().count() >= min.max(1));
        at_word
            .map_or(text.as_str(), |at| {
                text[..at].trim_end_matches([',', ';', ':'])
            })
            .to_owned()
    }
}
