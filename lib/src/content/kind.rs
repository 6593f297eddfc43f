//! What can be generated.

use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;
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
}

impl fmt::Display for ContentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl FromStr for ContentKind {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Self::deserialize(text.into_deserializer())
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

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_it_is_read() {
        for kind in ContentKind::ALL {
            assert_eq!(kind.to_string().parse::<ContentKind>().unwrap(), kind);
        }
        assert_eq!(ContentKind::Script.to_string(), "script");
        assert!("Script".parse::<ContentKind>().is_err());
    }
}
