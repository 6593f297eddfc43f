//! What becomes of our own videos: is it processed, is it public, where is it; and changing when it is published.
//!
//! `videos.update` replaces every field of a part it is given: what is not sent again is lost. So a change starts from
//! what `videos.list` says now ([`OwnVideo`]) and sends all of it back.

use super::own_video::status;
pub use super::own_video::{OwnVideo, Publication};
use super::{AccessToken, Error, ErrorKind, SERVICE, YouTube, json_object, lenient::Item};
use crate::transport::CallPolicy;
use bytes::Bytes;
use http::header;
use serde_json::json;
use std::time::Instant;

/// Most ids in one `videos.list`.
pub const MAX_IDS: usize = 50;

/// Largest thumbnail that YouTube takes.
pub const MAX_THUMBNAIL: usize = 52_428_800;

impl YouTube {
    /// Our own videos with these ids, at most [`MAX_IDS`]. Deleted and foreign ones are missing from the answer.
    ///
    /// # Errors
    ///
    /// As [`YouTube::get_json`].
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
            ("prettyPrint", "false"),
        ];
        let policy = Self::read_policy("videos.list", deadline);
        match self
            .get_json(&policy, token, &self.data_url("/youtube/v3/videos"), &query)
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
    /// As [`YouTube::call`]; [`ErrorKind::NotFound`] when the video is gone.
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

    /// Deletes a video; one that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// As [`YouTube::call`].
    pub async fn delete_video(
        &self,
        token: &AccessToken,
        id: &str,
        deadline: Instant,
    ) -> Result<(), Error> {
        let url = self.data_url("/youtube/v3/videos");
        let policy = Self::read_policy("videos.delete", deadline).attempts(2);
        let deleted = self
            .call(&policy, |http| {
                http.delete(&url)
                    .query(&[("id", id)])
                    .bearer_auth(token.expose())
            })
            .await;
        match deleted {
            Err(error) if error.kind() != Some(ErrorKind::NotFound) => Err(error),
            _ => Ok(()),
        }
    }

    /// Sets a video's thumbnail.
    ///
    /// # Errors
    ///
    /// As [`YouTube::call`]. A failure says nothing about the video.
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
