//! `catalyst score`.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use scoring::{MODELS, Model};

use super::file::{Given, LIMIT, Named, Order, Table, Thousands, parse_time};
use super::scores::Scores;
use super::{json, summary};

/// Scores a channel's videos from a file: YouTube Studio's export as it was downloaded, a CSV, the Data API's or yt-dlp's JSON.
#[derive(Debug, clap::Args)]
#[command(after_help = FILES)]
pub struct ScoreArgs {
    /// The file; `-` reads standard input.
    file: PathBuf,
    /// Score as of this time. Default: the file's own date, where it has one, else the newest publication.
    #[arg(long, value_name = "DATE", value_parser = parse_time)]
    as_of: Option<Timestamp>,
    /// Print one JSON object a line for every row that is a video, in file order.
    #[arg(long)]
    json: bool,
    /// Say which column is which, where it is not recognised: title="Video title",views=Views,published_at=#3. Columns are
    /// title, published_at, views, likes, comments, video_id, format, observed_on, channel_title.
    #[arg(long, value_name = "COLUMN=NAME,…", value_parser = columns)]
    columns: Vec<List>,
    /// What groups thousands, where 12.000 or 12,000 could be twelve: . or , or none.
    #[arg(long, value_name = "SIGN")]
    thousands: Option<Thousands>,
    /// Which comes first, where 03/04/2024 could be either: dmy (the day) or mdy (the month).
    #[arg(long, value_name = "ORDER")]
    dates: Option<Order>,
    /// The version of the model.
    #[arg(long, value_name = "VERSION", default_value = MODELS[0].version, value_parser = model)]
    model: &'static Model,
}

const FILES: &str = "\
Needed are a title (or an id), a time of publication and views for each video; with likes and comments engagement counts, too.
Optional: video_id, format (short, long, live), observed_on, channel_title. Names are recognised in any case, in the languages of
YouTube Studio. Separated by commas, semicolons or tabs; UTF-8, UTF-16 or Windows-1252. What was recognised is said on standard
error. docs/scoring.md tells it in full.

Exit status: 0, 1 when the file cannot be opened, 2 when it or a row of it cannot be scored; everything else is scored first.";

#[derive(Clone, Debug)]
struct List(Vec<Named>);

fn model(text: &str) -> Result<&'static Model, String> {
    MODELS
        .iter()
        .find(|model| model.version == text)
        .ok_or_else(|| {
            let known: Vec<&str> = MODELS.iter().map(|model| model.version).collect();
            format!("known are {}", known.join(" and "))
        })
}

fn columns(text: &str) -> Result<List, String> {
    Named::list(text).map(List)
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
    match answer(
        bytes,
        args,
        &mut io::stdout().lock(),
        &mut io::stderr().lock(),
    ) {
        Ok(status) => ExitCode::from(status),
        // `catalyst score … | head` is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("standard output: {error}");
            ExitCode::from(1)
        }
    }
}

/// Scores the bytes of a file: the answer goes to `out`, what has to be known about it to `said`. Answers the exit status.
///
/// # Errors
/// When `out` or `said` cannot be written.
pub fn answer(
    bytes: Vec<u8>,
    args: &ScoreArgs,
    out: &mut dyn Write,
    said: &mut dyn Write,
) -> io::Result<u8> {
    let given = Given {
        columns: args
            .columns
            .iter()
            .flat_map(|List(columns)| columns.clone())
            .collect(),
        thousands: args.thousands,
        dates: args.dates,
    };
    let name = args.file.display();
    let table = match Table::read(bytes, &args.file.to_string_lossy(), &given) {
        Ok(table) => table,
        Err(refusal) => {
            writeln!(said, "{name}: {}", refusal.say())?;
            return Ok(2);
        }
    };
    writeln!(said, "{name}: {}", table.recognised)?;
    print(args, &table, out)?;
    for note in &table.notes {
        writeln!(said, "{name}: {note}")?;
    }
    for error in &table.errors {
        writeln!(
            said,
            "{name}: {}: {}",
            error.place.say(&table.header),
            error.message
        )?;
    }
    if table.malformed > table.errors.len() {
        writeln!(
            said,
            "{name}: {} more rows are malformed",
            table.malformed - table.errors.len()
        )?;
    }
    match table.malformed {
        0 => return Ok(0),
        1 => writeln!(said, "1 malformed row was left out.")?,
        count => writeln!(said, "{count} malformed rows were left out.")?,
    }
    Ok(2)
}

fn print(args: &ScoreArgs, table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let scores = Scores::new(table, args.as_of, args.model);
    let mut out = BufWriter::new(out);
    if args.json {
        json::print(&mut out, table, &scores)?;
    } else {
        summary::print(&mut out, table, &scores)?;
    }
    out.flush()
}

/// The bytes of the file; one more than is ever read, where it is longer.
fn read(args: &ScoreArgs) -> io::Result<Vec<u8>> {
    let most = LIMIT as u64 + 1;
    let mut bytes = Vec::new();
    if args.file.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let file = File::open(&args.file)?;
    bytes.reserve_exact(file.metadata()?.len().min(most) as usize);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
