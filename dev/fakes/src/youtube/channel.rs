//! One channel and everything uploaded to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{principal::Principal, video::Video};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) title: String,
    pub(super) country: String,
    pub(super) time_zone: Option<String>,
    pub(super) published_at: Timestamp,
    pub(super) subscribers: u64,
    /// The file that its videos came from.
    pub(super) catalog: Option<String>,
    /// In the order of upload, oldest first; the uploads playlist shows the reverse.
    pub(super) videos: Vec<Video>,
}

impl Channel {
    /// The id of the uploads playlist.
    pub(super) fn uploads(&self) -> String {
        format!("UU{}", self.id.strip_prefix("UC").unwrap_or(&self.id))
    }

    pub(super) fn handle(&self) -> String {
        let word = self.account.chars().filter(char::is_ascii_alphanumeric);
        format!("@{}", word.collect::<String>().to_lowercase())
    }

    pub(super) fn is_of(&self, principal: &Principal) -> bool {
        principal.channel.as_deref() == Some(&self.id)
    }

    /// The videos that were not deleted, oldest first.
    pub(super) fn present_videos(&self) -> impl DoubleEndedIterator<Item = &Video> + Clone {
        self.videos.iter().filter(|video| !video.deleted)
    }
}
