//! One video and where YouTube is with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::settings::Settings;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Video {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) tags: Vec<String>,
    pub(crate) category_id: String,
    pub(crate) default_language: Option<String>,
    pub(crate) uploaded_at: Timestamp,
    /// When it first was public.
    pub(crate) public_at: Option<Timestamp>,
    pub(crate) seconds: u64,
    pub(crate) short: bool,
    pub(crate) views: u64,
    pub(crate) likes: Option<u64>,
    pub(crate) comments: Option<u64>,
    pub(crate) privacy: String,
    pub(crate) publish_at: Option<Timestamp>,
    pub(crate) license: String,
    pub(crate) embeddable: bool,
    pub(crate) public_stats_viewable: bool,
    pub(crate) made_for_kids: Option<bool>,
    pub(crate) synthetic: Option<bool>,
    pub(crate) deleted: bool,
    pub(crate) edits: u32,
    pub(crate) thumbnail_bytes: Option<u64>,
    /// How it came here; none for what the catalogue brought.
    pub(crate) upload: Option<UploadedFile>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct UploadedFile {
    pub(crate) session: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: Option<String>,
    pub(crate) content_type: String,
    pub(crate) file_name: Option<String>,
    pub(crate) scheduled_for: Option<Timestamp>,
    pub(crate) notify_subscribers: bool,
    pub(crate) polls: u32,
}

/// Where YouTube is with a video, in its own words.
pub(crate) struct Progress {
    pub(crate) upload_status: &'static str,
    pub(crate) processing_status: &'static str,
    /// Why it failed or was rejected.
    pub(crate) reason: Option<String>,
}

pub(crate) struct Counters {
    pub(crate) views: u64,
    pub(crate) likes: Option<u64>,
    pub(crate) comments: Option<u64>,
}

impl Video {
    /// A public video without a title, with YouTube's defaults.
    pub(crate) fn new(uploaded_at: Timestamp) -> Self {
        Self {
            category_id: "22".to_owned(),
            uploaded_at,
            seconds: 38,
            privacy: "public".to_owned(),
            license: "youtube".to_owned(),
            embeddable: true,
            public_stats_viewable: true,
            ..Self::default()
        }
    }

    /// Present counters: those of the catalogue, or a slow growth since the video went public.
    pub(crate) fn counters(&self, now: Timestamp) -> Counters {
        if self.upload.is_none() {
            return Counters {
                views: self.views,
                likes: self.likes,
                comments: self.comments,
            };
        }
        let public = self
            .public_at
            .map_or(0.0, |at| now.duration_since(at).as_secs_f64());
        let share = 1.0 - (-public.max(0.0) / 86_400.0 / 4.0).exp();
        let views = (self.views as f64 * share) as u64;
        Counters {
            views,
            likes: Some(views / 25),
            comments: Some(views / 300),
        }
    }

    pub(crate) fn progress(&self, settings: &Settings, now: Timestamp) -> Progress {
        let progress = |upload_status, processing_status, reason: Option<&str>| Progress {
            upload_status,
            processing_status,
            reason: reason.map(str::to_owned),
        };
        let Some(upload) = &self.upload else {
            return progress("processed", "succeeded", None);
        };
        let waited = now.duration_since(self.uploaded_at).as_secs() >= settings.processing_seconds;
        if upload.polls < settings.processing_polls && !waited {
            return progress("uploaded", "processing", None);
        }
        let outcome = settings.processing_outcome.as_str();
        match outcome.split_once(':').unwrap_or((outcome, "conversion")) {
            ("failed", reason) => progress("failed", "failed", Some(reason)),
            ("rejected", reason) => progress("rejected", "terminated", Some(reason)),
            ("stuck", _) => progress("uploaded", "processing", None),
            _ => progress("processed", "succeeded", None),
        }
    }

    pub(crate) fn is_private(&self) -> bool {
        self.privacy == "private"
    }

    pub(crate) fn is_visible_to(&self, owner: bool) -> bool {
        owner || !self.is_private()
    }

    /// Makes a private video whose time has come public.
    pub(crate) fn publish(&mut self) {
        "public".clone_into(&mut self.privacy);
        self.publish_at = None;
    }

    /// What tells which client uploaded the video: a tag, a word of the description or the file name that says so.
    pub(crate) fn marker(&self) -> Option<&str> {
        let is_ours = |word: &&str| {
            ["cce-", "cce:", "[cce"]
                .iter()
                .any(|start| word.starts_with(start))
        };
        let tags = self.tags.iter().map(String::as_str);
        let mut words = tags.chain(self.description.split_whitespace());
        words
            .find(is_ours)
            .or_else(|| self.upload.as_ref()?.file_name.as_deref())
    }
}
