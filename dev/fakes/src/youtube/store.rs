//! All channels, sessions and counters.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::session::Session;
use super::settings::Settings;
use super::video::Video;
use crate::{Knobs, pacific_day, rfc3339};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Youtube {
    pub(crate) channels: BTreeMap<String, Channel>,
    /// Where a video is: its channel, and its place among that channel's videos.
    #[serde(skip)]
    index: HashMap<String, (String, usize)>,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) quota: Ledger,
    pub(crate) jobs: Vec<ReportJob>,
    pub(crate) knobs: Knobs,
    pub(crate) violations: Vec<Violation>,
    serial: u64,
}

/// Something that a correct client never does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Violation {
    pub(crate) account: String,
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

    pub(crate) fn settings(&self, account: &str) -> Settings {
        self.knobs.read(|key| key == account).unwrap_or_default()
    }

    /// The number of the next thing that gets an id.
    pub(crate) fn next_serial(&mut self) -> String {
        self.serial += 1;
        self.serial.to_string()
    }

    pub(crate) fn remove_channel(&mut self, id: &str) {
        self.channels.remove(id);
        self.reindex();
    }

    pub(crate) fn video(&self, id: &str) -> Option<(&Channel, &Video)> {
        let (channel, at) = self.index.get(id)?;
        let channel = self.channels.get(channel)?;
        let video = channel.videos.get(*at).filter(|video| !video.deleted)?;
        Some((channel, video))
    }

    pub(crate) fn video_mut(&mut self, id: &str) -> Option<&mut Video> {
        let (channel, at) = self.index.get(id)?;
        let channel = self.channels.get_mut(channel)?;
        channel.videos.get_mut(*at).filter(|video| !video.deleted)
    }

    pub(crate) fn add_video(&mut self, channel: &str, video: Video) {
        if let Some(found) = self.channels.get_mut(channel) {
            let place = (channel.to_owned(), found.videos.len());
            self.index.insert(video.id.clone(), place);
            found.videos.push(video);
        }
    }

    pub(crate) fn note_violation(&mut self, account: &str, what: &str, at: Timestamp) {
        let (account, what) = (account.to_owned(), what.to_owned());
        self.violations.push(Violation { account, what, at });
    }

    /// Publishes what is due. YouTube does this by itself; here it happens before anybody looks.
    pub(crate) fn publish_due(&mut self, now: Timestamp) {
        for channel in self.channels.values_mut() {
            // Everything that was ever uploaded here is newer than the catalogue.
            let uploaded = channel
                .videos
                .iter_mut()
                .rev()
                .take_while(|v| v.upload.is_some());
            let is_due = |video: &&mut Video| video.is_private() && video.publish_at <= Some(now);
            for video in uploaded
                .filter(|video| video.publish_at.is_some())
                .filter(is_due)
            {
                let settings = self.knobs.read(|key| key == channel.account);
                if settings.is_ok_and(|settings: Settings| settings.publish_at_is_ignored) {
                    break;
                }
                video.public_at = video.publish_at;
                video.publish();
            }
        }
    }
}

/// One channel and everything uploaded to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) title: String,
    pub(crate) country: String,
    pub(crate) time_zone: Option<String>,
    pub(crate) published_at: Timestamp,
    pub(crate) subscribers: u64,
    /// The file that its videos came from.
    pub(crate) catalog: Option<String>,
    /// In the order of upload, oldest first; the uploads playlist shows the reverse.
    pub(crate) videos: Vec<Video>,
}

impl Channel {
    /// The id of the uploads playlist.
    pub(crate) fn uploads(&self) -> String {
        format!("UU{}", self.id.strip_prefix("UC").unwrap_or(&self.id))
    }

    pub(crate) fn handle(&self) -> String {
        let word = self.account.chars().filter(char::is_ascii_alphanumeric);
        format!("@{}", word.collect::<String>().to_lowercase())
    }

    /// The videos that were not deleted, oldest first.
    pub(crate) fn present_videos(&self) -> impl DoubleEndedIterator<Item = &Video> + Clone {
        self.videos.iter().filter(|video| !video.deleted)
    }
}

/// A job of the Reporting API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReportJob {
    pub(crate) id: String,
    pub(crate) channel: String,
    pub(crate) report_type: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
}

impl ReportJob {
    pub(crate) fn body(&self) -> Value {
        json!({"id": self.id, "reportTypeId": self.report_type, "name": self.name, "createTime": rfc3339(self.created_at)})
    }
}

/// The buckets of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bucket {
    Units,
    Uploads,
    BatchStats,
    Search,
}

/// What each project has used of each quota bucket on each Pacific day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ledger {
    used: BTreeMap<String, BTreeMap<String, BTreeMap<Bucket, u64>>>,
    /// The latest minute with a call of an account, and how many calls it had.
    #[serde(skip)]
    minutes: BTreeMap<String, (i64, u64)>,
}

impl Ledger {
    /// How much a project has used of a bucket on the day of `now`.
    pub(crate) fn used(&mut self, project: &str, bucket: Bucket, now: Timestamp) -> &mut u64 {
        let days = self.used.entry(project.to_owned()).or_default();
        let buckets = days.entry(pacific_day(now).to_string()).or_default();
        buckets.entry(bucket).or_default()
    }

    /// Counts a call and returns how many the account has made in this minute.
    pub(crate) fn count_call(&mut self, account: &str, now: Timestamp) -> u64 {
        let minute = now.as_second().div_euclid(60);
        let entry = self.minutes.entry(account.to_owned()).or_default();
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 += 1;
        entry.1
    }

    pub(crate) fn list(&self) -> Value {
        let mut list = Vec::new();
        for (project, days) in &self.used {
            for (day, buckets) in days {
                let show = |(bucket, used)| json!({"project": project, "day": day, "bucket": bucket, "used": used});
                list.extend(buckets.iter().map(show));
            }
        }
        Value::Array(list)
    }
}
