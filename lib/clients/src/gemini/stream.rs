//! `streamGenerateContent?alt=sse`: bytes to events, events to one answer.
//!
//! There is no end marker: a stream has ended well only when a chunk carried a finish reason. An error can come as an
//! event or as bare JSON over several lines, after status 200.

use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

use super::answer::{Answer, Candidate, Content, Part, Response};
use super::error::Error;

/// More than this without the end of an event is not an answer to any request of ours.
pub(super) const LARGEST_EVENT: usize = 8 * 1024 * 1024;

/// Cuts bytes into the payloads of server-sent events. Bytes are only decoded once a payload is complete, so a chunk may
/// end anywhere: inside a character, a line ending, or a name.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
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
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
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
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        if !self.line.is_empty() {
            self.end_line(&mut out);
        }
        self.end_event(&mut out);
        out.extend(self.bare.take());
        out
    }

    /// Whether more is held back than any answer can have.
    pub(super) fn overflows(&self) -> bool {
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

/// Puts the chunks of a stream together into one answer.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    response: Response,
    text: String,
}

impl Assembler {
    /// Takes one payload and gives the text that it added.
    ///
    /// # Errors
    /// When the payload is an error of the service, or no JSON.
    pub(super) fn push(&mut self, payload: &[u8], now: Timestamp) -> Result<String, Error> {
        // Half a chunk at the end of a body is a cut connection in other words.
        let value: Value = serde_json::from_slice(payload).map_err(|_| self.cut())?;
        let before = self.text.len();
        // Without `alt=sse` a stream is one array of chunks; a proxy that drops the query gives that.
        match value {
            Value::Array(chunks) => chunks
                .into_iter()
                .try_for_each(|chunk| self.add(chunk, now))?,
            chunk => self.add(chunk, now)?,
        }
        Ok(self.text[before..].to_owned())
    }

    fn add(&mut self, value: Value, now: Timestamp) -> Result<(), Error> {
        if value.get("error").is_some() {
            return Err(Error::from_stream(&value, now));
        }
        let chunk = Response::deserialize(value).map_err(|_| self.cut())?;
        if let Some(candidate) = chunk.candidates.into_iter().next() {
            self.text.push_str(&candidate.text());
            let last = self
                .response
                .candidates
                .first()
                .and_then(|c| c.finish_reason.clone());
            let finish_reason = candidate.finish_reason.or(last);
            self.response.candidates = vec![Candidate {
                content: None,
                finish_reason,
                ..candidate
            }];
        }
        // Only the first chunk says why a prompt was blocked; usage is a running total, so the last one counts.
        let so_far = &mut self.response;
        so_far.prompt_feedback = so_far.prompt_feedback.take().or(chunk.prompt_feedback);
        so_far.usage_metadata = chunk.usage_metadata.or(so_far.usage_metadata);
        so_far.model_version = chunk.model_version.or(so_far.model_version.take());
        so_far.response_id = chunk.response_id.or(so_far.response_id.take());
        Ok(())
    }

    /// The error for a stream that broke off here.
    pub(super) fn cut(&self) -> Error {
        Error::Cut {
            partial: self.text.clone(),
            usage: self.response.usage_metadata,
        }
    }

    /// The answer, once the body has ended.
    ///
    /// # Errors
    /// When no chunk said that the answer is finished: the stream broke, whatever the status was.
    pub(super) fn finish(mut self) -> Result<Answer, Error> {
        let blocked = self
            .response
            .prompt_feedback
            .as_ref()
            .is_some_and(|feedback| feedback.block_reason.is_some());
        match self.response.candidates.first_mut() {
            Some(candidate) if candidate.finish_reason.is_some() => {
                let part = Part {
                    text: Some(std::mem::take(&mut self.text)),
                    thought: false,
                };
                candidate.content = Some(Content { parts: vec![part] });
            }
            _ if blocked => {}
            _ => return Err(self.cut()),
        }
        Ok(Answer::read(self.response))
    }
}

#[cfg(test)]
mod tests;
