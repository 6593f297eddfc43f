//! Records of a text whose fields a separator ends, as RFC 4180 has them and as people have them.
//!
//! The usual CSV readers take whatever comes: a quote that is never closed swallows the rest of the file without a
//! word. A report of every malformed row "after everything else was scored" needs a strict reader that goes on at the
//! next line, and that knows the line and column of every field.
//!
//! Read are: lines ending in LF, CRLF or CR; quoted fields with separators, doubled quotes and line breaks, with spaces
//! around them; a last line without an end. Lines without anything are skipped and are no rows. A quote inside an
//! unquoted field is an ordinary character.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::refusal::{Malformed, Place};
use super::text::Text;

/// No table of videos has as many columns.
const MOST_FIELDS: usize = 2000;

/// One record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// The line on which it starts, from 1; 0 where lines mean nothing.
    pub(super) line: u32,
    /// The fields.
    pub(super) fields: Vec<Text>,
}

/// Iterates over the records of a text.
pub(super) struct Records<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    separator: u8,
    row: u32,
    /// Of the record before.
    width: usize,
}

impl<'a> Records<'a> {
    /// The records from a place on, which stands at the start of a line.
    pub(super) fn new(text: &'a [u8], at: usize, line: u32, separator: u8) -> Self {
        Self {
            text,
            at,
            line,
            separator,
            row: 0,
            width: 0,
        }
    }

    /// Where the next record starts, and on which line.
    pub(super) fn position(&self) -> (usize, u32) {
        (self.at, self.line)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// Behind the end of a line that stands at `at`.
    fn after_line_end(&self, at: usize) -> usize {
        let is_pair = self.byte(at) == Some(b'\r') && self.byte(at + 1) == Some(b'\n');
        at + if is_pair { 2 } else { 1 }
    }

    fn next_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at = match memchr2(b'\n', b'\r', rest) {
            Some(end) => self.after_line_end(self.at + end),
            None => self.text.len(),
        };
        self.line = self.line.saturating_add(1);
    }

    fn record(&mut self) -> Result<Record, Malformed> {
        let (line, start) = (self.line, self.at);
        let mut fields = Vec::with_capacity(self.width);
        loop {
            let read = match self.field() {
                Ok(_) if fields.len() == MOST_FIELDS => {
                    Err("has more than 2,000 fields: give the columns that are needed")
                }
                Ok(text) if std::str::from_utf8(text.bytes(self.text)).is_ok() => Ok(text),
                Ok(_) => Err("holds a damaged character: save the file again as UTF-8"),
                Err(message) => Err(message),
            };
            match read {
                Ok(text) => fields.push(text),
                Err(message) => {
                    (self.at, self.line) = (start, line);
                    self.next_line();
                    let place = Place {
                        line,
                        row: self.row,
                        column: fields.len(),
                    };
                    let message = message.to_owned();
                    return Err(Malformed { place, message });
                }
            }
            match self.byte(self.at) {
                Some(byte) if byte == self.separator => self.at += 1,
                Some(_) => {
                    self.at = self.after_line_end(self.at);
                    self.line = self.line.saturating_add(1);
                    return Ok(Record { line, fields });
                }
                None => return Ok(Record { line, fields }),
            }
        }
    }

    /// Reads a field and stops at what ends it.
    fn field(&mut self) -> Result<Text, &'static str> {
        let spaces = self.text[self.at..]
            .iter()
            .take_while(|&&byte| byte == b' ')
            .count();
        if self.byte(self.at + spaces) != Some(b'"') || self.separator == b' ' {
            return Ok(self.plain_field());
        }
        match self.quoted_field(self.at + spaces + 1) {
            Err(_) if spaces > 0 => Ok(self.plain_field()),
            read => read,
        }
    }

    fn plain_field(&mut self) -> Text {
        let start = self.at;
        let rest = &self.text[start..];
        let length = memchr3(self.separator, b'\n', b'\r', rest).unwrap_or(rest.len());
        self.at = start + length;
        Text::at(start, length, false)
    }

    /// `start` is the place after the opening quote.
    fn quoted_field(&mut self, start: usize) -> Result<Text, &'static str> {
        let mut has_doubled = false;
        let mut at = start;
        let end = loop {
            let Some(quote) = memchr(b'"', &self.text[at..]) else {
                return Err(
                    "has a quote that is never closed: close it, or write a quote inside a quoted field twice",
                );
            };
            at += quote + 1;
            if self.byte(at) != Some(b'"') {
                break at - 1;
            }
            has_doubled = true;
            at += 1;
        };
        while self.byte(at) == Some(b' ') {
            at += 1;
        }
        if !matches!(self.byte(at), None | Some(b'\n' | b'\r'))
            && self.byte(at) != Some(self.separator)
        {
            return Err(
                "has text after its closing quote: write a quote inside a quoted field twice",
            );
        }
        let content = &self.text[start..end];
        let pairs = memchr_iter(b'\r', content).filter(|&at| content.get(at + 1) == Some(&b'\n'));
        let ends = memchr::memchr2_iter(b'\n', b'\r', content).count() - pairs.count();
        self.line = self
            .line
            .saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.at = at;
        Ok(Text::at(start, end - start, has_doubled))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        while matches!(self.byte(self.at), Some(b'\n' | b'\r')) {
            self.next_line();
        }
        self.row = self.row.saturating_add(1);
        let record = (self.at < self.text.len()).then(|| self.record());
        if let Some(Ok(record)) = &record {
            self.width = record.fields.len();
        }
        record
    }
}

#[cfg(test)]
mod tests;
