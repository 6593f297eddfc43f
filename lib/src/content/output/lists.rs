//! Lists to choose from: ideas and titles.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::limits::Checks;

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
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.count("/ideas", self.ideas.len(), 20);
        for (i, idea) in self.ideas.iter().enumerate() {
            checks.title(&format!("/ideas/{i}/title"), &idea.title);
            checks.text(&format!("/ideas/{i}/angle"), &idea.angle, 1000);
            checks.text(&format!("/ideas/{i}/why"), &idea.why, 1000);
        }
    }
}

impl Titles {
    pub(super) fn check(&self, checks: &mut Checks) {
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
