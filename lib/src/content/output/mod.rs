//! The forms of what is generated, and the rules each must keep: whatever the model or a person wrote is checked here
//! before it is stored, so that what is stored can be published.

pub(super) mod chapters;
mod limits;
mod script;

use chapters::Chapter;
use limits::Checks;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::request::ContentKind;

pub(super) use limits::Violation;
pub(super) use script::Beat;
pub(crate) use script::{Script, WORDS_PER_MINUTE};

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

impl Output {
    /// Its kind.
    pub(super) const fn kind(&self) -> ContentKind {
        match self {
            Self::Ideas(_) => ContentKind::Ideas,
            Self::Titles(_) => ContentKind::Titles,
            Self::Script(_) => ContentKind::Script,
            Self::Description(_) => ContentKind::Description,
        }
    }

    /// Reads a stored output, or one that a person sent. Refuses one that is not of the kind's form.
    pub(crate) fn read(kind: ContentKind, value: Value) -> Result<Self, Violation> {
        let mut output = match kind {
            ContentKind::Ideas => Self::Ideas(parse(value)?),
            ContentKind::Titles => Self::Titles(parse(value)?),
            ContentKind::Script => Self::Script(parse(value)?),
            ContentKind::Description => Self::Description(parse(value)?),
        };
        output.derive();
        Ok(output)
    }

    /// The script, when it is one.
    pub(crate) fn into_script(self) -> Option<Script> {
        match self {
            Self::Script(script) => Some(script),
            _ => None,
        }
    }

    /// Computes the fields that follow from others.
    pub(super) fn derive(&mut self) {
        match self {
            Self::Script(script) => script.estimated_seconds = script.seconds(),
            Self::Description(text) => text.chapters = chapters::read(&text.description),
            Self::Ideas(_) | Self::Titles(_) => {}
        }
    }

    /// Every rule that it breaks.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let mut checks = Checks::default();
        match self {
            Self::Ideas(ideas) => ideas.check(&mut checks),
            Self::Titles(titles) => titles.check(&mut checks),
            Self::Script(script) => script.check(&mut checks),
            Self::Description(text) => {
                checks.description("/description", &text.description);
                checks.tags("/tags", &text.tags);
            }
        }
        checks.violations
    }

    /// Everything that a viewer will read or hear.
    pub(super) fn texts(&self) -> Vec<&str> {
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
    pub(super) fn titles(&self) -> Vec<&str> {
        match self {
            Self::Ideas(ideas) => ideas.ideas.iter().map(|idea| &*idea.title).collect(),
            Self::Titles(titles) => titles.titles.iter().map(|title| &*title.title).collect(),
            Self::Script(script) => vec![&script.title],
            Self::Description(_) => Vec::new(),
        }
    }
}

fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Violation> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let pointer = path
            .split(['.', '[', ']'])
            .filter(|segment| !segment.is_empty())
            .map(|segment| format!("/{segment}"))
            .collect();
        Violation {
            pointer,
            rule: error.into_inner().to_string(),
        }
    })
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

impl Ideas {
    fn check(&self, checks: &mut Checks) {
        checks.count("/ideas", self.ideas.len(), 20);
        for (i, idea) in self.ideas.iter().enumerate() {
            checks.title(&format!("/ideas/{i}/title"), &idea.title);
            checks.text(&format!("/ideas/{i}/angle"), &idea.angle, 1000);
            checks.text(&format!("/ideas/{i}/why"), &idea.why, 1000);
        }
    }
}

impl Titles {
    fn check(&self, checks: &mut Checks) {
        checks.count("/titles", self.titles.len(), 20);
        for (i, title) in self.titles.iter().enumerate() {
            let pointer = format!("/titles/{i}/title");
            checks.title(&pointer, &title.title);
            checks.text(&format!("/titles/{i}/why"), &title.why, 1000);
            let same = |other: &Title| other.title.trim().eq_ignore_ascii_case(title.title.trim());
            if self.titles[..i].iter().any(same) {
                checks.broken(pointer, "must differ from the titles before it");
            }
        }
    }
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

#[cfg(test)]
mod tests;
