//! The catalogue: the uploads playlist, page after page, with the resources of its videos.

use std::collections::{BTreeMap, HashMap};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::failure::SyncError;
use super::pass::{CONCURRENCY, Job, Pass, PassKind, Progress};
use crate::channels::access::CallError;
use crate::pipeline::in_parts;
use clients::youtube::ErrorKind;
use clients::youtube::read::VideoResource;
use clients::youtube::uploads_playlist::UploadsPage;
use platform::db::DbError;

/// Pages in one write: what a killed process reads again at most.
const PAGES_PER_WRITE: usize = 4;

pub(super) async fn run(pass: &Pass<'_>, job: &Job) -> Result<Progress, SyncError> {
    let Some(playlist) = &job.uploads_playlist_id else {
        return Ok(Progress::Complete);
    };
    let newest_only = job.kind == Some(PassKind::Refresh);
    let mut pages = pages_with_videos(pass, playlist, job.page_token.clone());
    let mut batch = Batch::beginning_at(job.page_token.clone());
    let mut next = job.page_token.clone();
    let mut complete = false;
    while let Some(page) = pages.next().await {
        let (page, videos) = match page {
            Ok(page) => page,
            Err(error) if error.youtube_kind() == Some(ErrorKind::InvalidPageToken) => {
                // The list has moved on since this page was named: read it from its start, nothing is stored twice.
                Batch::default().save(pass, None).await?;
                return Ok(Progress::OutOfTime);
            }
            Err(error) => {
                batch.save(pass, next.as_deref()).await?;
                return Err(error.into());
            }
        };
        complete = page.next.is_none();
        next.clone_from(&page.next);
        batch.add(&page, videos);
        if batch.pages >= PAGES_PER_WRITE || complete || newest_only {
            let new = batch.save(pass, next.as_deref()).await?;
            batch = Batch::beginning_at(next.clone());
            if newest_only && new == 0 {
                return Ok(Progress::Complete);
            }
        }
    }
    if batch.pages > 0 {
        batch.save(pass, next.as_deref()).await?;
    }
    Ok(if complete {
        Progress::Complete
    } else {
        Progress::OutOfTime
    })
}

type PageWithVideos = Result<(UploadsPage, Vec<VideoResource>), CallError>;

/// Pages in order, each with its videos; the next page is read while the videos of earlier ones are.
fn pages_with_videos<'a>(
    pass: &'a Pass<'a>,
    playlist: &'a str,
    first: Option<String>,
) -> BoxStream<'a, PageWithVideos> {
    let pages = stream::unfold(Some(first), move |page| -> BoxFuture<'a, Option<_>> {
        Box::pin(async move {
            let page = page.filter(|_| !pass.out_of_time())?;
            let listed = list(pass, playlist, page.as_deref()).await;
            let next = listed.as_ref().ok().and_then(|page| page.next.clone());
            Some((listed, next.map(Some)))
        })
    });
    let with_videos = move |page: Result<UploadsPage, _>| -> BoxFuture<'a, PageWithVideos> {
        Box::pin(async move {
            let page = page?;
            let ids = page.items.iter().map(|item| item.video_id.clone());
            let ids: Vec<String> = ids.collect();
            let videos = pass.videos(&ids).await?;
            Ok((page, videos))
        })
    };
    pages.map(with_videos).buffered(CONCURRENCY).boxed()
}

async fn list(
    pass: &Pass<'_>,
    playlist: &str,
    page: Option<&str>,
) -> Result<UploadsPage, CallError> {
    pass.metered(&pass.units, |token| async move {
        let deadline = pass.deadline();
        pass.youtube.uploads(&token, playlist, page, deadline).await
    })
    .await
}

/// Videos that are stored together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The page of the catalogue that it begins with.
    first: Option<String>,
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
    fn beginning_at(page: Option<String>) -> Self {
        Self {
            first: page,
            ..Self::default()
        }
    }

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
        let saved: Vec<Saved> = in_parts(videos.len(), |part| {
            // Whoever dies between two parts begins with the first page again.
            let (gone, page) = match part.end == videos.len() {
                true => (self.gone.as_slice(), page_token),
                false => (&[][..], self.first.as_deref()),
            };
            let arguments = json!({
                "p_videos": &videos[part], "p_gone": gone, "p_page_token": page, "p_found": self.found,
            });
            pass.engine("save_videos", arguments)
        })
        .await?;
        Ok(saved.iter().map(|saved| saved.new).sum())
    }
}

#[cfg(test)]
mod tests;
