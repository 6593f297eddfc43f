//! Reading the bytes of a chunk.

use axum::body::Body;
use futures_util::StreamExt as _;

use crate::youtube::session::RunningHash;

/// What the server keeps of an interrupted chunk is a multiple of this, in bytes.
pub(super) const BLOCK: u64 = 262_144;

/// What came of reading a chunk.
pub(super) struct Received {
    /// Bytes read.
    pub(super) read: u64,
    /// Of these, what the server keeps if this was not the end.
    pub(super) stored: u64,
    /// The digest of what is kept; of all bytes when they came whole and the file ends with them.
    pub(super) hash: RunningHash,
}

/// Reads at most `limit` of the expected bytes; `is_last` tells whether the file ends with them.
pub(super) async fn read_chunk(
    body: Body,
    hash: RunningHash,
    expected: u64,
    is_last: bool,
    limit: Option<u64>,
) -> Received {
    let mut stream = body.into_data_stream();
    let mut received = Received {
        read: 0,
        stored: 0,
        hash,
    };
    let mut pending: Vec<u8> = Vec::with_capacity(BLOCK as usize);
    let limit = limit.unwrap_or(u64::MAX).min(expected);
    while received.read < limit {
        let Some(Ok(bytes)) = stream.next().await else {
            break;
        };
        let left = usize::try_from(limit - received.read).unwrap_or(usize::MAX);
        let mut rest = &bytes[..bytes.len().min(left)];
        received.read += rest.len() as u64;
        while !rest.is_empty() {
            let (block, after) = rest.split_at((BLOCK as usize - pending.len()).min(rest.len()));
            pending.extend_from_slice(block);
            rest = after;
            if pending.len() == BLOCK as usize {
                received.hash.update(&pending);
                received.stored += BLOCK;
                pending.clear();
            }
        }
    }
    if received.read == expected && is_last {
        received.hash.update(&pending);
    }
    received
}
