//! The forms of what is generated, and the rules each must keep: whatever the model or a person wrote is checked here
//! before it is stored, so that what is stored can be published.

pub(super) mod chapters;
mod description;
mod limits;
mod lists;
mod script;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

pub(super) use description::Description;
pub(super) use lists::{Idea, Ideas, Title, Titles};
pub(super) use script::Beat;
pub(crate) use script::{Script, WORDS_PER_MINUTE};

use super::kind::ContentKind;
use limits::Checks;
pub(super) use limits::Violation;

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

#[cfg(test)]
mod tests;
