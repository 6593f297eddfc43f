//! Reading a channel and its videos.
//!
//! One unit of quota for each call, whatever it asks for, so every call asks for all it may need.

use std::time::Instant;

use jiff::Timestamp;

use super::lenient::{Item, duration_seconds};
use super::{AccessToken, Error, YouTube};

/// Most ids or items in one call.
pub const PAGE: usize = 50;

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

fn read_channel(item: Item<'_>) -> Option<ChannelResource> {
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
        long_uploads: item
            .text("/status/longUploadsStatus")
            .and_then(|status| match status {
                "allowed" => Some(true),
                "eligible" | "disallowed" => Some(false),
                _ => None,
            }),
        id,
    })
}

fn read_video(item: Item<'_>) -> Option<VideoResource> {
    Some(VideoResource {
        id: item.string("/id")?,
        title: storable(item.string("/snippet/title")).unwrap_or_default(),
        description: storable(item.string("/snippet/description")),
        tags: item
            .texts("/snippet/tags")
            .into_iter()
            .filter_map(|tag| storable(Some(tag)))
            .collect(),
        category_id: storable(item.string("/snippet/categoryId")),
        language: storable(
            item.string("/snippet/defaultAudioLanguage")
                .or_else(|| item.string("/snippet/defaultLanguage")),
        ),
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
fn storable(text: Option<String>) -> Option<String> {
    text.map(|text| {
        if text.contains('\0') {
            text.replace('\0', "")
        } else {
            text
        }
    })
}

/// The picture of middle size, else any.
fn thumbnail(item: Item<'_>) -> Option<String> {
    ["medium", "high", "default", "standard", "maxres"]
        .into_iter()
        .find_map(|size| item.string(&format!("/snippet/thumbnails/{size}/url")))
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_channel_is_read() {
        let body = json!({"kind":"youtube#channelListResponse","pageInfo":{"totalResults":1,"resultsPerPage":5},
         "items":[{"kind":"youtube#channel","id":"UC1",
          "snippet":{"title":"T","customUrl":"@handle","publishedAt":"2015-01-02T03:04:05Z",
                     "thumbnails":{"default":{"url":"https://i/d","width":88,"height":88},"medium":{"url":"https://i/m"}}},
          "contentDetails":{"relatedPlaylists":{"likes":"","uploads":"UU1"}},
          "statistics":{"viewCount":"123","subscriberCount":"1230","hiddenSubscriberCount":false,"videoCount":"42"},
          "status":{"privacyStatus":"public","longUploadsStatus":"eligible"}}]});
        let channel = Item(&body).items().find_map(read_channel).unwrap();
        assert_eq!(channel.uploads_playlist_id.as_deref(), Some("UU1"));
        assert_eq!(channel.subscriber_count, Some(1230));
        assert_eq!(channel.thumbnail_url.as_deref(), Some("https://i/m"));
        assert_eq!(channel.long_uploads, Some(false));
    }

    #[test]
    fn an_account_without_a_channel_has_no_items() {
        let body = json!({"kind":"youtube#channelListResponse","etag":"RuuXzTIr0OoDqI4S0RU6n4FqKEM",
            "pageInfo":{"totalResults":0,"resultsPerPage":5}});
        assert!(Item(&body).items().find_map(read_channel).is_none());
    }

    #[test]
    fn a_video_is_read_with_what_is_hidden_left_out() {
        let body = json!({"items":[{"id":"v1","snippet":{"publishedAt":"2026-01-02T03:04:05Z","title":"A\u{0}B","tags":["x"],
            "categoryId":"22","liveBroadcastContent":"none"},"contentDetails":{"duration":"PT1H1S","caption":"true"},
            "statistics":{"viewCount":"18446744073709551615","commentCount":"0"},
            "status":{"uploadStatus":"processed","privacyStatus":"public","madeForKids":false,"somethingNew":"x"}},
            {"snippet":{"title":"no id"}}]});
        let videos: Vec<_> = Item(&body).items().filter_map(read_video).collect();
        assert_eq!(videos.len(), 1);
        let video = &videos[0];
        assert_eq!(video.title, "AB");
        assert_eq!(video.duration_seconds, Some(3601));
        assert_eq!(
            (video.views, video.likes, video.comments),
            (None, None, Some(0))
        );
        assert_eq!(video.made_for_kids, Some(false));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            let name = prop_oneof![
                Just("items".to_owned()),
                Just("id".to_owned()),
                Just("snippet".to_owned()),
                Just("statistics".to_owned()),
                Just("contentDetails".to_owned()),
                Just("videoId".to_owned()),
                "[a-z]{1,4}"
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(name, inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_readers(body in any_json()) {
            let item = Item(&body);
            let _ = item.items().filter_map(read_video).count();
            let _ = item.items().find_map(read_channel);
            let _ = crate::youtube::uploads_playlist::UploadsPage::read(&body);
        }
    }
}
