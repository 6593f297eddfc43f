//! Banned topics: a list that decides without a model, on what is asked for and on what was written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(own: &[&str], text: &str) -> Option<String> {
        Topics::new(own).find([text]).map(|hit| hit.topic)
    }

    #[test]
    fn a_topic_is_found_as_whole_words_in_any_dress() {
        let found = Some("crypto".to_owned());
        for text in [
            "Crypto is back",
            "why CRYPTO?",
            "c\u{200b}rypto",
            "ｃｒｙｐｔｏ",
            "cryptos",
            "(crypto)",
        ] {
            assert_eq!(hit(&["crypto"], text), found, "{text}");
        }
        for text in ["cryptography", "decrypt o", "", "c r y p t o"] {
            assert_eq!(hit(&["crypto"], text), None, "{text}");
        }
    }

    #[test]
    fn words_of_a_topic_stand_side_by_side_in_order() {
        assert!(hit(&["weight loss pill"], "The best weight-loss pills!").is_some());
        assert!(hit(&["weight loss pill"], "loss of weight with a pill").is_none());
        assert!(hit(&["election"], "¿Quién ganó la elección?").is_none());
        assert!(
            hit(&["elección"], "Las eleccion, otra vez").is_some(),
            "accents do not matter"
        );
        assert!(hit(&["ギャンブル"], "今日のギャンブル動画").is_some());
    }

    #[test]
    fn the_platforms_list_holds_for_everyone_and_says_so() {
        let hit = Topics::new::<&str>(&[])
            .find(["How to buy views cheaply"])
            .unwrap();
        assert!(!hit.own);
        assert!(hit.explain("The topic").contains("YouTube's policies"));
        let own = Topics::new(&["Politics"]).find(["politics"]).unwrap();
        assert!(own.explain("The topic").contains("this channel's list"));
    }

    #[test]
    fn an_empty_topic_bans_nothing() {
        assert_eq!(hit(&["", "  ", "!!"], "anything at all"), None);
    }

    proptest::proptest! {
        #[test]
        fn a_topic_is_found_wherever_it_stands(before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
            let text = format!("{before} Gambling {after}");
            proptest::prop_assert!(hit(&["gambling"], &text).is_some());
        }

        #[test]
        fn any_text_is_searched_without_panic(topic: String, text: String) {
            let _ = Topics::new(&[topic]).find([text.as_str()]);
        }
    }
}
