//! One paid render and where it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::Settings;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Render {
    pub(super) pid: String,
    pub(super) workflow: String,
    pub(super) request: Value,
    pub(super) submitted_at: Timestamp,
    /// Real time, for webhooks that come by themselves.
    pub(super) submitted_real: Timestamp,
    pub(super) webhook_url: Option<String>,
    pub(super) credits: u64,
    pub(super) polls: u32,
    /// How often it was asked for since the end.
    pub(super) terminal_polls: u32,
    pub(super) terminal_at: Option<Timestamp>,
    pub(super) webhook_due: bool,
    pub(super) downloads: u32,
    pub(super) settings: Settings,
}

impl Render {
    /// The words of the unfinished states, in order.
    fn states(&self) -> Vec<&str> {
        let mut states = if self.is_documented() {
            vec!["queued", "rendering"]
        } else {
            vec!["building", "building"]
        };
        if let Some(odd) = &self.settings.unknown_status {
            states.insert(1, odd);
        }
        states
    }

    fn is_documented(&self) -> bool {
        self.settings.dialect == "documented"
    }

    /// Polls that were told the status, as far as they count for a state.
    fn told(&self, before: u32) -> u32 {
        self.polls
            .saturating_sub(self.settings.not_found_polls + before)
    }

    /// Whether the work is over at the given time, whether anybody asks or not.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let settings = &self.settings;
        if settings.outcome == "stuck" {
            return false;
        }
        let real = Timestamp::now()
            .duration_since(self.submitted_real)
            .as_millis();
        let needed = settings.polls_per_state * self.states().len() as u32;
        let waited = now.duration_since(self.submitted_at).as_secs();
        settings
            .ready_after_real_ms
            .is_some_and(|ms| real >= i128::from(ms))
            || (needed > 0 && self.told(0) >= needed)
            || waited >= settings.ready_after_seconds
    }

    pub(super) fn video_url(&self, base: &str) -> String {
        format!("{base}/v/{}.mp4", self.pid)
    }

    /// The first text of its source, whatever that is called.
    pub(super) fn source_text(&self) -> &str {
        let source = self.request.get("source").and_then(Value::as_object);
        source
            .and_then(|source| source.values().find_map(Value::as_str))
            .unwrap_or_default()
    }

    /// The status body at the given time.
    pub(super) fn status(&self, base: &str, now: Timestamp) -> Value {
        if self.is_due(now) {
            self.finished(base)
        } else {
            self.unfinished()
        }
    }

    fn body(&self, status: &str) -> Value {
        let mut body = json!({"pid": self.pid, "status": status});
        if !self.is_documented() {
            body["success"] = json!(1);
        }
        body
    }

    pub(super) fn unfinished(&self) -> Value {
        let states = self.states();
        let at = (self.told(1) / self.settings.polls_per_state.max(1)) as usize;
        let at = at.min(states.len() - 1);
        let mut body = self.body(states[at]);
        if self.is_documented() {
            body["progress"] = json!(at * 90 / states.len());
            body["error"] = Value::Null;
        }
        body
    }

    pub(super) fn finished(&self, base: &str) -> Value {
        if let Some((status, text)) = self.failure() {
            let mut body = self.body(status);
            let is_upper = status.chars().all(char::is_uppercase);
            body[if is_upper { "message" } else { "error" }] = json!(text);
            return body;
        }
        let mut body = self.body("ready");
        if self.is_documented() {
            body["progress"] = json!(100);
            body["thumbnailUrl"] = json!(format!("{base}/t/{}.jpg", self.pid));
            body["durationSeconds"] = json!(self.settings.duration_seconds);
            body["creditsUsed"] = json!(self.credits);
            body["error"] = Value::Null;
        } else {
            body["creditsConsumed"] = json!(self.credits);
        }
        if self.terminal_polls > self.settings.ready_without_url_polls {
            body["videoUrl"] = json!(self.video_url(base));
        }
        body
    }

    /// The status word and text of a render that is to fail.
    fn failure(&self) -> Option<(&str, &str)> {
        match self.settings.outcome.split_once(':') {
            Some((status @ ("failed" | "error" | "FAILED" | "CANCELED"), text)) => {
                Some((status, text))
            }
            _ if self.settings.outcome == "failed" => {
                Some(("failed", "media generation timed out"))
            }
            _ => None,
        }
    }
}
