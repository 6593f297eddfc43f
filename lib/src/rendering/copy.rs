//! `render.copy`: copies the file of a finished render to our own storage, once.
//!
//! Until then the file is read from the provider, which does not say how long it keeps it. The copy's name is the render's
//! own and Storage keeps whole files only, so it does not matter how often this step is killed: the next run either finds
//! the copy or makes it.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::json;

use super::copies::{copies, copy_name};
use super::source::{SourceError, source_of};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use clients::download::FetchError;
use clients::hex;
use clients::storage::{Bucket, StorageError};
use platform::db::DbError;
use platform::ids::{ChannelId, RenderId};

/// Name of the step.
pub const KIND: &str = "render.copy";

/// How long one file may take. The claim's lease is kept meanwhile.
const LONGEST: Duration = Duration::from_secs(110);

/// A finished render without a copy.
#[derive(Debug, Deserialize)]
struct Work {
    id: RenderId,
    channel_id: ChannelId,
    bytes: u64,
}

/// Why there is no copy yet.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<CopyError> for Outcome {
    fn from(error: CopyError) -> Self {
        let (code, transient) = match &error {
            CopyError::Db(error) => return error.into(),
            CopyError::Source(SourceError::Db(error)) => return error.into(),
            CopyError::Source(error) => ("file_unreadable", error.is_transient()),
            CopyError::Storage(error) => ("storage_failed", error.is_transient()),
        };
        let error = StepError::new(code, error.to_string());
        match transient {
            true => Self::Retry { after: None, error },
            false => Self::Discard { error },
        }
    }
}

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    copy(ctx, claim)
        .await
        .map_or_else(Outcome::from, |()| Outcome::Done)
}

async fn copy(ctx: &StepCtx, claim: &Claim) -> Result<(), CopyError> {
    let render = json!({"p_render": claim.subject_id});
    let work: Option<Work> = ctx
        .fenced(claim, "open_render_copy", render.clone())
        .await?;
    let Some(work) = work else {
        return Ok(());
    };
    let copies = copies(ctx.config());
    let name = copy_name(work.channel_id, work.id);
    let stored = copies.size(&name).await?;
    if stored != Some(work.bytes) {
        if stored.is_some() {
            copies.remove(std::slice::from_ref(&name)).await?;
        }
        send(ctx, &copies, &work, &name).await?;
    }
    let recorded: Result<bool, DbError> = ctx.fenced(claim, "finish_render_copy", render).await;
    match recorded {
        Ok(true) => Ok(()),
        // The channel is being erased: nothing of it may stay.
        Ok(false) => Ok(copies.remove(&[name]).await?),
        Err(error) if error.is_refusal("not_found") => Ok(copies.remove(&[name]).await?),
        Err(error) => Err(error.into()),
    }
}

/// Passes the file on as it comes. Another run may have been faster, which is as good.
async fn send(ctx: &StepCtx, copies: &Bucket, work: &Work, name: &str) -> Result<(), CopyError> {
    let source = source_of(ctx.config(), work.id).await?;
    let file = source.open(0).await?;
    let pieces = verified(
        file.part(source.total()),
        source.sha256().map(str::to_owned),
    );
    let total = source.total();
    let stored = copies
        .store(name, "video/mp4", total, pieces, Instant::now() + LONGEST)
        .await;
    if let Some(error) = file.failure().await {
        return Err(error.into());
    }
    stored?;
    tracing::info!(render.id = %work.id, bytes = total, "a rendered file was copied");
    Ok(())
}

/// The same pieces, the last of which is held back until the digest of all is right: a body that ends early is not stored.
fn verified(
    pieces: impl Stream<Item = Result<Bytes, FetchError>> + Send + 'static,
    sha256: Option<String>,
) -> impl Stream<Item = Result<Bytes, FetchError>> + Send + 'static {
    let start = (
        Box::pin(pieces),
        Context::new(&SHA256),
        None::<Bytes>,
        sha256,
    );
    stream::try_unfold(start, async |(mut pieces, mut digest, mut held, sha256)| {
        while let Some(piece) = pieces.next().await.transpose()? {
            digest.update(&piece);
            if let Some(before) = held.replace(piece) {
                return Ok(Some((before, (pieces, digest, held, sha256))));
            }
        }
        let Some(last) = held.take() else {
            return Ok(None);
        };
        let made = hex(digest.clone().finish().as_ref());
        match sha256 {
            Some(wanted) if wanted != made => Err(FetchError::Changed),
            _ => Ok(Some((last, (pieces, digest, None, None)))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn passed(sha256: &str) -> Vec<Result<Bytes, FetchError>> {
        let pieces = ["a", "b", "c"].map(|piece| Ok(Bytes::from(piece)));
        verified(stream::iter(pieces), Some(sha256.to_owned()))
            .collect()
            .await
    }

    #[tokio::test]
    async fn a_file_is_passed_on_piece_by_piece_when_its_digest_is_right() {
        let passed =
            passed("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").await;
        assert_eq!(passed, ["a", "b", "c"].map(|piece| Ok(Bytes::from(piece))));
    }

    #[tokio::test]
    async fn the_end_of_another_file_is_held_back() {
        let passed = passed("00").await;
        assert_eq!(passed.last(), Some(&Err(FetchError::Changed)));
        assert_eq!(passed.len(), 3, "all but the last piece, and the error");
    }
}
