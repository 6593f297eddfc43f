//! `catalyst score`.

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;

use super::records::RowError;
use super::table::Table;
use super::text::{clean, parse_time};
use super::{json, outcome, summary};

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
        Err(error) => {
            report(args, None, &error);
            return ExitCode::from(2);
        }
    };
    match print(args, &table) {
        // `catalyst score … | head` is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("standard output: {error}");
            return ExitCode::from(1);
        }
        _ => {}
    }
    for error in &table.errors {
        report(args, Some(&table), error);
    }
    match table.errors.len() {
        0 => return ExitCode::SUCCESS,
        1 => eprintln!("1 malformed row was left out."),
        count => eprintln!("{count} malformed rows were left out."),
    }
    ExitCode::from(2)
}

fn print(args: &ScoreArgs, table: &Table) -> io::Result<()> {
    let outcomes = outcome::score(table, args.as_of);
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        json::print(&mut out, table, &outcomes)?;
    } else {
        summary::print(&mut out, table, &outcomes)?;
    }
    out.flush()
}

fn read(args: &ScoreArgs) -> io::Result<Vec<u8>> {
    if args.file.as_os_str() != "-" {
        return std::fs::read(&args.file);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn report(args: &ScoreArgs, table: Option<&Table>, error: &RowError) {
    let RowError {
        line,
        column,
        message,
    } = error;
    let name = table.and_then(|table| table.header.get(column - 1));
    let name = name.map_or(String::new(), |name| format!(" ({})", clean(name)));
    eprintln!(
        "{}: line {line}, column {column}{name}: {message}",
        args.file.display()
    );
}
