//! What becomes of our own videos: is it processed, is it public, where is it; and changing when it is published.
//!
//! `videos.update` replaces every field of a part it is given: what is not sent again is lost. So a change starts from
//! what `videos.list` says now ([`OwnVideo`]) and sends all of it back.

use std::time::Instant;

use bytes::Bytes;
use http::header;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use super::{AccessToken, Error, ErrorKind, SERVICE, YouTube, json_object, lenient::Item};
use crate::transport::CallPolicy;

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
    pub fn is_public(&self) -> bool {
        self.privacy == "public"
    }

    pub(super) fn read(item: Item<'_>) -> Option<Self> {
        let reasons = [
            "/status/failureReason",
            "/status/rejectionReason",
            "/processingDetails/processingFailureReason",
        ];
        let status = item.0.pointer("/status").and_then(Value::as_object);
        Some(Self {
            id: item.string("/id")?,
            title: item.string("/snippet/title").unwrap_or_default(),
            tags: item.texts("/snippet/tags"),
            uploaded_at: item.time("/snippet/publishedAt"),
            privacy: item.string("/status/privacyStatus").unwrap_or_default(),
            publish_at: item.time("/status/publishAt"),
            upload_status: item.string("/status/uploadStatus").unwrap_or_default(),
            reason: reasons.into_iter().find_map(|reason| item.string(reason)),
            processing_status: item.string("/processingDetails/processingStatus"),
            file_size: item
                .count("/fileDetails/fileSize")
                .and_then(|size| u64::try_from(size).ok()),
            file_name: item.string("/fileDetails/fileName"),
            status: status.cloned().unwrap_or_default(),
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
    let is_public = publication == Publication::Now;
    let privacy = if is_public { "public" } else { "private" };
    status.insert("privacyStatus".to_owned(), privacy.into());
    if let Publication::At(at) = publication {
        status.insert("publishAt".to_owned(), instant(at).into());
    }
    Value::Object(status)
}

/// Most ids in one `videos.list`.
pub const MAX_IDS: usize = 50;

/// Largest thumbnail that YouTube takes.
pub const MAX_THUMBNAIL: usize = 52_428_800;

impl YouTube {
    /// Our own videos with these ids, at most [`MAX_IDS`]. Deleted and foreign ones are missing from the answer.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn own_videos(
        &self,
        token: &AccessToken,
        ids: &[String],
        deadline: Instant,
    ) -> Result<Vec<OwnVideo>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = ids[..ids.len().min(MAX_IDS)].join(",");
        let query = [
            ("part", "snippet,status,fileDetails,processingDetails"),
            ("id", &ids),
        ];
        match self
            .get("videos.list", "videos", token, &query, deadline)
            .await
        {
            Ok(answer) => Ok(Item(&answer).items().filter_map(OwnVideo::read).collect()),
            Err(error) if error.kind() == Some(ErrorKind::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Changes when a video is published, and nothing else about it.
    ///
    /// # Errors
    ///
    /// [`Error`]; [`ErrorKind::NotFound`] when the video is gone.
    pub async fn set_publication(
        &self,
        token: &AccessToken,
        video: &OwnVideo,
        publication: Publication,
        deadline: Instant,
    ) -> Result<OwnVideo, Error> {
        let body = json!({ "id": video.id, "status": status(video, publication) }).to_string();
        let url = self.data_url("/youtube/v3/videos");
        // The whole status is replaced, so doing it twice is doing it once; each attempt costs 50 units.
        let policy = Self::read_policy("videos.update", deadline).attempts(2);
        let answer = self
            .call(&policy, |http| {
                http.put(&url)
                    .query(&[("part", "status"), ("prettyPrint", "false")])
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_TYPE, "application/json; charset=UTF-8")
                    .body(body.clone())
            })
            .await?;
        let value = json_object(&answer)?;
        Ok(OwnVideo::read(Item(&value)).unwrap_or_else(|| video.clone()))
    }

    /// Sets a video's thumbnail.
    ///
    /// # Errors
    ///
    /// [`Error`]. A failure says nothing about the video.
    pub async fn set_thumbnail(
        &self,
        token: &AccessToken,
        id: &str,
        image: Bytes,
        media_type: &str,
        deadline: Instant,
    ) -> Result<(), Error> {
        let url = self.data_url("/upload/youtube/v3/thumbnails/set");
        let policy = CallPolicy::safe(SERVICE, "thumbnails.set")
            .attempts(1)
            .deadline(deadline);
        self.call(&policy, |http| {
            http.post(&url)
                .query(&[("videoId", id), ("uploadType", "media")])
                .bearer_auth(token.expose())
                .header(header::CONTENT_TYPE, media_type)
                .body(image.clone())
        })
        .await
        .map(drop)
    }
}

#[cfg(test)]
mod tests;
