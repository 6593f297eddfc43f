//! A file's text with its header recognised.

use super::archive::{self, LIMIT};
use super::container::{Container, container};
use super::encoding;
use super::given::Given;
use super::header::{self, Header, Origin};
use super::objects::{self, Objects};
use super::records::{Record, Records};
use super::refusal::{Malformed, Refusal};

/// What may separate the fields; of two that serve alike the first is meant.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many lines may stand above the header: a title, a date.
const ABOVE: usize = 10;

/// A file whose columns are known and whose rows are still text.
pub(super) struct Sheet {
    /// What fields point into.
    pub(super) source: Vec<u8>,
    pub(super) header: Header,
    body: Body,
    /// The name of the encoding.
    pub(super) encoding: &'static str,
    /// The name in the archive, when it came in one.
    pub(super) entry: Option<String>,
}

enum Body {
    Records {
        /// Where the rows start, and on which line.
        at: usize,
        line: u32,
        separator: u8,
    },
    Objects(Objects),
}

impl Sheet {
    /// Finds the table in a file.
    ///
    /// # Errors
    /// When there is none that can be scored.
    pub(super) fn open(bytes: Vec<u8>, given: &Given) -> Result<Self, Refusal> {
        if bytes.len() > LIMIT {
            return Err(archive::too_large());
        }
        let is_header = |sample: &[u8]| has_videos(sample, given);
        let (entry, bytes) = match container(&bytes)? {
            Container::Text => (None, bytes),
            Container::Archive => {
                let is_wanted =
                    |head: Vec<u8>| has_videos(&encoding::decode(head, is_header).0, given);
                let (name, content) = archive::unpack(&bytes, is_wanted)?;
                drop(bytes);
                container(&content)?;
                (Some(name), content)
            }
        };
        let (source, encoding) = encoding::decode(bytes, is_header);
        if source.len() > LIMIT {
            return Err(archive::too_large());
        }
        let mut sheet = Self::find(source, given)?;
        (sheet.encoding, sheet.entry) = (encoding, entry);
        Ok(sheet)
    }

    fn find(source: Vec<u8>, given: &Given) -> Result<Self, Refusal> {
        let sheet = |source, header, body| Self {
            source,
            header,
            body,
            encoding: "",
            entry: None,
        };
        if objects::is_json(&source) {
            let (source, objects) = objects::read(&source)?;
            let header = header::recognise(objects.names().to_vec(), 0, objects.origin(), given)?;
            return Ok(sheet(source, header, Body::Objects(objects)));
        }
        let (header, body) = find_header(&source, given)?;
        Ok(sheet(source, header, body))
    }

    /// The separator, where there is one.
    pub(super) fn separator(&self) -> Option<u8> {
        match &self.body {
            Body::Records { separator, .. } => Some(*separator),
            Body::Objects(_) => None,
        }
    }

    /// The rows as text.
    pub(super) fn records(&self) -> Box<dyn Iterator<Item = Result<Record, Malformed>> + '_> {
        match &self.body {
            &Body::Records {
                at,
                line,
                separator,
            } => Box::new(Records::new(&self.source, at, line, separator)),
            Body::Objects(objects) => Box::new(objects.records()),
        }
    }
}

/// Whether a text's beginning is that of a table of videos.
fn has_videos(sample: &[u8], given: &Given) -> bool {
    if objects::is_json(sample) {
        return [&b"view_count"[..], b"viewCount", b"views"]
            .iter()
            .any(|name| sample.windows(name.len()).any(|window| window == *name));
    }
    find_header(sample, given).is_ok()
}

/// The header and where the rows start. Of several separators the one that makes most columns known is meant.
fn find_header(text: &[u8], given: &Given) -> Result<(Header, Body), Refusal> {
    let (start, said) = said_separator(text);
    let separators = said.map_or(SEPARATORS.to_vec(), |separator| vec![separator]);
    let mut best: Option<(usize, Header, Body)> = None;
    let mut refusal: Option<(usize, Refusal)> = None;
    for separator in separators {
        let mut records = Records::new(text, start, if start == 0 { 1 } else { 2 }, separator);
        for _ in 0..ABOVE {
            let Some(record) = records.next() else { break };
            let Ok(record) = record else { continue };
            let names: Vec<String> = record
                .fields
                .iter()
                .map(|name| name.of(text).trim().to_owned())
                .collect();
            let known = names
                .iter()
                .filter(|name| super::names::known(name).is_some())
                .count();
            let weight = (known, names.len());
            let (at, line) = records.position();
            match header::recognise(names, record.line, Origin::Table, given) {
                Ok(header) => {
                    if best.as_ref().is_none_or(|(most, ..)| known > *most) {
                        best = Some((
                            known,
                            header,
                            Body::Records {
                                at,
                                line,
                                separator,
                            },
                        ));
                    }
                    break;
                }
                Err(error) => {
                    let weight = weight.0 * 1000 + weight.1.min(999);
                    if refusal.as_ref().is_none_or(|(most, _)| weight > *most) {
                        refusal = Some((weight, error));
                    }
                }
            }
        }
    }
    match (best, refusal) {
        (Some((_, header, body)), _) => Ok((header, body)),
        (None, Some((_, refusal))) => Err(refusal),
        (None, None) => Err(Refusal::file(
            "the file is empty: give one with a header and a row for each video",
        )),
    }
}

/// Excel writes and reads a first line such as `sep=;`. Where the rest starts, and the separator.
fn said_separator(text: &[u8]) -> (usize, Option<u8>) {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    let line = &text[..end.unwrap_or(text.len())];
    let unquoted = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""))
        .unwrap_or(line);
    match unquoted {
        [s, e, p, b'=', separator] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            let is_pair = text.get(line.len()..line.len() + 2) == Some(b"\r\n");
            let start = line.len() + if is_pair { 2 } else { 1 };
            (start.min(text.len()), Some(*separator))
        }
        _ => (0, None),
    }
}
