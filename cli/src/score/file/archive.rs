//! The table in an archive, such as the one that YouTube Studio gives for download.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::refusal::Refusal;
use crate::score::text::quoted;

/// Nothing is unpacked or read beyond this.
pub(in crate::score) const LIMIT: usize = 256 << 20;

/// How much of each entry is looked at to find the one with the videos.
const HEAD: u64 = 64 << 10;

/// No export has as many files.
const MOST_ENTRIES: usize = 1000;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Unpacks the one entry whose beginning is wanted; the only table, when none is.
///
/// # Errors
/// When the archive is damaged, locked or too large, or holds no table, or several.
pub(super) fn unpack(
    bytes: &[u8],
    is_wanted: impl Fn(Vec<u8>) -> bool,
) -> Result<(String, Vec<u8>), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    refuse_documents(&archive)?;
    let tables: Vec<usize> = (0..archive.len().min(MOST_ENTRIES))
        .filter(|&place| is_table(&name(&archive, place)))
        .collect();
    let mut wanted = Vec::new();
    for &place in &tables {
        if is_wanted(read(&mut archive, place, HEAD)?) {
            wanted.push(place);
        }
    }
    let names = |places: &[usize]| {
        let names = places.iter().map(|&place| quoted(&name(&archive, place)));
        names.collect::<Vec<_>>().join(", ")
    };
    let place = match (wanted.as_slice(), tables.as_slice()) {
        (&[place], _) | ([], &[place]) => place,
        ([], []) => {
            return Err(Refusal::file(
                "the archive holds no CSV or JSON file: give the one with the videos",
            ));
        }
        ([], tables) => {
            return Err(Refusal::file(format!(
                "no file in the archive has a title, a time of publication and views for each video ({}): give \
                 Studio's \"Table data.csv\" of the tab Content, or name its columns with --columns",
                names(tables)
            )));
        }
        (several, _) => {
            return Err(Refusal::file(format!(
                "the archive holds several tables of videos ({}): unpack it and give one",
                names(several)
            )));
        }
    };
    let name = name(&archive, place);
    let content = read(&mut archive, place, LIMIT as u64 + 1)?;
    if content.len() > LIMIT {
        return Err(too_large());
    }
    Ok((name, content))
}

/// The file or what it unpacks to has more than [`LIMIT`] bytes.
pub(super) fn too_large() -> Refusal {
    Refusal::file(
        "holds more than 256 MB, too much for a channel's videos: give the rows of one channel only",
    )
}

/// Spreadsheets of today are archives, too.
fn refuse_documents(archive: &Archive<'_>) -> Result<(), Refusal> {
    let holds = |start: &str| {
        archive
            .file_names_raw()
            .any(|name| name.starts_with(start.as_bytes()))
    };
    let what = match () {
        () if holds("xl/") => "an Excel workbook (.xlsx)",
        () if holds("content.xml") => "an OpenDocument spreadsheet",
        () if holds("Index/") => "a Numbers document",
        () => return Ok(()),
    };
    Err(Refusal::file(format!(
        "this is {what}: save or export its sheet as CSV and give that"
    )))
}

/// An entry's name; nothing when it cannot be told.
fn name(archive: &Archive<'_>, place: usize) -> String {
    let name = archive.name_for_index(place).and_then(Result::ok);
    name.unwrap_or_default().into_owned()
}

fn is_table(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let ending = file
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    !name.starts_with("__MACOSX/")
        && !file.starts_with('.')
        && matches!(
            ending.as_deref(),
            Some("csv" | "tsv" | "txt" | "json" | "jsonl" | "ndjson")
        )
}

fn read(archive: &mut Archive<'_>, place: usize, most: u64) -> Result<Vec<u8>, Refusal> {
    let entry: ZipFile<'_, _> = archive.by_index(place).map_err(|error| damaged(&error))?;
    let mut content = Vec::new();
    match entry.take(most).read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(_) => Err(Refusal::file("the archive is damaged: download it again")),
    }
}

fn damaged(error: &ZipError) -> Refusal {
    Refusal::file(match error {
        ZipError::UnsupportedArchive(what) if *what == ZipError::PASSWORD_REQUIRED => {
            "the archive is locked with a password: unpack it and give the file in it"
        }
        ZipError::UnsupportedArchive(_) => {
            "the archive is compressed in a way that is not read here: unpack it and give the file in it"
        }
        _ => "the archive is damaged: download it again",
    })
}
