//! Scripts, and how long they take to speak.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{chapters, limits::Checks};

/// Words a minute that a narrator speaks.
pub(crate) const WORDS_PER_MINUTE: usize = 150;
/// Characters a minute in scripts that write without spaces.
const CHARACTERS_PER_MINUTE: usize = 280;

/// What is said and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Title of the video.
    pub title: String,
    /// The first words.
    pub hook: String,
    /// The body.
    pub beats: Vec<Beat>,
    /// The last words.
    pub call_to_action: String,
    /// Estimated from the words; what is sent is ignored.
    #[serde(default)]
    pub estimated_seconds: u64,
}

/// One part of a script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beat {
    /// What it is about; becomes a chapter.
    pub heading: String,
    /// What is said.
    pub spoken: String,
    /// What is seen meanwhile.
    pub visual: String,
}

impl Script {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.title("/title", &self.title);
        checks.text("/hook", &self.hook, 1500);
        checks.count("/beats", self.beats.len(), 40);
        for (i, beat) in self.beats.iter().enumerate() {
            checks.line(&format!("/beats/{i}/heading"), &beat.heading, 120);
            checks.text(&format!("/beats/{i}/spoken"), &beat.spoken, 6000);
            checks.text(&format!("/beats/{i}/visual"), &beat.visual, 1500);
        }
        checks.text("/call_to_action", &self.call_to_action, 1500);
    }

    /// The spoken texts in their order: the hook, the beats and the call to action.
    fn spoken_parts(&self) -> impl Iterator<Item = &str> {
        let beats = self.beats.iter().map(|beat| &*beat.spoken);
        std::iter::once(&*self.hook)
            .chain(beats)
            .chain(std::iter::once(&*self.call_to_action))
    }

    /// All that is spoken, a part a line.
    pub(crate) fn spoken(&self) -> String {
        let parts = self.spoken_parts().filter(|part| !part.trim().is_empty());
        parts.collect::<Vec<_>>().join("\n")
    }

    /// How long it takes to speak.
    pub(super) fn seconds(&self) -> u64 {
        let millis: u64 = self.spoken_parts().map(spoken_millis).sum();
        millis.div_ceil(1000)
    }

    /// Where chapters can start, in seconds: at the beginning and then at every
    /// beat that is at least ten seconds after the last start and before the end. Fewer than three are no chapters for
    /// YouTube, so there are then none.
    pub(in crate::content) fn chapter_starts(&self) -> Vec<u64> {
        let total = self.seconds();
        let mut at = spoken_millis(&self.hook);
        let mut starts: Vec<u64> = Vec::new();
        for beat in &self.beats {
            let second = at / 1000;
            match starts.last() {
                // The hook belongs to the first chapter.
                None => starts.push(0),
                Some(last)
                    if second >= last + chapters::SHORTEST
                        && second + chapters::SHORTEST <= total =>
                {
                    starts.push(second);
                }
                Some(_) => {}
            }
            at += spoken_millis(&beat.spoken);
        }
        if starts.len() < chapters::FEWEST {
            starts.clear();
        }
        starts
    }
}

/// How long a narrator needs for a text, in milliseconds.
pub(super) fn spoken_millis(text: &str) -> u64 {
    let unspaced = text
        .chars()
        .filter(|c| matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{9fff}'))
        .count();
    let words = text
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3000}'..='\u{9fff}')
        })
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count();
    let millis = words * 60_000 / WORDS_PER_MINUTE + unspaced * 60_000 / CHARACTERS_PER_MINUTE;
    millis as u64
}
