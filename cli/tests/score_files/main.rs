//! `catalyst score` on the files that creators have.

#![allow(clippy::too_many_lines, reason = "tests hold tables of cases")]

mod cases;
mod export;
mod faithful;
mod formulas;
mod kinds;
mod reference;

use std::io::{Cursor, Write};

use catalyst_cli::score::{ScoreArgs, answer};
use clap::Parser;
use serde_json::Value;

/// What came of a file.
struct Answer {
    status: u8,
    /// A line of `--json` each.
    lines: Vec<Value>,
    /// Standard error.
    said: String,
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    score: ScoreArgs,
}

/// Scores a file of this name and content, as of 2026-06-01 unless the arguments say otherwise.
fn score_named(name: &str, content: impl Into<Vec<u8>>, arguments: &[&str]) -> Answer {
    let as_of = if arguments.contains(&"--as-of") {
        vec![]
    } else {
        vec!["--as-of", "2026-06-01"]
    };
    score_exactly(name, content, &[arguments, &as_of].concat())
}

/// Scores a file with these arguments and `--json`.
fn score_exactly(name: &str, content: impl Into<Vec<u8>>, arguments: &[&str]) -> Answer {
    let arguments = [&["score", name, "--json"], arguments].concat();
    let arguments = Arguments::try_parse_from(arguments).unwrap_or_else(|error| panic!("{error}"));
    let (mut out, mut said) = (Vec::new(), Vec::new());
    let status =
        answer(content.into(), &arguments.score, &mut out, &mut said).expect("memory takes it");
    let out = String::from_utf8(out).expect("the answer is UTF-8");
    Answer {
        status,
        lines: out
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect(),
        said: String::from_utf8(said).expect("what is said is UTF-8"),
    }
}

fn score(content: impl Into<Vec<u8>>, arguments: &[&str]) -> Answer {
    score_named("videos.csv", content, arguments)
}

impl Answer {
    /// Title and numbers of every video, whatever the order of the rows and how the file writes its times.
    fn scores(&self) -> Vec<String> {
        let mut scores: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                let mut line = line.as_object().expect("an object").clone();
                line.remove("row");
                line.remove("published_at");
                serde_json::to_string(&line).expect("JSON")
            })
            .collect();
        scores.sort();
        scores
    }

    fn titles(&self) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|line| line["title"].as_str())
            .collect()
    }

    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        assert!(
            self.said.contains(words),
            "{words} is not in: {}",
            self.said
        );
        self
    }

    #[track_caller]
    fn has_status(&self, status: u8) -> &Self {
        assert_eq!(self.status, status, "{}", self.said);
        self
    }

    /// Nothing was scored, and one sentence says why.
    #[track_caller]
    fn is_refused(&self, words: &str) -> &Self {
        assert!(self.lines.is_empty(), "{:?}", self.lines);
        self.has_status(2).says(words)
    }
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, content) in entries {
        archive.start_file(*name, options).expect("a new entry");
        archive.write_all(content).expect("memory takes it");
    }
    archive.finish().expect("memory takes it").into_inner()
}
