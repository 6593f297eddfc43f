//! The uploads playlist of a channel, page by page, newest upload first.

use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use super::{AccessToken, Error, ErrorKind, YouTube, lenient::Item};

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadsPage {
    /// Its entries.
    pub items: Vec<Upload>,
    /// The next page; absent on the last one, whatever the number of items.
    pub next: Option<String>,
    /// YouTube's estimate of all items.
    pub total: Option<i64>,
}

/// An entry of the playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// YouTube's id of the video.
    pub video_id: String,
    /// When it was uploaded.
    pub uploaded_at: Option<Timestamp>,
    /// When it became public; absent while it never was.
    pub published_at: Option<Timestamp>,
}

impl UploadsPage {
    /// When the oldest of the page was uploaded, if YouTube tells.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.items.iter().filter_map(|item| item.uploaded_at).min()
    }

    pub(super) fn read(body: &Value) -> Self {
        let body = Item(body);
        let upload = |item: Item<'_>| {
            Some(Upload {
                video_id: item
                    .string("/contentDetails/videoId")
                    .or_else(|| item.string("/snippet/resourceId/videoId"))?,
                uploaded_at: item.time("/snippet/publishedAt"),
                published_at: item.time("/contentDetails/videoPublishedAt"),
            })
        };
        Self {
            items: body.items().filter_map(upload).collect(),
            next: body.string("/nextPageToken"),
            total: body.count("/pageInfo/totalResults"),
        }
    }
}

impl YouTube {
    /// One page, for 1 unit of quota. A channel that never uploaded may have no such playlist: an empty page.
    ///
    /// # Errors
    ///
    /// [`Error`]; [`ErrorKind::InvalidPageToken`] when the page is no longer known.
    pub async fn uploads(
        &self,
        token: &AccessToken,
        playlist: &str,
        page: Option<&str>,
        deadline: Instant,
    ) -> Result<UploadsPage, Error> {
        let mut query = vec![
            ("part", "snippet,contentDetails"),
            (
                "fields",
                "nextPageToken,pageInfo/totalResults,\
                 items(contentDetails(videoId,videoPublishedAt),snippet(publishedAt,resourceId/videoId))",
            ),
            ("playlistId", playlist),
            ("maxResults", "50"),
        ];
        query.extend(page.map(|page| ("pageToken", page)));
        let (operation, resource) = ("playlistItems.list", "playlistItems");
        match self.get(operation, resource, token, &query, deadline).await {
            Ok(body) => Ok(UploadsPage::read(&body)),
            Err(error) if error.kind() == Some(ErrorKind::NotFound) => Ok(UploadsPage::default()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_page_in_the_middle_has_a_next_one() {
        let page = UploadsPage::read(
            &json!({"nextPageToken": "EAAaBlBUOkNESQ", "pageInfo": {"totalResults": 123},
            "items": [{"contentDetails": {"videoId": "a", "videoPublishedAt": "2026-01-02T03:04:05Z"}},
                      {"contentDetails": {"videoId": "b"}, "snippet": {"publishedAt": "2026-01-01T00:00:00Z"}},
                      {"snippet": {"resourceId": {"videoId": "c"}}},
                      {"contentDetails": {}}, null, "odd"]}),
        );
        assert_eq!(page.items.len(), 3);
        assert_eq!(page.next.as_deref(), Some("EAAaBlBUOkNESQ"));
        assert!(page.items[1].published_at.is_none());
        assert_eq!(page.oldest(), "2026-01-01T00:00:00Z".parse().ok());
        let last = UploadsPage::read(&json!({"items": []}));
        assert!(last.next.is_none() && last.oldest().is_none());
    }
}
