//! Catalogues: a channel's uploads with their totals, as CSV.

use std::{io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::rfc3339;

/// One upload and its present totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogRow {
    /// The title as the viewer sees it.
    pub title: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Views to date.
    #[serde(default, deserialize_with = "or_zero")]
    pub views: u64,
    /// Likes to date; absent when they are hidden.
    #[serde(default)]
    pub likes: Option<u64>,
    /// Comments to date; absent when they are switched off.
    #[serde(default)]
    pub comments: Option<u64>,
}

fn or_zero<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(0))
}

/// Reads a catalogue with the columns `title,published_at,views,likes,comments`; other columns are passed over, empty
/// likes and comments are absent ones.
///
/// # Errors
/// When the file is not such a CSV.
pub fn read_catalog(path: &Path) -> Result<Vec<CatalogRow>, csv::Error> {
    let mut builder = csv::ReaderBuilder::new();
    builder.flexible(true).trim(csv::Trim::All);
    builder.from_path(path)?.deserialize().collect()
}

/// Writes a catalogue as CSV, with a header line.
///
/// # Errors
/// When it cannot be written.
pub fn write_catalog(to: impl io::Write, rows: &[CatalogRow]) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(["title", "published_at", "views", "likes", "comments"])?;
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    for row in rows {
        writer.write_record([
            row.title.clone(),
            rfc3339(row.published_at),
            row.views.to_string(),
            number(row.likes),
            number(row.comments),
        ])?;
    }
    Ok(writer.flush()?)
}
