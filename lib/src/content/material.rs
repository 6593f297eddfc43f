//! Everything that one piece of content is written from.

use serde_json::Value;

use super::brief::Brief;
use super::channel::Channel;
use super::inspiration::Inspiration;
use super::kind::ContentKind;
use super::output::Script;

/// What the model is shown, and what its answer is checked against.
#[derive(Clone, Debug)]
pub(super) struct Material {
    pub(super) kind: ContentKind,
    pub(super) brief: Brief,
    pub(super) channel: Channel,
    /// The channel's own videos to learn from.
    pub(super) inspirations: Vec<Inspiration>,
    /// What it builds on, as JSON.
    pub(super) source: Option<Value>,
    /// The source when it is a script.
    pub(super) script: Option<Script>,
    /// When only a part is written anew.
    pub(super) rewrite: Option<Rewrite>,
}

/// A part that is written anew.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pub(super) part: String,
    /// The whole output as it is.
    pub(super) whole: Value,
}

impl Material {
    /// How many items to write.
    pub(super) fn count(&self) -> usize {
        usize::try_from(self.brief.count(self.kind)).unwrap_or(usize::MAX)
    }

    /// Where the chapters of the described script start, in seconds.
    pub(super) fn chapter_starts(&self) -> Vec<u64> {
        let starts = self.script.as_ref().map(Script::chapter_starts);
        starts
            .unwrap_or_default()
            .into_iter()
            .map(|(start, _)| start)
            .collect()
    }
}

/// The name under which a video is shown to the model; its own ids mean nothing to it.
pub(super) fn video_label(index: usize) -> String {
    format!("v{}", index + 1)
}

#[cfg(test)]
impl Material {
    pub(super) fn example(kind: ContentKind) -> Self {
        Self {
            kind,
            brief: Brief::default(),
            channel: Channel {
                title: "Cabins".to_owned(),
                ..Channel::default()
            },
            inspirations: Vec::new(),
            source: None,
            script: None,
            rewrite: None,
        }
    }
}
