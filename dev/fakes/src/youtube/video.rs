//! One video and where YouTube is with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::settings::Settings;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Video {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) category_id: String,
    pub(super) default_language: Option<String>,
    pub(super) uploaded_at: Timestamp,
    /// When it first was public.
    pub(super) public_at: Option<Timestamp>,
    pub(super) seconds: u64,
    pub(super) short: bool,
    pub(super) views: u64,
    pub(super) likes: Option<u64>,
    pub(super) comments: Option<u64>,
    pub(super) privacy: String,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) license: String,
    pub(super) embeddable: bool,
    pub(super) public_stats_viewable: bool,
    pub(super) made_for_kids: Option<bool>,
    pub(super) synthetic: Option<bool>,
    pub(super) deleted: bool,
    pub(super) edits: u32,
    pub(super) thumbnail_bytes: Option<u64>,
    /// How it came here; none for what the catalogue brought.
    pub(super) upload: Option<UploadedFile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadedFile {
    pub(super) session: String,
    pub(super) bytes: u64,
    pub(super) sha256: Option<String>,
    pub(super) content_type: String,
    pub(super) file_name: Option<String>,
    pub(super) scheduled_for: Option<Timestamp>,
    pub(super) notify_subscribers: bool,
    pub(super) polls: u32,
}

/// Where YouTube is with a video, in its own words.
pub(super) struct Progress {
    pub(super) upload_status: &'static str,
    pub(super) processing_status: &'static str,
    /// Why it failed or was rejected.
    pub(super) reason: Option<String>,
}

pub(super) struct Counters {
    pub(super) views: u64,
    pub(super) likes: Option<u64>,
    pub(super) comments: Option<u64>,
}

impl Video {
    /// A public video without a title, with YouTube's defaults.
    pub(super) fn new(uploaded_at: Timestamp) -> Self {
        Self {
            id: String::new(),
            title: String::new(),
            description: String::new(),
            tags: Vec::new(),
            category_id: "22".to_owned(),
            default_language: None,
            uploaded_at,
            public_at: None,
            seconds: 38,
            short: false,
            views: 0,
            likes: None,
            comments: None,
            privacy: "public".to_owned(),
            publish_at: None,
            license: "youtube".to_owned(),
            embeddable: true,
            public_stats_viewable: true,
            made_for_kids: None,
            synthetic: None,
            deleted: false,
            edits: 0,
            thumbnail_bytes: None,
            upload: None,
        }
    }

    /// Present counters: those of the catalogue, or a slow growth since the video went public.
    pub(super) fn counters(&self, now: Timestamp) -> Counters {
        if self.upload.is_none() {
            let Self {
                views,
                likes,
                comments,
                ..
            } = *self;
            return Counters {
                views,
                likes,
                comments,
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

    pub(super) fn progress(&self, settings: &Settings, now: Timestamp) -> Progress {
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

    pub(super) fn is_private(&self) -> bool {
        self.privacy == "private"
    }

    pub(super) fn is_visible_to(&self, owner: bool) -> bool {
        owner || !self.is_private()
    }

    /// Makes a private video whose time has come public.
    pub(super) fn publish(&mut self) {
        "public".clone_into(&mut self.privacy);
        self.publish_at = None;
    }

    /// What tells which client uploaded the video: a tag, a word of the description or the file name that says so.
    pub(super) fn marker(&self) -> Option<&str> {
        let ours = |word: &&str| {
            ["cce-", "cce:", "[cce"]
                .iter()
                .any(|beginning| word.starts_with(beginning))
        };
        let tags = self.tags.iter().map(String::as_str);
        let mut words = tags.chain(self.description.split_whitespace());
        words
            .find(ours)
            .or_else(|| self.upload.as_ref()?.file_name.as_deref())
    }
}
