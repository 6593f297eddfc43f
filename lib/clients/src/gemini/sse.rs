//! Server-sent events, decoded.

/// More than this without the end of an event is not an answer to any request of ours.
pub(super) const LARGEST_EVENT: usize = 8 * 1024 * 1024;

/// Cuts bytes into the payloads of server-sent events. Bytes are only decoded once a payload is complete, so a chunk may
/// end anywhere: inside a character, a line ending, or a name.
#[derive(Debug, Default)]
pub struct SseDecoder {
    /// The line being read, without its ending.
    pub(super) line: Vec<u8>,
    /// The `data:` lines of the event being read.
    pub(super) data: Vec<u8>,
    pub(super) has_data: bool,
    /// JSON that came without `data:`.
    pub(super) bare: Bare,
    /// The last byte was CR, so that an LF that follows belongs to it.
    pub(super) after_cr: bool,
}

impl SseDecoder {
    /// Takes the next bytes and gives the payloads that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        for &byte in bytes {
            // Lines end at CR, LF or CRLF and nowhere else: U+2028 and U+0085 may stand inside the JSON.
            match byte {
                b'\n' if std::mem::take(&mut self.after_cr) => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    self.end_line(&mut out);
                }
                _ => {
                    self.after_cr = false;
                    self.line.push(byte);
                }
            }
        }
        out
    }

    /// What is left when the body has ended: an event that lacked its empty line.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        if !self.line.is_empty() {
            self.end_line(&mut out);
        }
        self.end_event(&mut out);
        out.extend(self.bare.take());
        out
    }

    /// Whether more is held back than any answer can have.
    #[must_use]
    pub fn overflows(&self) -> bool {
        self.line.len() + self.data.len() + self.bare.text.len() > LARGEST_EVENT
    }

    pub(super) fn end_line(&mut self, out: &mut Vec<Vec<u8>>) {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if self.bare.open() || matches!(line.first(), Some(b'{' | b'[')) {
            out.extend(self.bare.push(line));
        } else if line.is_empty() {
            self.end_event(out);
        } else if let Some(data) = line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data
                .extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
        }
        // Comments (`:`), other fields and stray lines say nothing to us.
    }

    pub(super) fn end_event(&mut self, out: &mut Vec<Vec<u8>>) {
        if std::mem::take(&mut self.has_data) {
            out.push(std::mem::take(&mut self.data));
        }
    }
}

/// JSON without `data:`, gathered line by line until its brackets close.
#[derive(Debug, Default)]
pub(super) struct Bare {
    pub(super) text: Vec<u8>,
    pub(super) depth: usize,
    pub(super) in_string: bool,
    pub(super) escaped: bool,
}

impl Bare {
    pub(super) fn open(&self) -> bool {
        !self.text.is_empty()
    }

    pub(super) fn push(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        for &byte in line {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => self.depth += 1,
                b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        if self.depth == 0 && !self.in_string {
            self.take()
        } else {
            None
        }
    }

    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let text = std::mem::take(self).text;
        (!text.is_empty()).then_some(text)
    }
}
