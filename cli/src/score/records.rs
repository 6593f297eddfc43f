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
pub(crate) struct Fault {
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

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes),
            line: 1,
        }
    }

    /// Goes to the line after the one on which the reader stands.
    fn skip_line(&mut self) {
        let end = self
            .rest
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(self.rest.len(), |end| end + 1);
        self.rest = &self.rest[end..];
        self.line += 1;
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest.starts_with(b"\n") || self.rest.starts_with(b"\r\n") {
            self.skip_line();
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let mut fields = Vec::new();
        let mut place = 0;
        loop {
            let field = match read_field(&self.rest[place..]) {
                Ok(field) => field,
                Err(message) => {
                    self.skip_line();
                    return Some(Err(Fault {
                        line,
                        column: fields.len() + 1,
                        message: message.to_owned(),
                    }));
                }
            };
            fields.push(field.content);
            place += field.length;
            match field.end {
                End::Comma => {}
                End::Line => break,
            }
        }
        self.line += self.rest[..place]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        self.rest = &self.rest[place..];
        let mut texts = Vec::with_capacity(fields.len());
        for (index, field) in fields.into_iter().enumerate() {
            match String::from_utf8(field) {
                Ok(text) => texts.push(text),
                Err(_) => {
                    let message = "is not UTF-8".to_owned();
                    return Some(Err(Fault {
                        line,
                        column: index + 1,
                        message,
                    }));
                }
            }
        }
        Some(Ok(Record {
            line,
            fields: texts,
        }))
    }
}

enum End {
    Comma,
    Line,
}

struct Field {
    content: Vec<u8>,
    /// Bytes read, with what ended the field.
    length: usize,
    end: End,
}

fn read_field(bytes: &[u8]) -> Result<Field, &'static str> {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        let end = bytes
            .iter()
            .position(|byte| matches!(byte, b',' | b'\n'))
            .unwrap_or(bytes.len());
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
            _ => {
                return Err(
                    "has text after its closing quote (write a quote inside a quoted field twice)",
                );
            }
        }
    }
}

/// `end` is the place of the byte that ends the field.
fn finish(content: Vec<u8>, bytes: &[u8], end: usize) -> Field {
    match bytes.get(end) {
        Some(b',') => Field {
            content,
            length: end + 1,
            end: End::Comma,
        },
        Some(_) => Field {
            content,
            length: end + 1,
            end: End::Line,
        },
        None => Field {
            content,
            length: end,
            end: End::Line,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Record, Fault>> {
        Records::new(text.as_bytes()).collect()
    }

    fn record(line: usize, fields: &[&str]) -> Result<Record, Fault> {
        Ok(Record {
            line,
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
        })
    }

    #[test]
    fn reads_what_rfc_4180_allows() {
        assert_eq!(
            read("\u{feff}a,b\r\n\"x, \"\"y\"\"\r\nz\",\r\n\r\n\"\",5\" screen\r\nمرحبا,💀"),
            [
                record(1, &["a", "b"]),
                record(2, &["x, \"y\"\r\nz", ""]),
                record(5, &["", "5\" screen"]),
                record(6, &["مرحبا", "💀"]),
            ]
        );
        assert_eq!(read("a\n\n\nb\n"), [record(1, &["a"]), record(4, &["b"])]);
        assert_eq!(read("a,"), [record(1, &["a", ""])]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn goes_on_after_a_bad_quote() {
        let found = read("a,b\nx,\"never closed\n\"good, one\",2\n3,4\n");
        assert_eq!(found[0], record(1, &["a", "b"]));
        let Err(fault) = &found[1] else {
            panic!("{found:?}")
        };
        assert_eq!((fault.line, fault.column), (2, 2));
        assert_eq!(
            found[2..],
            [record(3, &["good, one", "2"]), record(4, &["3", "4"])]
        );
        let found = read("\"open\n1,2\n");
        assert_eq!(
            found[0].as_ref().unwrap_err().message,
            "has a quote that is never closed"
        );
        assert_eq!(found[1..], [record(2, &["1", "2"])]);
    }

    #[test]
    fn names_the_field_that_is_not_utf_8() {
        let found: Vec<_> = Records::new(b"a,b\n1,\xff\n2,3").collect();
        assert_eq!(
            found[1],
            Err(Fault {
                line: 2,
                column: 2,
                message: "is not UTF-8".to_owned()
            })
        );
        assert_eq!(found[2], record(3, &["2", "3"]));
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_read_to_its_end(bytes in proptest::collection::vec(
            proptest::prop_oneof![proptest::sample::select(&b"\",\n\r a\xef\xbb\xbf\xff"[..]), proptest::num::u8::ANY], 0..200)) {
            let lines = 1 + bytes.iter().filter(|&&byte| byte == b'\n').count();
            let mut last = 0;
            for found in Records::new(&bytes) {
                let line = match found {
                    Ok(record) => record.line,
                    Err(fault) => fault.line,
                };
                proptest::prop_assert!(last < line && line <= lines, "{last} {line} of {lines}");
                last = line;
            }
        }

        #[test]
        fn what_was_quoted_comes_back(rows in proptest::collection::vec(proptest::collection::vec("\\PC{0,12}|[\",\n\r]{1,4}", 2..5), 0..6)) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let text: String = rows
                .iter()
                .map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",") + "\r\n")
                .collect();
            let back: Vec<Vec<String>> = read(&text).into_iter().map(|record| record.unwrap().fields).collect();
            proptest::prop_assert_eq!(back, rows);
        }
    }
}
