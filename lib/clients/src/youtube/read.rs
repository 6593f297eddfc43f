//! Reading a channel and its videos.
//!
//! One unit of quota for each call, whatever it asks for, so every call asks for all it may need.

use std::time::Instant;

use jiff::Timestamp;

use super::lenient::{Item, duration_seconds};
use super::{AccessToken, Error, YouTube};

/// A channel as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelResource {
    /// YouTube's id (`UC…`).
    pub id: String,
    /// Title.
    pub title: String,
    /// Handle with its `@`.
    pub handle: Option<String>,
    /// Picture.
    pub thumbnail_url: Option<String>,
    /// The playlist of all uploads. Read, never derived from the channel's id.
    pub uploads_playlist_id: Option<String>,
    /// Subscribers, rounded by YouTube; absent when hidden.
    pub subscriber_count: Option<i64>,
    /// Public videos.
    pub video_count: Option<i64>,
    /// Whether videos of more than 15 minutes are accepted; `None` when YouTube does not say.
    pub long_uploads: Option<bool>,
}

/// A video as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct VideoResource {
    /// YouTube's id.
    #[serde(rename = "youtube_video_id")]
    pub id: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Category.
    pub category_id: Option<String>,
    /// Language of the speech, or of the title.
    pub language: Option<String>,
    /// Picture.
    pub thumbnail_url: Option<String>,
    /// `snippet.publishedAt`, which YouTube by now calls the time of upload.
    pub published_at: Option<Timestamp>,
    /// Length.
    pub duration_seconds: Option<i64>,
    /// `public`, `unlisted`, `private`.
    pub privacy: Option<String>,
    /// `uploaded`, `processed`, `failed`, `rejected`, `deleted`.
    pub upload_status: Option<String>,
    /// When YouTube will make it public.
    pub publish_at: Option<Timestamp>,
    /// `none`, `upcoming`, `live`, `completed`.
    pub broadcast: Option<String>,
    /// Made for kids.
    pub made_for_kids: Option<bool>,
    /// Holds altered or synthetic content.
    pub contains_synthetic_media: Option<bool>,
    /// Public counter; absent when hidden.
    pub views: Option<i64>,
    /// Public counter; absent when hidden.
    pub likes: Option<i64>,
    /// Public counter; absent when comments are off.
    pub comments: Option<i64>,
}

/// Counters of one video.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Counters {
    /// YouTube's id.
    #[serde(rename = "youtube_video_id")]
    pub id: String,
    /// Views.
    pub views: Option<i64>,
    /// Likes.
    pub likes: Option<i64>,
    /// Comments.
    pub comments: Option<i64>,
}

pub(super) fn read_channel(item: Item<'_>) -> Option<ChannelResource> {
    let id = item.string("/id")?;
    Some(ChannelResource {
        title: storable(item.string("/snippet/title")).unwrap_or_else(|| id.clone()),
        handle: storable(item.string("/snippet/customUrl")),
        thumbnail_url: thumbnail(item),
        uploads_playlist_id: item.string("/contentDetails/relatedPlaylists/uploads"),
        subscriber_count: item
            .count("/statistics/subscriberCount")
            .filter(|_| item.flag("/statistics/hiddenSubscriberCount") != Some(true)),
        video_count: item.count("/statistics/videoCount"),
        long_uploads: match item.text("/status/longUploadsStatus") {
            Some("allowed") => Some(true),
            Some("eligible" | "disallowed") => Some(false),
            _ => None,
        },
        id,
    })
}

pub(super) fn read_video(item: Item<'_>) -> Option<VideoResource> {
    let language = item
        .text("/snippet/defaultAudioLanguage")
        .or(item.text("/snippet/defaultLanguage"));
    let tags = item.texts("/snippet/tags").into_iter();
    Some(VideoResource {
        id: item.string("/id")?,
        title: storable(item.string("/snippet/title")).unwrap_or_default(),
        description: storable(item.string("/snippet/description")),
        tags: tags.filter_map(|tag| storable(Some(tag))).collect(),
        category_id: storable(item.string("/snippet/categoryId")),
        language: storable(language.map(str::to_owned)),
        thumbnail_url: thumbnail(item),
        published_at: item.time("/snippet/publishedAt"),
        duration_seconds: item
            .text("/contentDetails/duration")
            .and_then(duration_seconds),
        privacy: storable(item.string("/status/privacyStatus")),
        upload_status: storable(item.string("/status/uploadStatus")),
        publish_at: item.time("/status/publishAt"),
        broadcast: storable(item.string("/snippet/liveBroadcastContent")),
        made_for_kids: item.flag("/status/madeForKids"),
        contains_synthetic_media: item.flag("/status/containsSyntheticMedia"),
        views: item.count("/statistics/viewCount"),
        likes: item.count("/statistics/likeCount"),
        comments: item.count("/statistics/commentCount"),
    })
}

/// Postgres stores no NUL.
pub(super) fn storable(text: Option<String>) -> Option<String> {
    text.map(|text| text.replace('\0', ""))
}

/// The picture of middle size, else any.
pub(super) fn thumbnail(item: Item<'_>) -> Option<String> {
    ["medium", "high", "default", "standard", "maxres"]
        .into_iter()
        .find_map(|size| item.string(&format!("/snippet/thumbnails/{size}/url")))
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// What is asked for of a channel or a video.
const PARTS: &str = "id,snippet,contentDetails,statistics,status";

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
        let query = [("part", PARTS), ("mine", "true")];
        let body = self
            .get("channels.list", "channels", token, &query, deadline)
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
        let query = [("part", PARTS), ("id", &ids.join(","))];
        let body = self
            .get("videos.list", "videos", token, &query, deadline)
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
        let query = [("part", "id,statistics"), ("id", &ids.join(","))];
        let (operation, resource) = ("videos.batchGetStats", "videos:batchGetStats");
        let body = self
            .get(operation, resource, token, &query, deadline)
            .await?;
        let counters = |item: Item<'_>| {
            Some(Counters {
                id: item.string("/id")?,
                views: item.count("/statistics/viewCount"),
                likes: item.count("/statistics/likeCount"),
                comments: item.count("/statistics/commentCount"),
            })
        };
        Ok(Item(&body).items().filter_map(counters).collect())
    }
}

#[cfg(test)]
mod tests;
