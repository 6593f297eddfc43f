//! Where the columns of the file stand.

use super::records::{Record, RowError};

/// Where the columns stand.
pub(super) struct Columns {
    pub(super) title: usize,
    pub(super) published_at: usize,
    pub(super) views: usize,
    pub(super) likes: usize,
    pub(super) comments: usize,
    pub(super) video_id: Option<usize>,
    pub(super) format: Option<usize>,
    pub(super) observed_on: Option<usize>,
    pub(super) channel_title: Option<usize>,
}

impl Columns {
    pub(super) fn find(header: &Record) -> Result<Self, RowError> {
        let error = |place, message| RowError::at(header.line, place, message);
        let find = |name: &str| -> Result<Option<usize>, RowError> {
            let mut places = (0..header.fields.len())
                .filter(|&place| header.fields[place].trim().eq_ignore_ascii_case(name));
            let first = places.next();
            match places.next() {
                Some(second) => Err(error(second, format!("is a second column `{name}`"))),
                None => Ok(first),
            }
        };
        let need = |name: &str| -> Result<usize, RowError> {
            find(name)?.ok_or_else(|| {
                let message = format!(
                    "the header has no column `{name}`; needed are title, published_at, views, likes and comments"
                );
                error(header.fields.len(), message)
            })
        };
        Ok(Self {
            title: need("title")?,
            published_at: need("published_at")?,
            views: need("views")?,
            likes: need("likes")?,
            comments: need("comments")?,
            video_id: find("video_id")?,
            format: find("format")?,
            observed_on: find("observed_on")?,
            channel_title: find("channel_title")?,
        })
    }
}
