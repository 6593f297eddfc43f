//! The `Content-Range` header of a chunk or status query.

use crate::request::Head;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentRange {
    /// `bytes */TOTAL`
    Status(Option<u64>),
    /// `bytes FIRST-LAST/TOTAL`
    Bytes {
        first: u64,
        last: u64,
        total: Option<u64>,
    },
    /// No header: the whole file.
    Whole,
    Malformed,
}

impl ContentRange {
    pub(super) fn read(head: &Head) -> Self {
        match head.header("content-range") {
            None => Self::Whole,
            Some(text) => Self::parse(text).unwrap_or(Self::Malformed),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
        let total: Option<u64> = if total == "*" {
            None
        } else {
            Some(total.parse().ok()?)
        };
        if range == "*" {
            return Some(Self::Status(total));
        }
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let is_within = first <= last && total.is_none_or(|total| last < total);
        is_within.then_some(Self::Bytes { first, last, total })
    }
}

/// The names of a call to a session.
pub(in crate::youtube) fn operations(head: &Head) -> Vec<&'static str> {
    match ContentRange::read(head) {
        ContentRange::Status(_) => vec!["upload.status"],
        ContentRange::Bytes { last, total, .. } if total != Some(last + 1) => vec!["upload.chunk"],
        ContentRange::Malformed => vec!["upload.chunk"],
        ContentRange::Bytes { .. } | ContentRange::Whole => vec!["upload.chunk", "upload.final"],
    }
}
