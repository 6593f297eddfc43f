//! RFC 4180 records of a file that people made by hand.
//!
//! The usual CSV readers take whatever comes: a quote that is never closed swallows the rest of the file without a
//! word. A report of every malformed row "after everything else was scored" needs a strict reader that goes on at the
//! next line, and that knows the line and column of every field.
//!
//! Read are: UTF-8 with or without a byte order mark; lines ending in LF or CRLF; quoted fields with commas, doubled
//! quotes and line breaks; a last line without an end. Lines without anything are skipped and are no rows. A quote
//! inside an unquoted field is an ordinary character.

/// One record: its fields as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The line on which it starts, counted from 1.
    pub(crate) line: usize,
    /// The fields.
    pub(crate) fields: Vec<String>,
}

/// Why a record cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RowError {
    /// The line on which the record starts, counted from 1.
    pub(crate) line: usize,
    /// The field, counted from 1.
    pub(crate) column: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// Iterates over the records of a file.
pub(crate) struct Records<'a> {
    rest: &'a [u8],
    line: usize,
}

impl RowError {
    /// A error in a field, counted from 0.
    pub(crate) fn at(line: usize, place: usize, message: impl Into<String>) -> Self {
        let (column, message) = (place + 1, message.into());
        Self {
            line,
            column,
            message,
        }
    }
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        Self { rest, line: 1 }
    }

    /// Goes to the line after the one on which the reader stands.
    fn skip_line(&mut self) {
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        self.line += 1;
    }

    fn record(&mut self) -> Result<Record, RowError> {
        let line = self.line;
        let (fields, length) = match read_fields(self.rest) {
            Ok(read) => read,
            Err((place, message)) => {
                self.skip_line();
                return Err(RowError::at(line, place, message));
            }
        };
        let (read, rest) = self.rest.split_at(length);
        self.line += read.iter().filter(|&&byte| byte == b'\n').count();
        self.rest = rest;
        let text = |(place, field)| {
            String::from_utf8(field).map_err(|_| RowError::at(line, place, "is not UTF-8"))
        };
        let fields: Result<_, _> = fields.into_iter().enumerate().map(text).collect();
        fields.map(|fields| Record { line, fields })
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest.starts_with(b"\n") || self.rest.starts_with(b"\r\n") {
            self.skip_line();
        }
        (!self.rest.is_empty()).then(|| self.record())
    }
}

/// The fields of a record, and its length in bytes.
type Fields = (Vec<Vec<u8>>, usize);

/// The fields of a record, or the field that cannot be read and why.
fn read_fields(bytes: &[u8]) -> Result<Fields, (usize, &'static str)> {
    let mut fields = Vec::new();
    let mut length = 0;
    loop {
        let field = read_field(&bytes[length..]).map_err(|message| (fields.len(), message))?;
        fields.push(field.content);
        length += field.length;
        if !field.is_followed {
            return Ok((fields, length));
        }
    }
}

const TEXT_AFTER_QUOTE: &str =
    "has text after its closing quote (write a quote inside a quoted field twice)";

struct Field {
    content: Vec<u8>,
    /// Bytes read, with what ended the field.
    length: usize,
    /// Whether a comma ended it.
    is_followed: bool,
}

fn read_field(bytes: &[u8]) -> Result<Field, &'static str> {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        let end = bytes.iter().position(|byte| matches!(byte, b',' | b'\n'));
        let end = end.unwrap_or(bytes.len());
        let mut content = &bytes[..end];
        if bytes.get(end) != Some(&b',') {
            content = content.strip_suffix(b"\r").unwrap_or(content);
        }
        return Ok(finish(content.to_vec(), bytes, end));
    };
    let mut content = Vec::new();
    let mut place = 0;
    loop {
        let Some(quote) = quoted[place..].iter().position(|&byte| byte == b'"') else {
            return Err("has a quote that is never closed");
        };
        content.extend_from_slice(&quoted[place..place + quote]);
        place += quote + 1;
        match &quoted[place..] {
            [b'"', ..] => {
                content.push(b'"');
                place += 1;
            }
            [] | [b',' | b'\n', ..] => return Ok(finish(content, bytes, place + 1)),
            [b'\r', b'\n', ..] => return Ok(finish(content, bytes, place + 2)),
            _ => return Err(TEXT_AFTER_QUOTE),
        }
    }
}

/// `end` is the place of the byte that ends the field.
fn finish(content: Vec<u8>, bytes: &[u8], end: usize) -> Field {
    Field {
        content,
        length: bytes.len().min(end + 1),
        is_followed: bytes.get(end) == Some(&b','),
    }
}

#[cfg(test)]
mod tests;
