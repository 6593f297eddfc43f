//! Catalogues: a channel's uploads with their totals, read from a CSV or made up.

use std::{collections::HashMap, io, path::Path};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// One upload and its present totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogRow {
    /// The title as the viewer sees it.
    pub title: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Views to date.
    pub views: u64,
    /// Likes to date; absent when they are hidden.
    pub likes: Option<u64>,
    /// Comments to date; absent when they are switched off.
    pub comments: Option<u64>,
}

/// Why a catalogue could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file could not be read or written, or is not a CSV.
    #[error("the catalogue could not be read or written: {0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("the catalogue has no column `{0}`")]
    Column(&'static str),
    /// A value cannot be read.
    #[error("line {line}: `{value}` is not a valid {column}")]
    Value {
        /// The line in the file, counted from 1.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What stands there.
        value: String,
    },
}

impl From<io::Error> for CatalogError {
    fn from(error: io::Error) -> Self {
        Self::Csv(error.into())
    }
}

/// Reads a catalogue with the columns `title,published_at,views,likes,comments`; other columns are passed over, empty
/// likes and comments are absent ones.
///
/// # Errors
/// When the file is not such a CSV.
pub fn read_catalog(path: &Path) -> Result<Vec<CatalogRow>, CatalogError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path)?;
    let headers = reader.headers()?.clone();
    let find = |name: &'static str| {
        let at = headers
            .iter()
            .position(|header| header.trim_start_matches('\u{feff}').trim() == name);
        at.ok_or(CatalogError::Column(name))
    };
    let (title, published, views, likes, comments) = (
        find("title")?,
        find("published_at")?,
        find("views")?,
        find("likes")?,
        find("comments")?,
    );
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let bad = |column, at: usize| CatalogError::Value {
            line,
            column,
            value: cell(at).to_owned(),
        };
        let optional = |column, at: usize| match cell(at) {
            "" => Ok(None),
            text => text.parse::<u64>().map(Some).map_err(|_| bad(column, at)),
        };
        rows.push(CatalogRow {
            title: cell(title).to_owned(),
            published_at: cell(published)
                .parse()
                .map_err(|_| bad("published_at", published))?,
            views: optional("views", views)?.unwrap_or(0),
            likes: optional("likes", likes)?,
            comments: optional("comments", comments)?,
        });
    }
    Ok(rows)
}

/// Writes a catalogue as CSV, with a header line.
///
/// # Errors
/// When it cannot be written.
pub fn write_catalog(to: impl io::Write, rows: &[CatalogRow]) -> Result<(), CatalogError> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(["title", "published_at", "views", "likes", "comments"])?;
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    for row in rows {
        writer.write_record([
            row.title.clone(),
            crate::clock::rfc3339(row.published_at),
            row.views.to_string(),
            number(row.likes),
            number(row.comments),
        ])?;
    }
    writer.flush()?;
    Ok(())
}

/// What a made-up channel makes videos about; `(subject, how well it does)`.
const SUBJECTS: [(&str, f64); 24] = [
    ("sourdough without a scale", 1.5),
    ("a cast-iron pan", 1.0),
    ("weeknight ramen", 1.3),
    ("pickled onions", 0.7),
    ("home-made butter", 1.1),
    ("a cheap chef's knife", 1.6),
    ("black garlic", 0.9),
    ("rice that never sticks", 1.4),
    ("espresso at home", 1.2),
    ("leftover bread", 0.8),
    ("hand-cut noodles", 1.0),
    ("a tiny kitchen", 1.2),
    ("fermented hot sauce", 1.1),
    ("perfect scrambled eggs", 1.7),
    ("a five-euro dinner", 1.6),
    ("cold-brew tea", 0.5),
    ("tomatoes in winter", 0.7),
    ("knife sharpening", 1.3),
    ("fried rice", 1.2),
    ("dumplings for a crowd", 1.0),
    ("a pasta machine", 0.9),
    ("smoked salt", 0.6),
    ("one-pan lasagne", 1.2),
    ("old cookbooks", 0.6),
];

/// How a made-up channel words its titles; `(pattern, how well it does)`. `{}` is the subject.
const PATTERNS: [(&str, f64); 18] = [
    ("I tried {} for 30 days", 1.8),
    ("Why {} is harder than it looks", 1.1),
    ("{}: what nobody tells you", 1.4),
    ("The truth about {}", 1.2),
    ("How I finally got {} right", 1.0),
    ("{} in 60 seconds #shorts", 1.3),
    ("Stop doing this with {}", 1.5),
    ("{} | studio notes", 0.5),
    ("Testing {} so you don't have to", 1.2),
    ("A calm evening with {}", 0.6),
    ("5 mistakes everyone makes with {}", 1.3),
    ("{} on a budget", 1.0),
    ("Live: {} and your questions", 0.4),
    ("Is {} worth it?", 1.2),
    ("{} like a professional", 0.9),
    ("What 100 attempts at {} taught me", 1.6),
    ("{} 🔥 the quick way #shorts", 1.1),
    ("Questions & answers: \"{}\"", 0.5),
];

/// Makes up a channel's uploads, newest first: regular posting with breaks, growth over the years, subjects and wordings
/// that do better than others, noise, and one upload in about thirty that goes far beyond the rest.
///
/// The same arguments give the same rows.
#[must_use]
pub fn generate_catalog(videos: usize, seed: u64, newest: Timestamp) -> Vec<CatalogRow> {
    let mut dice = fastrand::Rng::with_seed(seed ^ 0x00c0_ffee);
    let mut at = newest;
    let mut rows: Vec<CatalogRow> = Vec::with_capacity(videos);
    let mut used = HashMap::new();
    for n in 0..videos {
        let (subject, s) = SUBJECTS[dice.usize(..SUBJECTS.len())];
        let (pattern, p) = PATTERNS[dice.usize(..PATTERNS.len())];
        let mut title = pattern.replace("{}", subject);
        if let Some(first) = title.chars().next() {
            title.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        let times = used.entry(title.clone()).or_insert(0_usize);
        *times += 1;
        if *times > 1 {
            let tail = format!(" (part {times})");
            title = match title.split_once(" #shorts") {
                Some((head, _)) => format!("{head}{tail} #shorts"),
                None => title + &tail,
            };
        }
        // The channel was half as large two hundred uploads ago.
        let size = 9_000.0 * 0.5_f64.powf(n as f64 / 200.0);
        let noise = (normal(&mut dice) * 0.45).exp();
        let outlier = if dice.u32(..30) == 0 {
            6.0 + 18.0 * dice.f64()
        } else {
            1.0
        };
        let views = (size * s * p * noise * outlier).max(12.0) as u64;
        let likes = (views as f64 * (0.02 + 0.05 * dice.f64())) as u64;
        let comments = (views as f64 * (0.001 + 0.006 * dice.f64())) as u64;
        rows.push(CatalogRow {
            title,
            published_at: at,
            views,
            likes: (dice.u32(..60) != 0).then_some(likes),
            comments: (dice.u32(..40) != 0).then_some(comments),
        });
        let days = if dice.u32(..25) == 0 {
            12 + dice.i64(0..20)
        } else {
            2 + dice.i64(0..4)
        };
        at = at
            .checked_sub(SignedDuration::from_secs(
                days * 86_400 + dice.i64(-4 * 3_600..4 * 3_600),
            ))
            .unwrap_or(Timestamp::MIN);
    }
    rows
}

/// A draw from the normal distribution.
fn normal(dice: &mut fastrand::Rng) -> f64 {
    let (a, b) = (dice.f64().max(f64::MIN_POSITIVE), dice.f64());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
