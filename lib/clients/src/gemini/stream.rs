//! `streamGenerateContent?alt=sse`: bytes to events, events to one answer.
//!
//! There is no end marker: a stream has ended well only when a chunk carried a finish reason. An error can come as an
//! event or as bare JSON over several lines, after status 200.

use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    answer::{Answer, Candidate, Content, Part, Response},
    error::Error,
};

/// More than this without the end of an event is not an answer to any request of ours.
const LARGEST_EVENT: usize = 8 * 1024 * 1024;

/// Cuts bytes into the payloads of server-sent events. Bytes are only decoded once a payload is complete, so a chunk may
/// end anywhere: inside a character, a line ending, or a name.
#[derive(Debug, Default)]
pub struct SseDecoder {
    /// The line being read, without its ending.
    line: Vec<u8>,
    /// The `data:` lines of the event being read.
    data: Vec<u8>,
    has_data: bool,
    /// JSON that came without `data:`.
    bare: Bare,
    /// The last byte was CR, so that an LF that follows belongs to it.
    after_cr: bool,
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

    fn end_line(&mut self, out: &mut Vec<Vec<u8>>) {
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

    fn end_event(&mut self, out: &mut Vec<Vec<u8>>) {
        if std::mem::take(&mut self.has_data) {
            out.push(std::mem::take(&mut self.data));
        }
    }
}

/// JSON without `data:`, gathered line by line until its brackets close.
#[derive(Debug, Default)]
struct Bare {
    text: Vec<u8>,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Bare {
    fn open(&self) -> bool {
        !self.text.is_empty()
    }

    fn push(&mut self, line: &[u8]) -> Option<Vec<u8>> {
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

    fn take(&mut self) -> Option<Vec<u8>> {
        let text = std::mem::take(self).text;
        (!text.is_empty()).then_some(text)
    }
}

/// Puts the chunks of a stream together into one answer.
#[derive(Debug, Default)]
pub struct Assembler {
    response: Response,
    text: String,
}

impl Assembler {
    /// Takes one payload and gives the text that it added.
    ///
    /// # Errors
    /// When the payload is an error of the service, or no JSON.
    pub fn push(&mut self, payload: &[u8], now: Timestamp) -> Result<String, Error> {
        let value: Value = serde_json::from_slice(payload).map_err(|_| self.unreadable())?;
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
        let chunk = Response::deserialize(value).map_err(|_| self.unreadable())?;
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

    fn unreadable(&self) -> Error {
        // Half a chunk at the end of a body is a cut connection in other words.
        self.cut()
    }

    /// The error for a stream that broke off here.
    #[must_use]
    pub fn cut(&self) -> Error {
        Error::Cut {
            partial: self.text.clone(),
            usage: self.response.usage_metadata,
        }
    }

    /// The answer, once the body has ended.
    ///
    /// # Errors
    /// When no chunk said that the answer is finished: the stream broke, whatever the status was.
    pub fn finish(mut self) -> Result<Answer, Error> {
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
mod tests {
    use super::{
        super::answer::{Outcome, Stage},
        *,
    };

    const HONEY: &str = concat!(
        ": keep-alive\n\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\u{f6}n\"}]}}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":1},\"modelVersion\":\"gemini-3.8-flash\"}\n\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\u{2028}ey\u{85}\"}]}}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":2}}\n\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\",\"thoughtSignature\":\"cw\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":3}}\n\n",
    );

    fn now() -> Timestamp {
        "2026-11-22T15:00:00Z".parse().unwrap()
    }

    fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Answer, Error> {
        let mut decoder = SseDecoder::default();
        let mut assembler = Assembler::default();
        for chunk in chunks {
            for payload in decoder.push(chunk) {
                assembler.push(&payload, now())?;
            }
        }
        for payload in decoder.finish() {
            assembler.push(&payload, now())?;
        }
        assembler.finish()
    }

    fn honey(answer: &Answer) {
        assert_eq!(
            answer.outcome,
            Outcome::Complete("Hön\u{2028}ey\u{85}".to_owned())
        );
        assert_eq!(
            answer.usage.unwrap().candidates_token_count,
            3,
            "the last running total, not the sum"
        );
        assert_eq!(answer.model_version.as_deref(), Some("gemini-3.8-flash"));
    }

    #[test]
    fn a_stream_reads_the_same_wherever_it_is_cut() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = HONEY.replace('\n', ending);
            let bytes = text.as_bytes();
            for at in 0..=bytes.len() {
                honey(&read([&bytes[..at], &bytes[at..]]).unwrap());
            }
            honey(&read(bytes.chunks(1)).unwrap());
        }
    }

    #[test]
    fn the_last_event_may_lack_its_empty_line() {
        honey(&read([HONEY.trim_end().as_bytes()]).unwrap());
    }

    #[test]
    fn a_body_that_ends_without_a_finish_reason_is_a_broken_stream() {
        let events: Vec<&str> = HONEY.split_inclusive("\n\n").collect();
        let cut = events[..3].concat();
        let Err(Error::Cut { partial, usage }) = read([cut.as_bytes()]) else {
            panic!()
        };
        assert_eq!(partial, "Hön\u{2028}ey\u{85}");
        assert_eq!(usage.unwrap().candidates_token_count, 2);
        let inside = &HONEY.as_bytes()[..HONEY.len() - 20];
        assert!(matches!(read([inside]), Err(Error::Cut { .. })));
        assert!(matches!(read([&b""[..]]), Err(Error::Cut { .. })));
    }

    #[test]
    fn a_blocked_prompt_is_one_chunk() {
        let answer =
            read([&b"data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n"[..]]).unwrap();
        assert!(matches!(
            answer.outcome,
            Outcome::Blocked {
                stage: Stage::Prompt,
                ..
            }
        ));
    }

    #[test]
    fn safety_in_the_last_chunk_discards_the_text() {
        let stream = concat!(
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"bad\"}]}}]}\n\n",
            "data: {\"candidates\":[{\"finishReason\":\"SAFETY\"}]}\n\n",
        );
        let answer = read([stream.as_bytes()]).unwrap();
        assert!(matches!(
            answer.outcome,
            Outcome::Blocked {
                stage: Stage::Output,
                ..
            }
        ));
    }

    #[test]
    fn errors_after_status_200_end_the_stream_in_every_form() {
        let event = b"data: {\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}\n\n";
        assert!(matches!(
            read([&event[..]]),
            Err(Error::Unavailable { status: 503, .. })
        ));
        let bare = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"a } in text\",\n\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}\n";
        for at in 0..bare.len() {
            let (a, b) = bare.as_bytes().split_at(at);
            assert!(
                matches!(read([a, b]), Err(Error::RateLimited { after: None })),
                "cut at {at}"
            );
        }
        let wrapped =
            b"[{\"error\":{\"code\":400,\"status\":\"FAILED_PRECONDITION\",\"message\":\"x\"}}]";
        assert!(matches!(
            read([&wrapped[..]]),
            Err(Error::NotAllowed { .. })
        ));
    }

    #[test]
    fn an_array_of_chunks_reads_like_a_stream() {
        let array = r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},
{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}]"#;
        assert_eq!(
            read([array.as_bytes()]).unwrap().outcome,
            Outcome::Complete("ab".to_owned())
        );
    }

    #[test]
    fn several_data_lines_are_one_event() {
        let stream = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\ndata:\"finishReason\":\"STOP\"}]}\n\n";
        assert_eq!(
            read([stream.as_bytes()]).unwrap().outcome,
            Outcome::Complete("a".to_owned())
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_chunks_are_read_without_panic(chunks: Vec<Vec<u8>>) {
            let _ = read(chunks.iter().map(Vec::as_slice));
        }

        #[test]
        fn any_cutting_gives_the_same_events(cuts in proptest::collection::vec(1usize..40, 0..60)) {
            let mut rest = HONEY.as_bytes();
            let mut chunks = Vec::new();
            for cut in cuts {
                let (head, tail) = rest.split_at(cut.min(rest.len()));
                chunks.push(head);
                rest = tail;
            }
            chunks.push(rest);
            honey(&read(chunks).unwrap());
        }
    }
}
