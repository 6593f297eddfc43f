//! What can be generated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A kind of content. Each stands on its own; together they are the chain from an idea to a published video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// Ideas for videos.
    Ideas,
    /// Titles for one video.
    Titles,
    /// What is said and shown.
    Script,
    /// Description with chapters, and tags.
    Description,
}

impl ContentKind {
    /// All of them, in the order of the chain.
    pub const ALL: [Self; 4] = [Self::Ideas, Self::Titles, Self::Script, Self::Description];

    /// As written in paths and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ideas => "ideas",
            Self::Titles => "titles",
            Self::Script => "script",
            Self::Description => "description",
        }
    }
}

impl fmt::Display for ContentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of content.
#[derive(Debug, thiserror::Error)]
#[error("the kind is one of ideas, titles, script and description")]
pub struct UnknownKind;

impl FromStr for ContentKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownKind)
    }
}

/// The form of a video, as YouTube tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A Short.
    Short,
    /// An ordinary video.
    Long,
}

impl Form {
    /// As written in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_it_is_read() {
        for kind in ContentKind::ALL {
            assert_eq!(kind.as_str().parse::<ContentKind>().unwrap(), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("Script".parse::<ContentKind>().is_err());
    }
}
