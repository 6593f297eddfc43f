//! `catalyst score`: ranks the videos of a channel from a CSV file, with no account, no stack and no network.
//!
//! # How the file is read
//!
//! * Columns are found by name, in any order and case; others are ignored. Numbers and times may have spaces around
//!   them; titles and times are given back as they stand in the file. See `records.rs` for quoting, line ends and so on.
//! * A time is ISO 8601: with an offset, or without one (then UTC), or a date alone (then 00:00 UTC). `--as-of` and
//!   `observed_on` are read in the same way, so `--as-of 2025-04-26` means the moment at which that day begins.
//! * `likes` and `comments` may be empty, as YouTube hides them for some videos: such a video has no engagement and
//!   takes no part in the engagement of others. `views` may not.
//! * A `format` column with an empty field means an unknown format: the video is neither scored nor compared. Without
//!   the column the file is one cohort. Videos of different `channel_title`s are never compared.
//! * `row` counts the rows after the header from 1, malformed ones included, so that it names the same row whatever is
//!   wrong with others. A malformed row is reported on standard error and has no object in the output.
//!
//! # Totals only
//!
//! Basis `lifetime`. A video younger than 30 days (`30 · 24 h`) at `--as-of`, or published after it, is `too_recent`, and
//! its `n` is null because nothing was compared; `n` of a video labelled `insufficient_data` is the number of videos found.
//!
//! # With `observed_on`
//!
//! Each row is one observation of a video (named by `video_id`, else by title and time of publication, within its
//! `channel_title`). A row is scored at one of the checkpoints whose values were known at that observation (the oldest with
//! five earlier videos to compare with, else with three, else the oldest at all), on the basis `public_views`; so the rows of one video show how its score developed. The row's object additionally names
//! `checkpoint_h`, `age_h` and `velocity_z`. A row is `too_recent` when its video had not reached the first checkpoint, or
//! when it was observed after `--as-of` (default: the newest `observed_on`), and `insufficient_data` when no two
//! observations stand close enough around a checkpoint or fewer than three earlier videos have a value there.

mod records;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::{Timestamp, civil, tz::TimeZone};
use scoring::{
    Basis, Confidence, Format, Grounds, Label, MODEL, Measures, Score, Snapshot, Withheld,
    checkpoint::age_h,
    explain::{self, Comparison},
    same_age,
    timeline::{self, Entry},
};
use serde::Serialize;

use self::records::{Fault, Record, Records};

/// Scores a channel's videos from a CSV file.
#[derive(Debug, clap::Args)]
pub struct ScoreArgs {
    /// CSV with the columns title, published_at, views, likes, comments; optional video_id, format (short, long,
    /// live), observed_on, channel_title. `-` reads standard input.
    file: PathBuf,
    /// Score as of this time. Default: the newest published_at, or the newest observed_on.
    #[arg(long, value_name = "DATE", value_parser = parse_time)]
    as_of: Option<Timestamp>,
    /// Print one JSON object a line for every row, in file order.
    #[arg(long)]
    json: bool,
}

/// Runs the command. Exit status: 0, 1 when the file cannot be read, 2 when anything in it is malformed.
pub fn run(args: &ScoreArgs) -> ExitCode {
    let bytes = match read(args) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{}: {error}", args.file.display());
            return ExitCode::from(1);
        }
    };
    let table = match Table::read(&bytes) {
        Ok(table) => table,
        Err(fault) => {
            report(args, None, &fault);
            return ExitCode::from(2);
        }
    };
    let results = score(&table, args.as_of);
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if args.json {
        print_json(&mut out, &table, &results)
    } else {
        print_table(&mut out, &table, &results)
    };
    match written.and_then(|()| out.flush()) {
        // `catalyst score … | head` is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("standard output: {error}");
            return ExitCode::from(1);
        }
        _ => {}
    }
    for fault in &table.faults {
        report(args, Some(&table), fault);
    }
    match table.faults.len() {
        0 => ExitCode::SUCCESS,
        1 => {
            eprintln!("1 malformed row was left out.");
            ExitCode::from(2)
        }
        count => {
            eprintln!("{count} malformed rows were left out.");
            ExitCode::from(2)
        }
    }
}

fn read(args: &ScoreArgs) -> io::Result<Vec<u8>> {
    if args.file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(&args.file)
}

fn report(args: &ScoreArgs, table: Option<&Table>, fault: &Fault) {
    let name = table
        .and_then(|table| table.header.get(fault.column - 1))
        .map(|name| format!(" ({})", clean(name)));
    eprintln!(
        "{}: line {}, column {}{}: {}",
        args.file.display(),
        fault.line,
        fault.column,
        name.unwrap_or_default(),
        fault.message
    );
}

/// The file, parsed.
struct Table {
    header: Vec<String>,
    has_format: bool,
    has_observations: bool,
    rows: Vec<Row>,
    faults: Vec<Fault>,
}

/// One well-formed row.
struct Row {
    /// Place among the rows of the file, from 1.
    row: usize,
    title: String,
    /// As it stands in the file.
    published_text: String,
    published_at: Timestamp,
    views: u64,
    likes: Option<u64>,
    comments: Option<u64>,
    video_id: Option<String>,
    format: Option<Format>,
    channel: String,
    observed_at: Option<Timestamp>,
}

impl Row {
    fn interactions(&self) -> Option<f64> {
        self.likes
            .zip(self.comments)
            .map(|(likes, comments)| likes as f64 + comments as f64)
    }
}

/// Where the columns stand.
struct Columns {
    title: usize,
    published_at: usize,
    views: usize,
    likes: usize,
    comments: usize,
    video_id: Option<usize>,
    format: Option<usize>,
    observed_on: Option<usize>,
    channel_title: Option<usize>,
}

impl Columns {
    fn find(header: &Record) -> Result<Self, Fault> {
        let fault = |column: usize, message: String| Fault {
            line: header.line,
            column,
            message,
        };
        let find = |name: &str| -> Result<Option<usize>, Fault> {
            let mut places = (0..header.fields.len())
                .filter(|&place| header.fields[place].trim().eq_ignore_ascii_case(name));
            let first = places.next();
            match places.next() {
                Some(second) => Err(fault(second + 1, format!("is a second column `{name}`"))),
                None => Ok(first),
            }
        };
        let need = |name: &str| -> Result<usize, Fault> {
            find(name)?.ok_or_else(|| {
                let message = format!(
                    "the header has no column `{name}`; needed are title, published_at, views, likes and comments"
                );
                fault(header.fields.len() + 1, message)
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

impl Table {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut records = Records::new(bytes);
        let header = match records.next() {
            Some(header) => header?,
            None => {
                return Err(Fault {
                    line: 1,
                    column: 1,
                    message: "the file is empty".to_owned(),
                });
            }
        };
        let columns = Columns::find(&header)?;
        let mut table = Self {
            has_format: columns.format.is_some(),
            has_observations: columns.observed_on.is_some(),
            header: header.fields,
            rows: Vec::new(),
            faults: Vec::new(),
        };
        for (place, record) in records.enumerate() {
            match record
                .and_then(|record| parse_row(place + 1, record, &columns, table.header.len()))
            {
                Ok(row) => table.rows.push(row),
                Err(fault) => table.faults.push(fault),
            }
        }
        Ok(table)
    }
}

fn parse_row(
    row: usize,
    mut record: Record,
    columns: &Columns,
    width: usize,
) -> Result<Row, Fault> {
    let line = record.line;
    let fault = |place: usize, message: String| Fault {
        line,
        column: place + 1,
        message,
    };
    let found = record.fields.len();
    if found != width {
        let message = format!("the row has {found} fields where the header has {width}");
        return Err(fault(found.min(width), message));
    }
    let time = |place: usize| {
        parse_time(record.fields[place].trim()).map_err(|message| fault(place, message))
    };
    let count = |place: usize| -> Result<Option<u64>, Fault> {
        let text = record.fields[place].trim();
        if text.is_empty() {
            return Ok(None);
        }
        // Spreadsheets and data frames write whole numbers as `37.0` once a column has gaps.
        let digits = text
            .split_once('.')
            .filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0'))
            .map_or(text, |(n, _)| n);
        if !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(number) = digits.parse()
        {
            return Ok(Some(number));
        }
        Err(fault(
            place,
            format!("{} is not a whole number of 0 or more", quoted(text)),
        ))
    };
    let published_at = time(columns.published_at)?;
    let views = count(columns.views)?.ok_or_else(|| fault(columns.views, "is empty".to_owned()))?;
    let likes = count(columns.likes)?;
    let comments = count(columns.comments)?;
    let format = match columns.format {
        Some(place) => match record.fields[place].trim() {
            "" => None,
            text => Some(text.to_ascii_lowercase().parse().map_err(|_| {
                fault(
                    place,
                    format!("{} is not a format; use short, long or live", quoted(text)),
                )
            })?),
        },
        None => None,
    };
    let observed_at = columns.observed_on.map(time).transpose()?;
    let mut take = |place: usize| std::mem::take(&mut record.fields[place]);
    Ok(Row {
        row,
        video_id: columns
            .video_id
            .map(&mut take)
            .filter(|id| !id.trim().is_empty()),
        channel: columns.channel_title.map(&mut take).unwrap_or_default(),
        title: take(columns.title),
        published_text: take(columns.published_at),
        published_at,
        views,
        likes,
        comments,
        format,
        observed_at,
    })
}

/// ISO 8601 with an offset, or without one (UTC), or a date alone (00:00 UTC).
fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>()
        .or_else(|_| {
            let local = text.parse::<civil::DateTime>()?;
            local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        })
        .map_err(|_| {
            format!(
                "{} is not an ISO 8601 time such as 2025-04-25T23:00:48Z",
                quoted(text)
            )
        })
}

/// What came of one row.
struct Outcome {
    basis: Basis,
    /// Size of the baseline; `None` when there was no comparison.
    n: Option<usize>,
    checkpoint_h: Option<u32>,
    measures: Measures,
    result: Result<Score, Withheld>,
}

impl Outcome {
    fn withheld(basis: Basis, reason: Withheld) -> Self {
        let n = match reason {
            Withheld::TooFew { n } => Some(n),
            Withheld::UnknownFormat | Withheld::NoCheckpoint => Some(0),
            Withheld::TooRecent => None,
        };
        Self {
            basis,
            n,
            checkpoint_h: None,
            measures: Measures::default(),
            result: Err(reason),
        }
    }
}

/// One outcome for every row, in the same order.
fn score(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    if table.has_observations {
        score_observations(table, as_of)
    } else {
        score_totals(table, as_of)
    }
}

/// Later rows count as earlier videos, as files run from new to old.
fn tie(row: &Row) -> i64 {
    -i64::try_from(row.row).unwrap_or(i64::MAX)
}

fn score_totals(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    let Some(as_of) = as_of.or_else(|| table.rows.iter().map(|row| row.published_at).max()) else {
        return Vec::new();
    };
    let mut outcomes: Vec<Outcome> = table
        .rows
        .iter()
        .map(|row| {
            let unknown = table.has_format && row.format.is_none();
            let reason = if unknown {
                Withheld::UnknownFormat
            } else {
                Withheld::TooRecent
            };
            let mature = timeline::is_mature(&MODEL, row.published_at, as_of);
            Outcome::withheld(
                Basis::Lifetime,
                if mature { reason } else { Withheld::TooRecent },
            )
        })
        .collect();
    let mut cohorts: BTreeMap<(&str, Option<Format>), Vec<usize>> = BTreeMap::new();
    for (place, row) in table.rows.iter().enumerate() {
        let known = !table.has_format || row.format.is_some();
        if known && timeline::is_mature(&MODEL, row.published_at, as_of) {
            cohorts
                .entry((&row.channel, row.format))
                .or_default()
                .push(place);
        }
    }
    for members in cohorts.into_values() {
        let entries: Vec<Entry> = members
            .iter()
            .map(|&place| {
                let row = &table.rows[place];
                let measures = Measures {
                    views: row.views as f64,
                    interactions: row.interactions(),
                    ..Measures::default()
                };
                Entry {
                    published_at: row.published_at,
                    tie: tie(row),
                    measures,
                }
            })
            .collect();
        let scored = timeline::score_cohort(&MODEL, &entries, |_| Grounds::Lifetime);
        for ((&place, entry), scored) in members.iter().zip(&entries).zip(scored) {
            outcomes[place] = Outcome {
                basis: Basis::Lifetime,
                n: Some(scored.baseline.len()),
                checkpoint_h: None,
                measures: entry.measures,
                result: scored.result,
            };
        }
    }
    outcomes
}

fn score_observations(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    // Videos of each channel, in the order of their first row.
    let mut channels: BTreeMap<&str, Vec<same_age::Video>> = BTreeMap::new();
    let mut known: HashMap<(&str, &str, Option<Timestamp>), usize> = HashMap::new();
    let mut homes: Vec<Option<usize>> = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let observed_at = row.observed_at.unwrap_or(Timestamp::MIN);
        let seen = as_of.is_none_or(|as_of| observed_at <= as_of)
            && (!table.has_format || row.format.is_some());
        if !seen {
            homes.push(None);
            continue;
        }
        let videos = channels.entry(&row.channel).or_default();
        let key = match &row.video_id {
            Some(id) => (row.channel.as_str(), id.as_str(), None),
            None => (
                row.channel.as_str(),
                row.title.as_str(),
                Some(row.published_at),
            ),
        };
        let home = *known.entry(key).or_insert_with(|| {
            videos.push(same_age::Video {
                published_at: row.published_at,
                tie: tie(row),
                format: row.format,
                snapshots: Vec::new(),
            });
            videos.len() - 1
        });
        videos[home].snapshots.push(Snapshot {
            observed_at,
            basis: Basis::PublicViews,
            views: row.views as f64,
            interactions: row.interactions(),
            viewed_percent: None,
        });
        homes.push(Some(home));
    }
    // A row tells what was known when it was observed, so its data was never old.
    let results: HashMap<&str, Vec<Vec<same_age::AtCheckpoint>>> = channels
        .iter()
        .map(|(&channel, videos)| (channel, same_age::score_channel(&MODEL, videos, |_, _| 0.0)))
        .collect();
    let first = f64::from(MODEL.checkpoints_h[0]);
    table
        .rows
        .iter()
        .zip(homes)
        .map(|(row, home)| {
            let observed_at = row.observed_at.unwrap_or(Timestamp::MIN);
            let withheld = |reason| Outcome::withheld(Basis::PublicViews, reason);
            let Some(home) = home else {
                let unknown = table.has_format && row.format.is_none();
                return withheld(if unknown {
                    Withheld::UnknownFormat
                } else {
                    Withheld::TooRecent
                });
            };
            let video = &channels[row.channel.as_str()][home];
            if age_h(video.published_at, observed_at) < first {
                return withheld(Withheld::TooRecent);
            }
            let at = same_age::best(
                &MODEL,
                results[row.channel.as_str()][home]
                    .iter()
                    .filter(|at| at.known_at <= observed_at),
            );
            at.map_or_else(
                || withheld(Withheld::NoCheckpoint),
                |at| Outcome {
                    basis: at.basis,
                    n: Some(at.n()),
                    checkpoint_h: Some(at.checkpoint_h),
                    measures: at.measures,
                    result: at.result.clone(),
                },
            )
        })
        .collect()
}

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    row: usize,
    title: &'a str,
    published_at: &'a str,
    basis: &'static str,
    n: Option<usize>,
    m: Option<f64>,
    s: Option<f64>,
    r: Option<f64>,
    z: Option<f64>,
    raw_multiplier: Option<f64>,
    multiplier: Option<f64>,
    engagement_z: Option<f64>,
    z_total: Option<f64>,
    score: Option<u8>,
    label: &'static str,
    confidence: Option<f64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    observation: Option<Observation>,
}

/// What a row with `observed_on` says besides.
#[derive(Serialize)]
struct Observation {
    age_h: f64,
    checkpoint_h: Option<u32>,
    velocity_z: Option<f64>,
}

fn print_json(out: &mut impl Write, table: &Table, outcomes: &[Outcome]) -> io::Result<()> {
    for (row, outcome) in table.rows.iter().zip(outcomes) {
        let score = outcome.result.as_ref().ok();
        let line = Line {
            row: row.row,
            title: &row.title,
            published_at: &row.published_text,
            basis: outcome.basis.as_str(),
            n: outcome.n,
            m: score.map(|score| score.reach.m),
            s: score.map(|score| score.reach.s),
            r: score.map(|score| score.reach.r),
            z: score.map(|score| score.reach.z),
            raw_multiplier: score.map(|score| score.raw_multiplier),
            multiplier: score.map(|score| score.multiplier),
            engagement_z: score
                .and_then(|score| score.engagement)
                .map(|engagement| engagement.z),
            z_total: score.map(|score| score.z_total),
            score: score.map(|score| score.score),
            label: label(outcome).as_str(),
            confidence: score.map(|score| score.confidence),
            observation: row.observed_at.map(|observed_at| Observation {
                age_h: age_h(row.published_at, observed_at),
                checkpoint_h: outcome.checkpoint_h,
                velocity_z: score
                    .and_then(|score| score.velocity)
                    .map(|velocity| velocity.z),
            }),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn label(outcome: &Outcome) -> Label {
    match &outcome.result {
        Ok(score) => score.label,
        Err(reason) => reason.label(),
    }
}

/// How many videos each half of the table shows.
const SHOWN: usize = 10;

fn print_table(out: &mut impl Write, table: &Table, outcomes: &[Outcome]) -> io::Result<()> {
    // Of the observations of one video only the newest scored one is shown.
    let mut newest: BTreeMap<(&str, &str, Timestamp), usize> = BTreeMap::new();
    let mut scored: Vec<usize> = Vec::new();
    for (place, row) in table.rows.iter().enumerate() {
        if outcomes[place].result.is_err() {
            continue;
        }
        if table.has_observations {
            let key = (
                row.channel.as_str(),
                row.video_id.as_deref().unwrap_or(&row.title),
                row.published_at,
            );
            let kept = newest.entry(key).or_insert(place);
            if table.rows[*kept].observed_at <= row.observed_at {
                *kept = place;
            }
        } else {
            scored.push(place);
        }
    }
    scored.extend(newest.into_values());
    let strength = |place: usize| {
        outcomes[place]
            .result
            .as_ref()
            .map_or(0.0, |score| score.log_multiplier(&MODEL))
    };
    scored.sort_by(|&a, &b| strength(b).total_cmp(&strength(a)).then(a.cmp(&b)));

    let count = |wanted: Label| {
        outcomes
            .iter()
            .filter(|outcome| label(outcome) == wanted)
            .count()
    };
    writeln!(
        out,
        "{} rows: {} scored, {} too recent, {} with too little to compare with.",
        explain::number(table.rows.len() as f64),
        explain::number(
            outcomes
                .iter()
                .filter(|outcome| outcome.result.is_ok())
                .count() as f64
        ),
        explain::number(count(Label::TooRecent) as f64),
        explain::number(count(Label::InsufficientData) as f64),
    )?;
    if scored.is_empty() {
        // The reason that came closest to a number.
        let reasons = outcomes.iter().filter_map(|outcome| {
            outcome
                .result
                .as_ref()
                .err()
                .map(|reason| (outcome.n, reason))
        });
        let reason = reasons.max_by_key(|(n, _)| *n).map(|(_, reason)| reason);
        return match reason {
            Some(&reason) => writeln!(out, "No score yet. {}", explain::withheld(&MODEL, reason)),
            None => Ok(()),
        };
    }
    writeln!(out, "{}, {}.", explain::NOTICE, MODEL.version)?;
    let weakest = scored.len().saturating_sub(SHOWN).min(SHOWN);
    print_half(out, "Strongest", scored.iter().take(SHOWN), table, outcomes)?;
    print_half(
        out,
        "Weakest",
        scored.iter().rev().take(weakest),
        table,
        outcomes,
    )
}

fn print_half<'a>(
    out: &mut impl Write,
    heading: &str,
    places: impl Iterator<Item = &'a usize>,
    table: &Table,
    outcomes: &[Outcome],
) -> io::Result<()> {
    let mut places = places.peekable();
    if places.peek().is_none() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{heading}\n{:>5}  {:>6}  {:<11}  {:<10}  title",
        "score", "times", "label", "published"
    )?;
    for &place in places {
        let (row, outcome) = (&table.rows[place], &outcomes[place]);
        let Ok(score) = &outcome.result else { continue };
        writeln!(
            out,
            "{:>5}  {:>6}  {:<11}  {:<10}  {}",
            score.score,
            explain::multiple(score.multiplier),
            score.label.as_str(),
            row.published_at.strftime("%Y-%m-%d").to_string(),
            shorten(&clean(&row.title), 80),
        )?;
        let comparison = Comparison {
            basis: outcome.basis,
            checkpoint_h: outcome.checkpoint_h,
            format: row.format,
        };
        writeln!(
            out,
            "{:>15}{}",
            "",
            explain::against(score, outcome.measures.views, comparison)
        )?;
        for reason in explain::components(score, &outcome.measures) {
            writeln!(out, "{:>15}{reason}", "")?;
        }
        if Confidence::of(&MODEL, score.confidence) != Confidence::High {
            writeln!(out, "{:>15}Only {} videos to compare with.", "", score.n)?;
        }
    }
    Ok(())
}

/// A title comes from outside: without line breaks and without anything a terminal would obey.
fn clean(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length - 1).collect();
    short.push('…');
    short
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", shorten(&clean(text), 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table::read(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    fn lines(text: &str, as_of: Option<&str>) -> Vec<serde_json::Value> {
        let table = table(text);
        let outcomes = score(&table, as_of.map(|time| parse_time(time).expect("a time")));
        let mut out = Vec::new();
        print_json(&mut out, &table, &outcomes).expect("memory takes it");
        String::from_utf8(out)
            .expect("JSON is UTF-8")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    /// Seven videos a day apart, newest first, the newest 31 days before the date used.
    fn channel() -> String {
        let mut text = "title,published_at,views,likes,comments\n".to_owned();
        for day in (1..=7).rev() {
            text.push_str(&format!(
                "Video {day},2024-01-0{day}T12:00:00Z,{},{day},1\n",
                1000 + 100 * day
            ));
        }
        text
    }

    #[test]
    fn totals_have_exactly_the_documented_keys() {
        let lines = lines(&channel(), Some("2024-02-08"));
        let keys: Vec<&String> = lines[0].as_object().expect("an object").keys().collect();
        assert_eq!(keys.len(), 16);
        assert_eq!(lines[0]["n"], 6);
        assert_eq!(lines[0]["basis"], "lifetime");
        assert_eq!(lines[0]["label"], "typical");
        assert_eq!(lines[3]["label"], "provisional");
        assert_eq!(lines[4]["label"], "insufficient_data");
        assert_eq!(lines[4]["n"], 2);
        assert!(lines[4]["score"].is_null() && lines[4]["confidence"].is_null());
    }

    #[test]
    fn young_videos_are_neither_scored_nor_compared() {
        let lines = lines(&channel(), Some("2024-02-04T12:00:00Z"));
        assert_eq!(lines[0]["label"], "too_recent");
        assert!(lines[0]["n"].is_null());
        assert_eq!(lines[1]["label"], "too_recent", "29 days");
        assert_eq!(lines[2]["n"], 4, "30 days to the second");
    }

    #[test]
    fn the_default_date_is_the_newest_video() {
        assert!(
            lines(&channel(), None)
                .iter()
                .all(|line| line["label"] == "too_recent")
        );
    }

    #[test]
    fn formats_and_channels_are_kept_apart() {
        let mut text = "title,published_at,views,likes,comments,format,channel_title\n".to_owned();
        for day in 1..=8 {
            text.push_str(&format!("L,2024-01-0{day}T00:00:00Z,100,1,1,long,A\n"));
            text.push_str(&format!("S,2024-01-0{day}T01:00:00Z,100,1,1,Short,A\n"));
            text.push_str(&format!("B,2024-01-0{day}T02:00:00Z,100,1,1,long,B\n"));
        }
        text.push_str("U,2024-01-09,100,1,1,,A\n");
        let lines = lines(&text, Some("2025-01-01"));
        assert_eq!(lines[21]["n"], 7);
        assert_eq!(lines[22]["n"], 7);
        assert_eq!(lines[23]["n"], 7);
        assert_eq!(lines[24]["label"], "insufficient_data");
    }

    #[test]
    fn malformed_rows_are_named_and_the_rest_is_kept() {
        let mut text = channel();
        text.push_str("Broken,2024-01-01T00:00:00Z,many,1,1\n");
        text.push_str("Broken,yesterday,1,1,1\n");
        text.push_str("Short,2024-01-01T00:00:00Z,1\n");
        text.push_str("\"Two\nlines\",2024-01-01T00:00:00Z,1,-1,1\n");
        text.push_str("\"Open,2024-01-01T00:00:00Z,1,1,1\n");
        text.push_str("Hidden likes,2023-12-31,17.0,,3\n");
        let table = table(&text);
        let places: Vec<(usize, usize)> = table
            .faults
            .iter()
            .map(|fault| (fault.line, fault.column))
            .collect();
        assert_eq!(places, [(9, 3), (10, 2), (11, 4), (12, 4), (14, 1)]);
        let last = table.rows.last().expect("a row");
        assert_eq!(
            (last.row, last.views, last.likes, last.comments),
            (13, 17, None, Some(3))
        );
        assert_eq!(table.rows.len(), 8);
    }

    #[test]
    fn a_header_without_a_column_is_refused() {
        let fault = Table::read(b"title,views\n").err().expect("a fault");
        assert!(
            fault.message.contains("`published_at`"),
            "{}",
            fault.message
        );
        assert_eq!(
            Table::read(b"").err().expect("a fault").message,
            "the file is empty"
        );
    }

    #[test]
    fn an_observation_is_scored_at_what_was_known_by_then() {
        let mut text =
            "video_id,observed_on,title,channel_title,published_at,views,likes,comments\n"
                .to_owned();
        for video in 1..=6 {
            for day in 1..=4 {
                let views = video * 1000 + day * 100;
                text.push_str(&format!(
                    "v{video},2017-11-{:02},V,C,2017-11-{video:02}T12:00:00Z,{views},5,5\n",
                    video + day
                ));
            }
        }
        let lines = lines(&text, None);
        // Ages 12, 36, 60 and 84 hours: 48 h is known at 60 h, 72 h at 84 h.
        let last = &lines[20..24];
        let checkpoints: Vec<_> = last
            .iter()
            .map(|line| line["checkpoint_h"].as_u64())
            .collect();
        assert_eq!(checkpoints, [Some(12), Some(12), Some(48), Some(72)]);
        assert_eq!(last[3]["n"], 5);
        assert_eq!(last[3]["basis"], "public_views");
        assert!(last[3]["velocity_z"].is_number() && last[2]["velocity_z"].is_null());
        assert_eq!(last[3]["confidence"], 0.5);
        assert_eq!(lines[11]["label"], "insufficient_data");
    }

    #[test]
    fn times_with_and_without_an_offset() {
        let noon = parse_time("2024-01-01T12:00:00Z").expect("a time");
        for text in [
            "2024-01-01T13:00:00+01:00",
            "2024-01-01T12:00:00",
            "2024-01-01 12:00:00",
            "2024-01-01T12:00:00.000Z",
        ] {
            assert_eq!(parse_time(text), Ok(noon), "{text}");
        }
        assert_eq!(parse_time("2024-01-01"), parse_time("2024-01-01T00:00:00Z"));
        assert!(
            parse_time("01/02/2024").is_err()
                && parse_time("").is_err()
                && parse_time("2024-02-30").is_err()
        );
    }

    #[test]
    fn titles_cannot_drive_the_terminal() {
        assert_eq!(clean("a\u{1b}[2J\nb"), "a [2J b");
        assert_eq!(shorten("abcdef", 4), "abc…");
    }
}
