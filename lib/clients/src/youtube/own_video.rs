//! A video as its owner sees it, with what a change has to send back.

use super::lenient::Item;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value};

/// A video as its owner sees it.
#[derive(Clone, Debug, Default)]
pub struct OwnVideo {
    /// YouTube's id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Tags.
    pub tags: Vec<String>,
    /// When it was uploaded.
    pub uploaded_at: Option<Timestamp>,
    /// `public`, `unlisted`, `private`.
    pub privacy: String,
    /// When YouTube will publish it.
    pub publish_at: Option<Timestamp>,
    /// `uploaded`, `processed`, `failed`, `rejected`, `deleted`.
    pub upload_status: String,
    /// Why it failed or was rejected.
    pub reason: Option<String>,
    /// `processing`, `succeeded`, `failed`, `terminated`.
    pub processing_status: Option<String>,
    /// Size of the file that was uploaded, once YouTube tells.
    pub file_size: Option<u64>,
    /// Name of the file that was uploaded.
    pub file_name: Option<String>,
    /// The whole status, to be sent back by a change.
    pub status: Map<String, Value>,
}

impl OwnVideo {
    /// Whether anybody can see it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.privacy == "public"
    }

    pub(super) fn read(item: Item<'_>) -> Option<Self> {
        Some(Self {
            id: item.string("/id")?,
            title: item.string("/snippet/title").unwrap_or_default(),
            tags: item.texts("/snippet/tags"),
            uploaded_at: item.time("/snippet/publishedAt"),
            privacy: item.string("/status/privacyStatus").unwrap_or_default(),
            publish_at: item.time("/status/publishAt"),
            upload_status: item.string("/status/uploadStatus").unwrap_or_default(),
            reason: item
                .string("/status/failureReason")
                .or_else(|| item.string("/status/rejectionReason"))
                .or_else(|| item.string("/processingDetails/processingFailureReason")),
            processing_status: item.string("/processingDetails/processingStatus"),
            file_size: item
                .count("/fileDetails/fileSize")
                .and_then(|size| u64::try_from(size).ok()),
            file_name: item.string("/fileDetails/fileName"),
            status: item
                .0
                .pointer("/status")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        })
    }
}

/// When a video is to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// By YouTube, at this time.
    At(Timestamp),
    /// Not at all: private without a time.
    Never,
    /// Now.
    Now,
}

/// An instant as YouTube takes it: whole seconds, `Z`.
#[must_use]
pub(super) fn instant(at: Timestamp) -> String {
    at.round(Unit::Second).unwrap_or(at).to_string()
}

/// The whole status to send: everything that can be set as it is now, with the publication changed.
pub(super) fn status(video: &OwnVideo, publication: Publication) -> Value {
    let mut status = Map::new();
    for field in [
        "license",
        "embeddable",
        "publicStatsViewable",
        "selfDeclaredMadeForKids",
        "containsSyntheticMedia",
    ] {
        if let Some(value) = video.status.get(field) {
            status.insert(field.to_owned(), value.clone());
        }
    }
    let privacy = if publication == Publication::Now {
        "public"
    } else {
        "private"
    };
    status.insert("privacyStatus".to_owned(), privacy.into());
    if let Publication::At(at) = publication {
        status.insert("publishAt".to_owned(), instant(at).into());
    }
    Value::Object(status)
}
