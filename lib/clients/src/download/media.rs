//! What headers and first bytes say about a file.

use http::{HeaderMap, header};

pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    length.parse().ok()
}

/// Start and, where told, total of `Content-Range: bytes a-b/n`.
pub(super) fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let value = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let value = value.trim().strip_prefix("bytes")?.trim_start();
    let (range, total) = value.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    Some((start.trim().parse().ok()?, total))
}

pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = value.unwrap_or_default().split(';').next();
    media_type.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Types under which hosts serve an MP4; the first bytes decide in the end.
pub(super) fn is_video_type(media_type: &str) -> bool {
    matches!(
        media_type,
        "" | "video/mp4"
            | "video/quicktime"
            | "video/x-m4v"
            | "application/mp4"
            | "application/octet-stream"
            | "binary/octet-stream"
    )
}

/// An ISO base media file starts with a `ftyp` box of a plausible size.
pub(super) fn is_mp4(head: &[u8]) -> bool {
    let Some((size, rest)) = head.split_first_chunk::<4>() else {
        return false;
    };
    rest.len() >= 8 && rest.starts_with(b"ftyp") && (8..=4096).contains(&u32::from_be_bytes(*size))
}
