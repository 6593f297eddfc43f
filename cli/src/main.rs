//! `catalyst`.

mod score;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "catalyst", version)]
enum Cli {
    /// Score a channel's videos from a CSV file.
    Score(score::ScoreArgs),
}

fn main() -> ExitCode {
    match Cli::parse() {
        Cli::Score(args) => score::run(&args),
    }
}
