//! Renders: where each is, and what they cost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Knobs, contains, settings};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Revid {
    pub(crate) renders: BTreeMap<String, Render>,
    /// The ids of the renders, oldest first.
    pub(crate) order: Vec<String>,
    pub(crate) knobs: Knobs,
    pub(crate) serial: u64,
    pub(crate) credits_charged: u64,
    pub(crate) estimates: u64,
    pub(crate) dangerous_calls: Vec<String>,
    pub(crate) webhooks: Vec<Delivery>,
}

/// One webhook call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) pid: String,
    pub(crate) attempt: u32,
    pub(crate) status: Option<u16>,
    pub(crate) at: Timestamp,
}

impl Revid {
    pub(crate) fn settings(&self, body: &[u8]) -> Settings {
        self.knobs
            .read(|text| contains(body, text.as_bytes()))
            .unwrap_or_default()
    }

    /// The renders, oldest first.
    pub(crate) fn in_order(&self) -> impl DoubleEndedIterator<Item = &Render> {
        self.order.iter().filter_map(|pid| self.renders.get(pid))
    }
}

settings! {
    /// Settings; each may be set for all renders or for those whose request holds a text. A render keeps those of its submission.
    Settings {
        api_key: Option<String> = None,
        auth_error_status: u16 = 401,
        dialect: String = "observed".into(),
        id_style: String = "plain".into(),
        polls_per_state: u32 = 1,
        ready_after_seconds: i64 = 180,
        ready_after_real_ms: Option<i64> = None,
        outcome: String = "ready".into(),
        ready_without_url_polls: u32 = 0,
        unknown_status: Option<String> = None,
        not_found_polls: u32 = 0,
        webhook: String = "normal".into(),
        webhook_tries: u32 = 1,
        file: String = "mp4".into(),
        file_bytes: u64 = 1_500_000,
        file_life_seconds: Option<i64> = None,
        duration_seconds: u32 = 38,
        credits: u64 = 10,
        estimate: Option<u64> = None,
        estimate_dialect: String = "creditsEstimate".into(),
        balance: Option<u64> = None,
        insufficient: String = "402".into(),
    }
}

/// Why a render fails, unless told.
const DEFAULT_FAILURE: &str = "media generation timed out";

/// One paid render and where it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Render {
    pub(crate) pid: String,
    pub(crate) workflow: String,
    pub(crate) request: Value,
    pub(crate) submitted_at: Timestamp,
    /// Real time, for webhooks that come by themselves.
    pub(crate) submitted_real: Timestamp,
    pub(crate) webhook_url: Option<String>,
    pub(crate) credits: u64,
    pub(crate) polls: u32,
    /// How often it was asked for since the end.
    pub(crate) terminal_polls: u32,
    pub(crate) terminal_at: Option<Timestamp>,
    pub(crate) webhook_due: bool,
    pub(crate) downloads: u32,
    pub(crate) settings: Settings,
}

impl Render {
    /// The words of the unfinished states, in order.
    fn states(&self) -> Vec<&str> {
        let (first, second) = match self.is_documented() {
            true => ("queued", "rendering"),
            false => ("building", "building"),
        };
        let odd = self.settings.unknown_status.as_deref();
        [Some(first), odd, Some(second)]
            .into_iter()
            .flatten()
            .collect()
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
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
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

    pub(crate) fn video_url(&self, base: &str) -> String {
        format!("{base}/v/{}.mp4", self.pid)
    }

    /// The first text of its source, whatever that is called.
    pub(crate) fn source_text(&self) -> &str {
        let source = self.request["source"].as_object();
        source
            .and_then(|source| source.values().find_map(Value::as_str))
            .unwrap_or_default()
    }

    /// The status body at the given time.
    pub(crate) fn status(&self, base: &str, now: Timestamp) -> Value {
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

    pub(crate) fn unfinished(&self) -> Value {
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

    pub(crate) fn finished(&self, base: &str) -> Value {
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
        let outcome = self.settings.outcome.as_str();
        let (status, text) = outcome
            .split_once(':')
            .unwrap_or((outcome, DEFAULT_FAILURE));
        let fails = ["failed", "error", "FAILED", "CANCELED"].contains(&status);
        fails.then_some((status, text))
    }
}
