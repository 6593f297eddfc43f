//! Banned topics: a list that decides without a model, on what is asked for and on what was written.

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::brief::Brief;
use platform::endpoint::{Kind, Problem};

/// What no channel may have written here: offers that YouTube removes as spam or fraud wherever they stand.
const PLATFORM: &[&str] = &[
    "buy subscribers",
    "buy views",
    "carding tutorial",
    "fake engagement",
    "free robux generator",
    "free v-bucks generator",
    "guaranteed returns",
    "sub4sub",
    "view bot",
];

/// A list of topics, ready to be looked for.
#[derive(Debug)]
pub(super) struct Topics {
    topics: Vec<Topic>,
}

#[derive(Debug)]
struct Topic {
    name: String,
    words: Vec<String>,
    own: bool,
}

/// A topic that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// The topic as it stands on the list.
    pub(super) topic: String,
    /// Whether it stands on the channel's own list; otherwise on the platform's.
    pub(super) own: bool,
}

impl Hit {
    /// A sentence for the user.
    pub(super) fn explain(&self, what: &str) -> String {
        if self.own {
            format!(
                "{what} touches \"{}\", which is on this channel's list of banned topics. Leave it out, or take it off \
                 the list in the channel's settings.",
                self.topic
            )
        } else {
            format!(
                "{what} touches \"{}\", which YouTube's policies do not allow. Leave it out.",
                self.topic
            )
        }
    }
}

impl Topics {
    /// The channel's own list together with [`PLATFORM`].
    pub(super) fn new<S: AsRef<str>>(own: &[S]) -> Self {
        let topic = |name: &str, own| Topic {
            name: name.trim().to_owned(),
            words: words(name),
            own,
        };
        let topics = own
            .iter()
            .map(|name| topic(name.as_ref(), true))
            .chain(PLATFORM.iter().map(|name| topic(name, false)))
            .filter(|topic| !topic.words.is_empty())
            .collect();
        Self { topics }
    }

    /// Only this list, for phrases that are no topics.
    pub(super) fn only<S: AsRef<str>>(list: &[S]) -> Self {
        let mut topics = Self::new(list);
        topics.topics.retain(|topic| topic.own);
        topics
    }

    /// The first topic that stands in one of the texts: all its words, in their order, side by side. The last word may
    /// be a plural.
    pub(super) fn find<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Option<Hit> {
        texts.into_iter().find_map(|text| {
            let text = words(text);
            self.topics
                .iter()
                .find(|topic| contains(&text, &topic.words))
                .map(|topic| Hit {
                    topic: topic.name.clone(),
                    own: topic.own,
                })
        })
    }
}

fn contains(text: &[String], topic: &[String]) -> bool {
    let Some((last, first)) = topic.split_last() else {
        return false;
    };
    text.windows(topic.len()).any(|window| {
        let (start, end) = window.split_at(first.len());
        start == first && same_word(&end[0], last)
    })
}

/// The same word, or its plural.
fn same_word(text: &str, topic: &str) -> bool {
    matches!(text.strip_prefix(topic), Some("" | "s" | "es"))
}

/// Lower case, compatible forms made one, accents and invisible characters gone. Scripts that write without spaces give
/// one word per character, so that a topic is found inside a sentence.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_invisible(*c))
        .flat_map(char::to_lowercase)
    {
        if is_unspaced(c) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            words.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.push(c);
        } else if !word.is_empty() && c != '\'' && c != '’' {
            words.push(std::mem::take(&mut word));
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// The problem of a text at `pointer` that touches a banned topic; `what` begins the sentence that says so.
pub(super) fn banned(hit: &Hit, pointer: &str, what: &str) -> Problem {
    let detail = hit.explain(what);
    let problem = Problem::new(Kind::BannedTopic).detail(detail.clone());
    problem.pointer(pointer, detail)
}

/// Checks what is asked for and what it builds on.
pub(super) fn check_request(
    topics: &Topics,
    brief: &Brief,
    source: Option<&Value>,
) -> Result<(), Problem> {
    for (pointer, text, _) in brief.texts() {
        if let Some(hit) = topics.find([text]) {
            return Err(banned(&hit, pointer, &format!("The {}", &pointer[1..])));
        }
    }
    match topics.find(source.map(strings).unwrap_or_default()) {
        Some(hit) => Err(banned(&hit, "/source_id", "What it builds on")),
        None => Ok(()),
    }
}

/// All strings in a value, ids and times among them.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
