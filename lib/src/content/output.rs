//! The forms of what is generated, and the rules each must keep: whatever the model or a person wrote is checked here
//! before it is stored, so that what is stored can be published.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::chapters::{self, Chapter};
use super::kind::ContentKind;
use crate::publishing::metadata::{
    DESCRIPTION_BYTES, TAGS_UNITS, TITLE_UNITS, marker, tags_length,
};

/// Words a minute that a narrator speaks.
const WORDS_PER_MINUTE: u64 = 150;
/// Characters a minute in scripts that write without spaces.
const CHARACTERS_PER_MINUTE: u64 = 280;

/// What was written, in the form of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Output {
    /// Of the kind `ideas`.
    Ideas(Ideas),
    /// Of the kind `titles`.
    Titles(Titles),
    /// Of the kind `script`.
    Script(Script),
    /// Of the kind `description`.
    Description(Description),
}

/// Ideas for videos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ideas {
    /// The best first.
    pub ideas: Vec<Idea>,
}

/// One idea.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Idea {
    /// A working title.
    pub title: String,
    /// What makes this video different from all others on its subject.
    pub angle: String,
    /// Why it should work on this channel.
    pub why: String,
    /// The channel's videos that it draws on.
    #[serde(default)]
    pub inspired_by: Vec<Uuid>,
}

/// Titles for one video.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Titles {
    /// The best first.
    pub titles: Vec<Title>,
}

/// One title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// At most 100 characters, without `<` and `>`.
    pub title: String,
    /// Why it should work on this channel.
    pub why: String,
    /// The channel's videos that it draws on.
    #[serde(default)]
    pub inspired_by: Vec<Uuid>,
}

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

/// Description with chapters, and tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The whole text as it is published, chapters and links included; at most 5,000 bytes.
    pub description: String,
    /// The chapters that YouTube will find in the text; what is sent is ignored.
    #[serde(default)]
    pub chapters: Vec<Chapter>,
    /// At most 463 characters together, counting commas and quotation marks: what YouTube allows less our marker.
    pub tags: Vec<String>,
}

/// A rule that is broken: where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// JSON pointer into the output.
    pub pointer: String,
    /// What would be right.
    pub rule: String,
}

/// Characters that all tags may have together, so that our marker still fits.
#[must_use]
pub fn tags_room() -> usize {
    TAGS_UNITS - marker(Uuid::nil()).len() - 1
}

impl Output {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ContentKind {
        match self {
            Self::Ideas(_) => ContentKind::Ideas,
            Self::Titles(_) => ContentKind::Titles,
            Self::Script(_) => ContentKind::Script,
            Self::Description(_) => ContentKind::Description,
        }
    }

    /// Reads a stored output, or one that a person sent.
    ///
    /// # Errors
    ///
    /// The path and the reason, when it is not of the kind's form.
    pub fn read(kind: ContentKind, value: serde_json::Value) -> Result<Self, Broken> {
        fn form<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Broken> {
            serde_path_to_error::deserialize(value).map_err(|error| {
                let pointer: String = match error.path().to_string().as_str() {
                    "." => String::new(),
                    path => path
                        .split(['.', '[', ']'])
                        .filter(|segment| !segment.is_empty())
                        .map(|segment| format!("/{segment}"))
                        .collect(),
                };
                Broken {
                    pointer,
                    rule: error.into_inner().to_string(),
                }
            })
        }
        let mut output = match kind {
            ContentKind::Ideas => Self::Ideas(form(value)?),
            ContentKind::Titles => Self::Titles(form(value)?),
            ContentKind::Script => Self::Script(form(value)?),
            ContentKind::Description => Self::Description(form(value)?),
        };
        output.derive();
        Ok(output)
    }

    /// Computes what follows from the rest.
    pub(super) fn derive(&mut self) {
        match self {
            Self::Script(script) => script.estimated_seconds = script.seconds(),
            Self::Description(text) => text.chapters = chapters::read(&text.description),
            Self::Ideas(_) | Self::Titles(_) => {}
        }
    }

    /// Every rule that it breaks.
    #[must_use]
    pub fn broken(&self) -> Vec<Broken> {
        let mut rules = Rules::default();
        match self {
            Self::Ideas(ideas) => {
                rules.count("/ideas", ideas.ideas.len(), 1, 20);
                for (i, idea) in ideas.ideas.iter().enumerate() {
                    rules.title(&format!("/ideas/{i}/title"), &idea.title);
                    rules.text(&format!("/ideas/{i}/angle"), &idea.angle, 1000);
                    rules.text(&format!("/ideas/{i}/why"), &idea.why, 1000);
                }
            }
            Self::Titles(titles) => {
                rules.count("/titles", titles.titles.len(), 1, 20);
                for (i, title) in titles.titles.iter().enumerate() {
                    rules.title(&format!("/titles/{i}/title"), &title.title);
                    rules.text(&format!("/titles/{i}/why"), &title.why, 1000);
                    let same =
                        |other: &Title| other.title.trim().eq_ignore_ascii_case(title.title.trim());
                    if titles.titles[..i].iter().any(same) {
                        rules.broken(
                            &format!("/titles/{i}/title"),
                            "must differ from the titles before it",
                        );
                    }
                }
            }
            Self::Script(script) => {
                rules.title("/title", &script.title);
                rules.text("/hook", &script.hook, 1500);
                rules.count("/beats", script.beats.len(), 1, 40);
                for (i, beat) in script.beats.iter().enumerate() {
                    rules.line(&format!("/beats/{i}/heading"), &beat.heading, 120);
                    rules.text(&format!("/beats/{i}/spoken"), &beat.spoken, 6000);
                    rules.text(&format!("/beats/{i}/visual"), &beat.visual, 1500);
                }
                rules.text("/call_to_action", &script.call_to_action, 1500);
            }
            Self::Description(text) => {
                let bytes = text.description.len();
                if text.description.trim().is_empty() {
                    rules.broken("/description", "must not be empty");
                }
                if bytes > DESCRIPTION_BYTES {
                    let rule = format!(
                        "must be at most {DESCRIPTION_BYTES} bytes in UTF-8, chapters and links included; it has {bytes}"
                    );
                    rules.broken("/description", &rule);
                }
                if text.description.contains(['<', '>']) {
                    rules.broken("/description", "must not contain < or >");
                }
                for (i, tag) in text.tags.iter().enumerate() {
                    let malformed = tag.trim().is_empty()
                        || tag.contains([',', '<', '>', '"'])
                        || tag.chars().any(char::is_control);
                    if malformed {
                        let rule = "must hold text without commas, quotation marks, < and >";
                        rules.broken(&format!("/tags/{i}"), rule);
                    }
                }
                let (length, room) = (
                    tags_length(text.tags.iter().map(String::as_str)),
                    tags_room(),
                );
                if length > room {
                    let rule = format!(
                        "must be at most {room} characters together, counting commas and quotation marks; they have {length}"
                    );
                    rules.broken("/tags", &rule);
                }
            }
        }
        rules.found
    }

    /// Everything that a viewer will read or hear.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Ideas(ideas) => ideas
                .ideas
                .iter()
                .flat_map(|idea| [&*idea.title, &*idea.angle])
                .collect(),
            Self::Titles(titles) => titles.titles.iter().map(|title| &*title.title).collect(),
            Self::Script(script) => [&*script.title, &*script.hook, &*script.call_to_action]
                .into_iter()
                .chain(
                    script
                        .beats
                        .iter()
                        .flat_map(|beat| [&*beat.heading, &*beat.spoken, &*beat.visual]),
                )
                .collect(),
            Self::Description(text) => std::iter::once(&*text.description)
                .chain(text.tags.iter().map(|tag| &**tag))
                .collect(),
        }
    }

    /// The titles in it, to be compared with what the channel has already.
    #[must_use]
    pub fn titles(&self) -> Vec<&str> {
        match self {
            Self::Ideas(ideas) => ideas.ideas.iter().map(|idea| &*idea.title).collect(),
            Self::Titles(titles) => titles.titles.iter().map(|title| &*title.title).collect(),
            Self::Script(script) => vec![&script.title],
            Self::Description(_) => Vec::new(),
        }
    }
}

#[derive(Default)]
struct Rules {
    found: Vec<Broken>,
}

impl Rules {
    fn broken(&mut self, pointer: &str, rule: &str) {
        self.found.push(Broken {
            pointer: pointer.to_owned(),
            rule: rule.to_owned(),
        });
    }

    fn count(&mut self, pointer: &str, count: usize, min: usize, max: usize) {
        if !(min..=max).contains(&count) {
            self.broken(
                pointer,
                &format!("must have {min} to {max} entries, it has {count}"),
            );
        }
    }

    fn text(&mut self, pointer: &str, text: &str, max: usize) {
        let length = text.chars().count();
        if text.trim().is_empty() {
            self.broken(pointer, "must not be empty");
        } else if length > max {
            self.broken(
                pointer,
                &format!("must be at most {max} characters, it has {length}"),
            );
        }
    }

    fn line(&mut self, pointer: &str, text: &str, max: usize) {
        self.text(pointer, text, max);
        if text.chars().any(char::is_control) {
            self.broken(pointer, "must be one line without control characters");
        }
    }

    /// What YouTube takes as a title.
    fn title(&mut self, pointer: &str, title: &str) {
        let units = title.encode_utf16().count();
        if title.trim().is_empty() {
            self.broken(pointer, "must not be empty");
        } else if units > TITLE_UNITS {
            self.broken(
                pointer,
                &format!("must be at most {TITLE_UNITS} characters, it has {units}"),
            );
        }
        if title.contains(['<', '>']) {
            self.broken(pointer, "must not contain < or >");
        }
        if title.chars().any(char::is_control) {
            self.broken(pointer, "must be one line without control characters");
        }
    }
}

impl Script {
    /// How long it takes to speak.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        let beats: u64 = self
            .beats
            .iter()
            .map(|beat| spoken_millis(&beat.spoken))
            .sum();
        (spoken_millis(&self.hook) + beats + spoken_millis(&self.call_to_action)).div_ceil(1000)
    }

    /// Where chapters can start, with the heading of the beat that starts there: at the beginning and then at every
    /// beat that is at least ten seconds after the last start and before the end. Fewer than three are no chapters for
    /// YouTube, so there are then none.
    #[must_use]
    pub fn chapter_starts(&self) -> Vec<(u64, &str)> {
        let total = self.seconds();
        let mut at = spoken_millis(&self.hook);
        let mut starts: Vec<(u64, &str)> = Vec::new();
        for beat in &self.beats {
            let second = at / 1000;
            match starts.last() {
                // The hook belongs to the first chapter.
                None => starts.push((0, &beat.heading)),
                Some((last, _))
                    if second >= last + chapters::SHORTEST
                        && second + chapters::SHORTEST <= total =>
                {
                    starts.push((second, &beat.heading));
                }
                Some(_) => {}
            }
            at += spoken_millis(&beat.spoken);
        }
        if starts.len() < chapters::FEWEST {
            Vec::new()
        } else {
            starts
        }
    }
}

/// How long a narrator needs for a text, in milliseconds.
fn spoken_millis(text: &str) -> u64 {
    let unspaced = text
        .chars()
        .filter(|c| matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{9fff}'))
        .count() as u64;
    let words = text
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3000}'..='\u{9fff}')
        })
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count() as u64;
    words * 60_000 / WORDS_PER_MINUTE + unspaced * 60_000 / CHARACTERS_PER_MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn script(beats: &[(&str, usize)]) -> Script {
        Script {
            title: "t".to_owned(),
            hook: "word ".repeat(10),
            beats: beats
                .iter()
                .map(|(heading, words)| Beat {
                    heading: (*heading).to_owned(),
                    spoken: "word ".repeat(*words),
                    visual: "v".to_owned(),
                })
                .collect(),
            call_to_action: "word ".repeat(5),
            estimated_seconds: 0,
        }
    }

    fn pointers(kind: ContentKind, value: serde_json::Value) -> Vec<String> {
        Output::read(kind, value)
            .unwrap()
            .broken()
            .into_iter()
            .map(|broken| broken.pointer)
            .collect()
    }

    #[test]
    fn speech_is_estimated_at_a_narrators_pace() {
        assert_eq!(script(&[("a", 135)]).seconds(), 60);
        assert_eq!(spoken_millis("– … !"), 0);
        assert!((58_000..=62_000).contains(&spoken_millis(&"日本".repeat(140))));
    }

    #[test]
    fn chapters_start_at_nought_and_are_never_shorter_than_youtube_takes() {
        let long = script(&[("Wood", 100), ("Tiny", 5), ("Saw", 100), ("Glue", 100)]);
        let starts = long.chapter_starts();
        assert_eq!(
            starts
                .iter()
                .map(|(_, heading)| *heading)
                .collect::<Vec<_>>(),
            ["Wood", "Tiny", "Glue"]
        );
        assert_eq!(starts[0].0, 0);
        assert!(starts.windows(2).all(|pair| pair[1].0 >= pair[0].0 + 10));
        assert!(script(&[("a", 30), ("b", 30)]).chapter_starts().is_empty());
    }

    #[test]
    fn limits_of_titles_are_youtubes() {
        let titles = |title: &str| json!({"titles": [{"title": title, "why": "w"}]});
        assert!(pointers(ContentKind::Titles, titles(&"x".repeat(100))).is_empty());
        for bad in [
            &*"x".repeat(101),
            &"🎬".repeat(51),
            "a <b>",
            " ",
            "two\nlines",
        ] {
            assert_eq!(
                pointers(ContentKind::Titles, titles(bad)),
                ["/titles/0/title"],
                "{bad}"
            );
        }
        let twice =
            json!({"titles": [{"title": "Same", "why": "w"}, {"title": "same ", "why": "w"}]});
        assert_eq!(pointers(ContentKind::Titles, twice), ["/titles/1/title"]);
        assert_eq!(
            pointers(ContentKind::Titles, json!({"titles": []})),
            ["/titles"]
        );
    }

    #[test]
    fn limits_of_descriptions_leave_room_for_the_marker() {
        let description = |text: &str, tags: &[&str]| json!({"description": text, "tags": tags});
        assert!(
            pointers(
                ContentKind::Description,
                description(&"x".repeat(5000), &[&"t".repeat(463)])
            )
            .is_empty()
        );
        assert_eq!(
            pointers(
                ContentKind::Description,
                description(&"日".repeat(1667), &[])
            ),
            ["/description"]
        );
        assert_eq!(
            pointers(
                ContentKind::Description,
                description("x", &[&"t".repeat(464)])
            ),
            ["/tags"]
        );
        // 460 letters in two tags with spaces: a comma and four quotation marks more.
        assert_eq!(
            pointers(
                ContentKind::Description,
                description("x", &[&"a ".repeat(115), &"b ".repeat(115)])
            ),
            ["/tags"]
        );
        assert_eq!(
            pointers(ContentKind::Description, description("x", &["a,b", ""])),
            ["/tags/0", "/tags/1"]
        );
        assert_eq!(
            pointers(ContentKind::Description, description("1 < 2", &[])),
            ["/description"]
        );
    }

    #[test]
    fn what_follows_from_the_rest_is_computed_whatever_was_sent() {
        let sent = json!({"title": "t", "hook": "one two three four five", "beats": [], "call_to_action": "", "estimated_seconds": 9999});
        let Output::Script(script) = Output::read(ContentKind::Script, sent).unwrap() else {
            panic!()
        };
        assert_eq!(script.estimated_seconds, 2);
        let text = "Intro\n\n0:00 Start\n0:30 Middle\n1:00 End";
        let sent = json!({"description": text, "chapters": [{"start_seconds": 5, "title": "no"}], "tags": []});
        let Output::Description(read) = Output::read(ContentKind::Description, sent).unwrap()
        else {
            panic!()
        };
        assert_eq!(read.chapters.len(), 3);
        assert_eq!(read.chapters[1].start_seconds, 30);
    }

    #[test]
    fn a_form_that_is_not_the_kinds_is_named_with_its_place() {
        let wrong = Output::read(
            ContentKind::Script,
            json!({"title": "t", "hook": "h", "beats": [{"heading": 1}], "call_to_action": "c"}),
        );
        assert_eq!(wrong.unwrap_err().pointer, "/beats/0/heading");
        assert!(Output::read(ContentKind::Ideas, json!({"ideas": [], "more": 1})).is_err());
        assert!(Output::read(ContentKind::Ideas, json!([])).is_err());
    }
}
