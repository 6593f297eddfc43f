//! `catalyst score` from outside, against a second implementation that was written from the model's text alone: slow,
//! without windows, without the library.

#![allow(clippy::too_many_lines, reason = "tests hold tables of cases")]

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use super::formulas::{ENGAGEMENT, REACH, compare, median, outlier_from, phi, together};

const DAY: i64 = 86_400;

/// One made-up video; `published` in seconds since 1970.
struct Video {
    published: i64,
    format: &'static str,
    views: u64,
    likes: u64,
    comments: u64,
}

/// A channel with hits, flops, videos without views or likes, two formats, pauses of over a year, and videos published
/// in the same second; newest first.
fn channel() -> Vec<Video> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut published = 1_735_689_600;
    (0..700)
        .map(|place| {
            published -= match random(60) {
                0 => 400 * DAY as u64,
                1..=6 => 0,
                _ => random(9 * DAY as u64),
            } as i64;
            let views = match random(40) {
                0 => 0,
                1 => random(3_000_000),
                _ => 200 + random(20_000),
            };
            Video {
                published,
                format: if random(4) == 0 { "short" } else { "long" },
                views,
                likes: if place % 23 == 0 {
                    0
                } else {
                    random(views / 10 + 1)
                },
                comments: if place % 23 == 0 {
                    0
                } else {
                    random(views / 100 + 1)
                },
            }
        })
        .collect()
}

/// The line that `--json` should print for a video, without what it repeats of the file.
fn expected(version: u8, videos: &[Video], index: usize, as_of: i64) -> Vec<(&'static str, Value)> {
    let target = &videos[index];
    let mature = |video: &Video| as_of - video.published >= 30 * DAY;
    if !mature(target) {
        return vec![
            ("label", "too_recent".into()),
            ("score", Value::Null),
            ("n", Value::Null),
        ];
    }
    // From the earliest; of two in the same second neither is before the other, and the title orders them.
    let mut before: Vec<usize> = (0..videos.len())
        .filter(|&other| {
            let video = &videos[other];
            video.format == target.format
                && mature(video)
                && video.published < target.published
                && target.published - video.published <= 365 * DAY
        })
        .collect();
    before.sort_by_key(|&other| (videos[other].published, title(other)));
    let baseline: Vec<&Video> = before
        .iter()
        .skip(before.len().saturating_sub(20))
        .map(|&other| &videos[other])
        .collect();
    let n = baseline.len();
    if n < 3 {
        let label = ("label", "insufficient_data".into());
        return vec![
            label,
            ("score", Value::Null),
            ("multiplier", Value::Null),
            ("n", n.into()),
        ];
    }
    let ln1 = |views: u64| (1.0 + views as f64).ln();
    let views: Vec<f64> = baseline.iter().map(|video| ln1(video.views)).collect();
    let [m, s, r, z] = compare(version, &views, ln1(target.views), &REACH);
    let rates: Vec<f64> = baseline
        .iter()
        .filter(|video| video.views > 0 && video.likes + video.comments > 0)
        .map(|video| (video.likes + video.comments) as f64 / video.views as f64)
        .collect();
    let engagement = (rates.len() >= 3).then(|| {
        let usual = median(&rates);
        let rate = ((target.likes + target.comments) as f64 + 500.0 * usual)
            / (target.views as f64 + 500.0);
        let logarithms: Vec<f64> = rates.iter().map(|rate| rate.ln()).collect();
        compare(version, &logarithms, rate.ln(), &ENGAGEMENT)[3]
    });
    let total = together(version, z, engagement);
    let multiplier = (n as f64 / (n as f64 + 3.0) * r).exp();
    let label = match () {
        () if n < 5 => "provisional",
        () if multiplier >= outlier_from(version) && z >= 1.645 => "outlier",
        () if multiplier >= 1.3 && z >= 0.674 => "above",
        () if multiplier <= 1.0 / 1.3 && z <= -0.674 => "below",
        () => "typical",
    };
    vec![
        ("n", n.into()),
        ("m", m.into()),
        ("s", s.into()),
        ("r", r.into()),
        ("z", z.into()),
        ("raw_multiplier", r.exp().into()),
        ("multiplier", multiplier.into()),
        ("engagement_z", engagement.into()),
        ("z_total", total.into()),
        ("score", ((100.0 * phi(total)).round() as u64).into()),
        ("label", label.into()),
        ("confidence", (n as f64 / (n as f64 + 5.0)).into()),
        ("basis", "lifetime".into()),
        ("model_version", format!("cce-score/{version}").into()),
    ]
}

fn title(place: usize) -> String {
    format!("No. {place}: \"مرحبا\",\n💀")
}

/// Runs `catalyst score - ARGUMENTS` on a file.
fn run(file: &[u8], arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_catalyst"))
        .args(["score", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("catalyst runs");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(file)
        .expect("catalyst reads its input");
    child.wait_with_output().expect("catalyst ends")
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn agrees_with_a_second_implementation_line_by_line() {
    agrees(2, &[]);
}

#[test]
fn the_first_version_agrees_with_its_second_implementation_too() {
    agrees(1, &["--model", "cce-score/1"]);
}

fn agrees(version: u8, arguments: &[&str]) {
    let videos = channel();
    let mut file = "\u{feff}comments,title,published_at,format,views,likes\r\n".to_owned();
    for (place, video) in videos.iter().enumerate() {
        let time = jiff::Timestamp::from_second(video.published).expect("in range");
        file.push_str(&format!(
            "{},\"No. {place}: \"\"مرحبا\"\",\n💀\",{time},{},{},{}\r\n",
            video.comments, video.format, video.views, video.likes
        ));
    }
    let arguments = [&["--json", "--as-of", "2024-12-01"], arguments].concat();
    let output = run(file.as_bytes(), &arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = lines(&output);
    assert_eq!(lines.len(), videos.len());
    let as_of = 1_733_011_200;
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(line["row"], place + 1);
        assert_eq!(line["title"], title(place));
        for (field, wanted) in expected(version, &videos, place, as_of) {
            let found = &line[field];
            let same = match (found.as_f64(), wanted.as_f64()) {
                (Some(found), Some(wanted)) => {
                    (found - wanted).abs() <= 1e-8 * wanted.abs().max(1.0)
                }
                _ => *found == wanted,
            };
            assert!(same, "row {}, {field}: {found} is not {wanted}", place + 1);
        }
    }
    for label in [
        "too_recent",
        "insufficient_data",
        "provisional",
        "outlier",
        "above",
        "typical",
        "below",
    ] {
        assert!(
            lines.iter().any(|line| line["label"] == label),
            "the channel has no {label} video"
        );
    }
}

#[test]
fn a_malformed_row_is_named_after_the_rest_was_scored() {
    let file = "title,published_at,views,likes,comments\n\
        Good,2024-01-01T00:00:00Z,10,1,1\n\
        Bad,2024-01-02T00:00:00Z,ten,1,1\n\
        Good,2024-01-03T00:00:00Z,10,1,1\n\
        Bad,2024-01-04T00:00:00Z\n";
    let output = run(file.as_bytes(), &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    let rows: Vec<Value> = lines(&output)
        .into_iter()
        .map(|line| line["row"].clone())
        .collect();
    assert_eq!(rows, [1, 3]);
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        errors.contains("line 3, column 3 (views): \"ten\" is not a whole number"),
        "{errors}"
    );
    assert!(
        errors.contains("line 5, column 3 (views): the row has 2 fields"),
        "{errors}"
    );
}

#[test]
fn without_json_the_strongest_and_weakest_are_shown_with_their_reason() {
    let mut file = "title,published_at,views,likes,comments\n".to_owned();
    for day in 10..31 {
        file.push_str(&format!(
            "Video {day},2024-01-{day}T00:00:00Z,{},10,1\n",
            if day == 30 { 9000 } else { 1000 }
        ));
    }
    let output = run(file.as_bytes(), &["--as-of", "2024-06-01"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("Content Catalyst score, not a YouTube metric"),
        "{text}"
    );
    assert!(
        text.contains("9,000 views against 1,000 for the channel's last 20 videos."),
        "{text}"
    );
    assert!(
        text.contains("Strongest") && text.contains("Weakest"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let output = run(b"title,published_at\n", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no column `views`"));
    let missing = Command::new(env!("CARGO_BIN_EXE_catalyst"))
        .args(["score", "/none.csv"])
        .output()
        .expect("catalyst runs");
    assert_eq!(missing.status.code(), Some(1));
}
