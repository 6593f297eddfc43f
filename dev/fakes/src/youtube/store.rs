//! All channels, sessions and counters.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    channel::Channel, ledger::Ledger, report_job::ReportJob, session::Session, settings::Settings,
    video::Video,
};
use crate::knobs::Knobs;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Youtube {
    pub(super) channels: BTreeMap<String, Channel>,
    /// Where a video is: its channel, and its place among that channel's videos.
    #[serde(skip)]
    index: HashMap<String, (String, usize)>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) quota: Ledger,
    pub(super) jobs: Vec<ReportJob>,
    pub(super) knobs: Knobs,
    pub(super) violations: Vec<Violation>,
    serial: u64,
}

/// Something that a correct client never does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Violation {
    pub(super) account: String,
    what: String,
    at: Timestamp,
}

impl Youtube {
    pub(crate) fn reindex(&mut self) {
        let channels = self.channels.iter();
        let videos = channels.flat_map(|(id, channel)| {
            let places = channel.videos.iter().enumerate();
            places.map(move |(at, video)| (video.id.clone(), (id.clone(), at)))
        });
        self.index = videos.collect();
    }

    pub(super) fn settings(&self, account: &str) -> Settings {
        self.knobs.read(|key| key == account).unwrap_or_default()
    }

    /// The number of the next thing that gets an id.
    pub(super) fn next_serial(&mut self) -> String {
        self.serial += 1;
        self.serial.to_string()
    }

    pub(crate) fn remove_channel(&mut self, id: &str) {
        self.channels.remove(id);
        self.reindex();
    }

    pub(super) fn video(&self, id: &str) -> Option<(&Channel, &Video)> {
        let (channel, at) = self.index.get(id)?;
        let channel = self.channels.get(channel)?;
        let video = channel.videos.get(*at).filter(|video| !video.deleted)?;
        Some((channel, video))
    }

    pub(super) fn video_mut(&mut self, id: &str) -> Option<&mut Video> {
        let (channel, at) = self.index.get(id)?;
        let channel = self.channels.get_mut(channel)?;
        channel.videos.get_mut(*at).filter(|video| !video.deleted)
    }

    pub(super) fn add_video(&mut self, channel: &str, video: Video) {
        if let Some(found) = self.channels.get_mut(channel) {
            let place = (channel.to_owned(), found.videos.len());
            self.index.insert(video.id.clone(), place);
            found.videos.push(video);
        }
    }

    pub(super) fn note_violation(&mut self, account: &str, what: &str, at: Timestamp) {
        let (account, what) = (account.to_owned(), what.to_owned());
        self.violations.push(Violation { account, what, at });
    }

    /// Publishes what is due. YouTube does this by itself; here it happens before anybody looks.
    pub(super) fn publish_due(&mut self, now: Timestamp) {
        for channel in self.channels.values_mut() {
            // Everything that was ever uploaded here is newer than the catalogue.
            let uploaded = channel
                .videos
                .iter_mut()
                .rev()
                .take_while(|v| v.upload.is_some());
            let is_due = |video: &&mut Video| {
                video.is_private() && video.publish_at.is_some_and(|at| at <= now)
            };
            let mut due = uploaded.filter(is_due).peekable();
            if due.peek().is_none() {
                continue;
            }
            let settings: Settings = self
                .knobs
                .read(|key| key == channel.account)
                .unwrap_or_default();
            if settings.publish_at_is_ignored {
                continue;
            }
            for video in due {
                video.public_at = video.publish_at;
                video.publish();
            }
        }
    }
}
