//! Whatever the bytes, the answer comes soon and needs little memory. `make mutations` tries a million inputs.

#![allow(clippy::too_many_lines, reason = "tests hold tables of cases")]

#[path = "score_files/export.rs"]
mod export;

use std::io::{self, Cursor, Write};
use std::panic::catch_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use catalyst_cli::score::{ScoreArgs, answer};
use clap::Parser;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::export::{Characters, Dates, Form, Grouping, STUDIO_NAMES, channel, write};

/// What one input may need besides twice its unpacked size.
const MEMORY: u64 = 64 << 20;

/// The machine may be busy; an input that hangs takes much longer.
const TIME: Duration = Duration::from_secs(20);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    score: ScoreArgs,
}

/// Memory is the process's, so one test measures at a time.
static MEASURING: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    MEASURING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The exit status and what is said; the scores are passed over.
fn score(bytes: Vec<u8>, arguments: &[&str]) -> (u8, String) {
    let arguments = [
        &["score", "file", "--json", "--as-of", "2026-06-01"],
        arguments,
    ]
    .concat();
    let arguments = Arguments::try_parse_from(arguments).unwrap_or_else(|error| panic!("{error}"));
    let mut said = Vec::new();
    let status =
        answer(bytes, &arguments.score, &mut io::sink(), &mut said).expect("memory takes it");
    (
        status,
        String::from_utf8(said).expect("what is said is UTF-8"),
    )
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % below.max(1)
    }
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, content) in entries {
        archive.start_file(*name, options).expect("a new entry");
        archive.write_all(content).expect("memory takes it");
    }
    archive.finish().expect("memory takes it").into_inner()
}

fn seeds() -> Vec<Vec<u8>> {
    let mut videos = channel();
    videos.truncate(9);
    let studio = Form {
        names: STUDIO_NAMES,
        dates: Dates::Studio,
        studio_rows: true,
        ..Form::default()
    };
    let table = write(&videos, &studio);
    let observed: String = (0..12)
        .map(|row| {
            format!(
                "{},2026-07-{:02},V,C,2026-07-0{}T12:00:00Z,{},5,5\n",
                row % 4,
                3 + row,
                1 + row % 4,
                100 * row
            )
        })
        .collect();
    let characters = [
        Characters::Utf8Marked,
        Characters::Utf16Be,
        Characters::Utf16LeUnmarked,
        Characters::Legacy("windows-1251"),
    ];
    let groupings = [
        Grouping::Indian,
        Grouping::PointZero,
        Grouping::With(' '),
        Grouping::None,
    ];
    let dates = [
        Dates::Midnight,
        Dates::Digits,
        Dates::Slashes,
        Dates::MonthFirst,
        Dates::DayMonth,
        Dates::Japanese,
        Dates::Seconds,
        Dates::Iso,
    ];
    let mut seeds: Vec<Vec<u8>> = (0..dates.len())
        .map(|turn| {
            let form = Form {
                characters: characters[turn % 4],
                grouping: groupings[(turn + 1) % 4],
                dates: dates[turn],
                ..Form::default()
            };
            write(&videos, &form)
        })
        .collect();
    seeds.extend([
        write(&videos, &Form::default()),
        write(&videos, &Form { separator: ';', grouping: Grouping::With('.'), dates: Dates::Dots, says_separator: true, ..Form::default() }),
        write(&videos, &Form { separator: '\t', characters: Characters::Utf16Le, dates: Dates::DayFirst, ..Form::default() }),
        write(&videos, &Form { characters: Characters::Legacy("windows-1252"), grouping: Grouping::With(','), quotes: true, ..Form::default() }),
        zipped(&[("Table data.csv", &table), ("Totals.csv", b"Date,Views\n2024-01-01,5\n")]),
        table,
        format!("video_id,observed_on,title,channel_title,published_at,views,likes,comments\n{observed}").into_bytes(),
        br#"{"kind":"youtube#videoListResponse","items":[{"kind":"youtube#video","id":"aB3dE5fG7hI","snippet":{"publishedAt":"2024-01-03T10:00:00Z","title":"One","liveBroadcastContent":"none"},"statistics":{"viewCount":"1200","likeCount":"40"}},{"id":{"videoId":"kL9mN1oP3qR"},"snippet":{"publishedAt":"2024-01-05T10:00:00Z","title":"Two"},"statistics":{"viewCount":"900"}}]}"#.to_vec(),
        b"{\"_type\":\"url\",\"id\":\"vid00000001\",\"title\":\"A \\u00e9\",\"view_count\":900,\"upload_date\":\"20240103\",\"timestamp\":null,\"epoch\":1717200000}\n{\"_type\":\"url\",\"id\":\"vid00000002\",\"title\":\"B\",\"view_count\":null,\"timestamp\":1704240000.5}\n".to_vec(),
    ]);
    seeds
}

/// What readers stumble over.
const PIECES: [&[u8]; 24] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"\xC3",
    b"sep=;\n",
    b"NA",
    b"12.000",
    b"99999999999999999999",
    b"03/04/2024",
    b"[",
    b"{\"items\":",
    b"]",
    b"}",
    b"PK\x03\x04",
    "合計".as_bytes(),
    b"1e308",
];

fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    if random.below(50) == 0 {
        return (0..random.below(400))
            .map(|_| random.below(256) as u8)
            .collect();
    }
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            2 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            3 if at < end => drop(bytes.drain(at..end)),
            4 if at < end => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                drop(bytes.splice(to..to, copy));
            }
            5 => bytes.truncate(bytes.len() - random.below(bytes.len() / 4 + 1)),
            6 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let piece = other[from..(from + random.below(200)).min(other.len())].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            _ => {
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
                let (one, other) = (random.below(lines.len()), random.below(lines.len()));
                if !lines.is_empty() {
                    lines.swap(one, other);
                }
                bytes = lines.concat();
            }
        }
    }
    bytes
}

/// The most memory that the process has had since [`forget_memory`], in bytes.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() << 10
}

fn forget_memory() {
    // Where it cannot be forgotten, less is measured.
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

#[test]
fn random_and_mutated_files_are_answered() {
    let _alone = alone();
    let count: usize = std::env::var("MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(4000);
    let seed: u64 = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(1);
    let seeds = seeds();
    let options: [&[&str]; 4] = [
        &[],
        &["--thousands", "."],
        &["--dates", "dmy"],
        &["--columns", "views=#3"],
    ];
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    forget_memory();
    let before = most_memory();
    for place in 0..count {
        let bytes = mutate(&seeds, &mut random);
        let arguments = options[random
            .below(options.len() * 3)
            .saturating_sub(options.len() * 2)];
        let start = Instant::now();
        let answer = catch_unwind(|| score(bytes.clone(), arguments));
        let shown = String::from_utf8_lossy(&bytes);
        let Ok((status, said)) = answer else {
            panic!("input {place} of SEED={seed} panics with {arguments:?}: {shown:?}");
        };
        assert!(
            start.elapsed() < TIME,
            "input {place} of SEED={seed} hangs: {shown:?}"
        );
        assert!(matches!(status, 0 | 2), "input {place}: status {status}");
        assert!(!said.is_empty(), "input {place}: nothing is said");
    }
    let needed = most_memory().saturating_sub(before);
    assert!(needed <= MEMORY, "{needed} bytes of memory");
}

/// What is said of an input, and how much memory it needs.
fn memory(bytes: Vec<u8>) -> (String, u64) {
    forget_memory();
    let before = most_memory();
    let (_, said) = score(bytes, &[]);
    (said, most_memory().saturating_sub(before))
}

#[test]
fn unpacking_stops_at_256_mb() {
    let _alone = alone();
    let mut content = b"title,published_at,views,likes,comments\n".to_vec();
    while content.len() <= 256 << 20 {
        content.extend_from_slice(&b"Some video,2024-01-01,1000,10,1\n".repeat(1 << 15));
    }
    let archive = zipped(&[("videos.csv", &content)]);
    drop(content);
    let (said, memory) = memory(archive);
    assert!(said.contains("more than 256 MB"), "{said}");
    assert!(memory <= MEMORY + (512 << 20), "{memory} bytes of memory");
}

#[test]
fn rows_need_little_more_than_their_file() {
    let _alone = alone();
    let mut content = b"title,published_at,views\n".to_vec();
    for row in 0..400_000_u32 {
        content.extend_from_slice(
            format!("{row},{},{}\n", 20_200_101 + row % 28, row % 9000).as_bytes(),
        );
    }
    let size = content.len() as u64;
    let (said, memory) = memory(content);
    assert!(said.contains("read as a table"), "{said}");
    assert!(
        memory <= MEMORY + 2 * size,
        "{memory} bytes of memory for {size}"
    );
}
