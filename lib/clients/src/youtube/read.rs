//! Reading a channel and its videos.
//!
//! One unit of quota for each call, whatever it asks for, so every call asks for all it may need.

use super::lenient::Item;
pub use super::resources::{ChannelResource, Counters, VideoResource};
use super::resources::{read_channel, read_video};
use super::{AccessToken, Error, YouTube};
use std::time::Instant;

/// Most ids or items in one call.
pub const PAGE: usize = 50;

impl YouTube {
    /// The channel that the token was given for. A Google account without one gives `None`.
    ///
    /// # Errors
    ///
    /// [`Error`]; an account that never had a channel may also be refused with
    /// [`ErrorKind::NoChannel`](super::ErrorKind::NoChannel).
    pub async fn my_channel(
        &self,
        token: &AccessToken,
        deadline: Instant,
    ) -> Result<Option<ChannelResource>, Error> {
        let body = self
            .get_json(
                &Self::read_policy("channels.list", deadline),
                token,
                &self.data_url("/youtube/v3/channels"),
                &[
                    ("part", "id,snippet,contentDetails,statistics,status"),
                    ("mine", "true"),
                    ("prettyPrint", "false"),
                ],
            )
            .await?;
        Ok(Item(&body).items().find_map(read_channel))
    }

    /// Full resources of at most 50 videos. What is deleted or not visible is simply not among them.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn videos(
        &self,
        token: &AccessToken,
        ids: &[String],
        deadline: Instant,
    ) -> Result<Vec<VideoResource>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let body = self
            .get_json(
                &Self::read_policy("videos.list", deadline),
                token,
                &self.data_url("/youtube/v3/videos"),
                &[
                    ("part", "id,snippet,contentDetails,statistics,status"),
                    ("id", &ids.join(",")),
                    ("prettyPrint", "false"),
                ],
            )
            .await?;
        Ok(Item(&body).items().filter_map(read_video).collect())
    }

    /// Counters of at most 50 videos, from a bucket of their own. Some may be missing without being gone.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn counters(
        &self,
        token: &AccessToken,
        ids: &[String],
        deadline: Instant,
    ) -> Result<Vec<Counters>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let body = self
            .get_json(
                &Self::read_policy("videos.batchGetStats", deadline),
                token,
                &self.data_url("/youtube/v3/videos:batchGetStats"),
                &[
                    ("part", "id,statistics"),
                    ("id", &ids.join(",")),
                    ("prettyPrint", "false"),
                ],
            )
            .await?;
        Ok(Item(&body)
            .items()
            .filter_map(|item| {
                Some(Counters {
                    id: item.string("/id")?,
                    views: item.count("/statistics/viewCount"),
                    likes: item.count("/statistics/likeCount"),
                    comments: item.count("/statistics/commentCount"),
                })
            })
            .collect())
    }
}

#[cfg(test)]
mod tests;
