//! Videos that are stored together.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::pass::Pass;
use clients::youtube::read::VideoResource;
use clients::youtube::uploads_playlist::UploadsPage;
use platform::db::DbError;

#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Pages of the catalogue in it.
    pub(super) pages: usize,
    /// YouTube's estimate of all videos.
    found: Option<i64>,
    /// By id: a list that moves while it is read shows a video twice.
    pub(super) videos: BTreeMap<String, VideoResource>,
    /// Ids of videos that are gone from YouTube.
    pub(super) gone: Vec<String>,
}

impl Batch {
    /// Adds a page of the catalogue with the resources of its videos.
    pub(super) fn add(&mut self, page: &UploadsPage, videos: Vec<VideoResource>) {
        self.pages += 1;
        self.found = page.total.or(self.found);
        let published: HashMap<&str, Option<Timestamp>> = page
            .items
            .iter()
            .map(|item| (item.video_id.as_str(), item.published_at))
            .collect();
        for mut video in videos {
            let Some(listed) = published.get(video.id.as_str()) else {
                continue;
            };
            // The playlist tells when a video became public, the resource when it was uploaded.
            video.published_at = match listed {
                None if video.privacy.as_deref() == Some("private") => None,
                None => video.published_at,
                at => *at,
            };
            self.videos.insert(video.id.clone(), video);
        }
    }

    /// Stores it, with the page of the catalogue that comes next. Answers how many of the videos are new.
    pub(super) async fn save(
        &self,
        pass: &Pass<'_>,
        page_token: Option<&str>,
    ) -> Result<i64, DbError> {
        #[derive(Deserialize)]
        struct Saved {
            new: i64,
        }
        let videos: Vec<&VideoResource> = self.videos.values().collect();
        let arguments = json!({
            "p_videos": videos, "p_gone": self.gone, "p_page_token": page_token, "p_found": self.found,
        });
        let saved: Saved = pass.engine("save_videos", arguments).await?;
        Ok(saved.new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::youtube::uploads_playlist::Upload;

    fn video(id: &str, privacy: &str) -> VideoResource {
        VideoResource {
            id: id.into(),
            title: "t".into(),
            description: None,
            tags: Vec::new(),
            category_id: None,
            language: None,
            thumbnail_url: None,
            published_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            duration_seconds: None,
            privacy: Some(privacy.into()),
            upload_status: None,
            publish_at: None,
            broadcast: None,
            made_for_kids: None,
            contains_synthetic_media: None,
            views: None,
            likes: None,
            comments: None,
        }
    }

    #[test]
    fn a_private_video_was_never_published_and_a_video_listed_twice_counts_once() {
        let published: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let item = |id: &str, published_at| Upload {
            video_id: id.into(),
            published_at,
            ..Upload::default()
        };
        let page = UploadsPage {
            items: vec![
                item("a", Some(published)),
                item("b", None),
                item("c", None),
                item("a", Some(published)),
            ],
            next: None,
            total: Some(3),
        };
        let mut batch = Batch::default();
        batch.add(
            &page,
            vec![
                video("a", "public"),
                video("b", "private"),
                video("c", "unlisted"),
                video("x", "public"),
                video("a", "public"),
            ],
        );
        assert_eq!(batch.videos.len(), 3);
        assert_eq!(batch.videos["a"].published_at, Some(published));
        assert_eq!(batch.videos["b"].published_at, None);
        assert!(batch.videos["c"].published_at.is_some());
    }
}
