//! What kind of file it is, by its first bytes.

use super::refusal::Refusal;

/// What the first bytes of a file tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// A zip archive.
    Archive,
    /// Anything else that may be text.
    Text,
}

/// How files begin that people give instead of a table.
const FOREIGN: [(&[u8], &str); 8] = [
    (
        b"\xD0\xCF\x11\xE0",
        "an Excel workbook (.xls): save it as CSV and give that",
    ),
    (b"%PDF", "a PDF: export the table as CSV and give that"),
    (
        b"\x1F\x8B",
        "compressed with gzip: unpack it with `gunzip` first",
    ),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"7z\xBC\xAF", "a 7-Zip archive: unpack it first"),
    (b"<!doctype", "a web page: download the file itself"),
    (b"<html", "a web page: download the file itself"),
    (
        b"SQLite format 3",
        "a SQLite database: export the table of videos as CSV",
    ),
];

/// Tells an archive from text.
///
/// # Errors
/// When the file is of a kind that cannot hold a table of videos as text.
pub(super) fn container(bytes: &[u8]) -> Result<Container, Refusal> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Container::Archive);
    }
    let begins = |with: &[u8]| {
        bytes
            .get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    match FOREIGN.iter().find(|(start, _)| begins(start)) {
        Some((_, what)) => Err(Refusal::file(format!("this is {what}"))),
        None => Ok(Container::Text),
    }
}
