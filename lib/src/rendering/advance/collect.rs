//! Collecting a finished video.

use std::time::Duration;

use serde_json::json;

use super::poll::Progress;
use super::work::{Failure, Run, Work};
use crate::{pipeline::Outcome, rendering::provider::fetcher, rendering::render::State};
use clients::download::{FetchError, Fetcher, FileFacts, MediaUrl};
use clients::revid::FinishedVideo;
use platform::db::DbError;

/// Files up to this size are read through and hashed.
const HASH_UP_TO: u64 = 64 * 1024 * 1024;

impl Run<'_> {
    /// Checks that the file is a video, and stores what is known about it.
    pub(super) async fn collect(
        &self,
        work: &Work,
        video: FinishedVideo,
    ) -> Result<Outcome, DbError> {
        let fetcher = match fetcher(self.ctx.config()) {
            Ok(fetcher) => fetcher,
            Err(error) => return Ok(Outcome::retry("http_client", error.to_string())),
        };
        match self.inspect(fetcher, &video.file).await {
            Ok((url, facts)) => self.finish(fetcher, video, &url, facts).await,
            Err(error) if error.is_transient() => {
                tracing::warn!(error = %error, "a finished file could not be read");
                self.wait_or_time_out(work, self.schedule.early, "file_unavailable")
                    .await
            }
            Err(error) => self.file_unusable(work, &error, video.credits).await,
        }
    }

    async fn inspect(
        &self,
        fetcher: &Fetcher,
        address: &str,
    ) -> Result<(MediaUrl, FileFacts), FetchError> {
        let url = fetcher.check(address)?;
        let limit = self.ctx.time_left().min(Duration::from_secs(12));
        let facts = match tokio::time::timeout(limit, fetcher.inspect(&url, HASH_UP_TO)).await {
            Ok(facts) => facts?,
            // Too slow to be read through: its size will do.
            Err(_) => fetcher.inspect(&url, 0).await?,
        };
        Ok((url, facts))
    }

    async fn finish(
        &self,
        fetcher: &Fetcher,
        video: FinishedVideo,
        url: &MediaUrl,
        facts: FileFacts,
    ) -> Result<Outcome, DbError> {
        let thumbnail = video
            .thumbnail
            .filter(|address| fetcher.check(address).is_ok());
        let file = json!({
            "url": url.as_str(),
            "etag": facts.etag,
            "bytes": facts.bytes,
            "content_type": facts.content_type,
            "sha256": facts.sha256,
            "duration_seconds": video.seconds,
            "thumbnail_url": thumbnail,
        });
        let arguments = json!({ "p_file": file, "p_credits": video.credits });
        let finished: bool = self.fenced("finish_render", arguments).await?;
        tracing::info!(render.id = %self.claim.subject_id, finished, "a render is ready");
        Ok(Outcome::Done)
    }

    /// The file is not acceptable. It may only not be there yet, so this counts as an odd answer first.
    async fn file_unusable(
        &self,
        work: &Work,
        error: &FetchError,
        credits: Option<u32>,
    ) -> Result<Outcome, DbError> {
        tracing::warn!(error = %error, "a finished file is not acceptable");
        let progress = Progress {
            running: true,
            percent: Some(100),
            odd: true,
        };
        let too_odd = self.record_poll(progress).await?;
        if !too_odd && work.state != State::TimedOutUnknown {
            return self
                .wait_or_time_out(work, self.schedule.early, "file_not_acceptable")
                .await;
        }
        let message = format!(
            "The render service says that the video is ready, but {error}. Render again; what this one cost stays counted."
        );
        let (code, message) = ("file_unusable", &*message);
        let failure = Failure {
            code,
            message,
            charged: true,
            credits,
            ..Failure::default()
        };
        self.record_failure(failure).await?;
        Ok(Outcome::Done)
    }
}
