//! `streamGenerateContent?alt=sse`: bytes to events, events to one answer.
//!
//! There is no end marker: a stream has ended well only when a chunk carried a finish reason. An error can come as an
//! event or as bare JSON over several lines, after status 200.

use super::{
    answer::Answer,
    error::Error,
    response::{Candidate, Content, Part, Response},
};
use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

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
mod tests;
