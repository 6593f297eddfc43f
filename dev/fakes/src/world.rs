//! Everything the stand-ins hold, in one place, because an upload at YouTube is made with a token from Google.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::response::Response;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    Urls,
    clock::Clock,
    gemini::{self, Gemini},
    google::{self, Google},
    revid::{self, Revid},
    server::{Call, Caller, Desk, Head, Service, lock},
    slack::{self, Slack},
    youtube::{self, Youtube},
};

/// The outside world.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) urls: OnceLock<Urls>,
    pub(crate) google: Mutex<Google>,
    pub(crate) youtube: Mutex<Youtube>,
    pub(crate) gemini: Mutex<Gemini>,
    pub(crate) revid: Mutex<Revid>,
    pub(crate) slack: Mutex<Slack>,
    desks: [Desk; 5],
    state_file: Option<PathBuf>,
    dirty: AtomicBool,
}

/// What is kept between two runs.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    google: Google,
    youtube: Youtube,
    gemini: Gemini,
    revid: Revid,
    slack: Slack,
}

impl World {
    pub(crate) fn new(clock: Clock, seed: u64, state_file: Option<PathBuf>) -> Self {
        let kept = state_file
            .as_ref()
            .and_then(|file| std::fs::read(file).ok())
            .and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let Kept {
            google,
            mut youtube,
            gemini,
            revid,
            slack,
        } = kept.unwrap_or_default();
        youtube.reindex();
        Self {
            clock,
            seed,
            urls: OnceLock::new(),
            google: Mutex::new(google),
            youtube: Mutex::new(youtube),
            gemini: Mutex::new(gemini),
            revid: Mutex::new(revid),
            slack: Mutex::new(slack),
            desks: Default::default(),
            state_file,
            dirty: AtomicBool::new(false),
        }
    }

    pub(crate) fn urls(&self) -> Urls {
        self.urls.get().cloned().unwrap_or_default()
    }

    pub(crate) fn desk(&self, service: Service) -> &Desk {
        &self.desks[service as usize]
    }

    /// Notes that there is something to keep.
    pub(crate) fn touch(&self) {
        self.dirty.store(true, Ordering::Relaxed);
    }

    /// Writes what is kept between two runs, if anything changed.
    pub(crate) fn save(&self) -> std::io::Result<()> {
        let Some(file) = &self.state_file else {
            return Ok(());
        };
        if !self.dirty.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        // Copied first, so that nobody waits for the writing.
        let kept = Kept {
            google: lock(&self.google).clone(),
            youtube: lock(&self.youtube).clone(),
            gemini: lock(&self.gemini).clone(),
            revid: lock(&self.revid).clone(),
            slack: lock(&self.slack).clone(),
        };
        let bytes = serde_json::to_vec(&kept).map_err(std::io::Error::other)?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let part = file.with_extension("part");
        std::fs::write(&part, bytes)?;
        std::fs::rename(part, file)
    }

    pub(crate) fn clock_state(&self) -> Value {
        json!({"now": self.clock.now().to_string(), "offset_seconds": self.clock.offset_ms() as f64 / 1000.0})
    }

    pub(crate) fn operations(&self, service: Service, head: &Head) -> Vec<&'static str> {
        match service {
            Service::Google => google::operations(head),
            Service::Youtube => youtube::operations(head),
            Service::Gemini => gemini::operations(head),
            Service::Revid => revid::operations(head),
            Service::Slack => vec!["message"],
        }
    }

    pub(crate) fn caller(&self, service: Service, head: &Head, body: &[u8]) -> Caller {
        match service {
            Service::Google => google::caller(self, head, body),
            Service::Youtube => youtube::caller(self, head),
            Service::Gemini | Service::Revid | Service::Slack => Caller::default(),
        }
    }

    pub(crate) async fn handle(self: &Arc<Self>, service: Service, call: Call) -> Response {
        match service {
            Service::Google => google::handle(self, &call),
            Service::Youtube => youtube::handle(self, call).await,
            Service::Gemini => gemini::handle(self, &call).await,
            Service::Revid => revid::handle(self, &call).await,
            Service::Slack => slack::handle(self, &call),
        }
    }

    pub(crate) fn named_error(&self, service: Service, name: &str) -> Option<(u16, Value)> {
        match service {
            Service::Google => google::named_error(name),
            Service::Youtube => youtube::named_error(name),
            Service::Gemini => gemini::named_error(name),
            Service::Revid => revid::named_error(name),
            Service::Slack => None,
        }
    }

    pub(crate) fn plain_error(&self, service: Service, status: u16) -> Value {
        match service {
            Service::Google => json!({"error": "internal_failure"}),
            Service::Youtube => youtube::plain_error(status),
            Service::Gemini => gemini::plain_error(status),
            Service::Revid => json!({"success": 0, "error": "Internal error", "docs": {}}),
            Service::Slack => json!({"ok": false}),
        }
    }

    pub(crate) fn state(&self, service: Service, head: &Head) -> Value {
        match service {
            Service::Google => google::state(self),
            Service::Youtube => youtube::state(self, head),
            Service::Gemini => gemini::state(self, head),
            Service::Revid => revid::state(self, head),
            Service::Slack => slack::state(self),
        }
    }

    pub(crate) async fn control(
        self: &Arc<Self>,
        service: Service,
        head: &Head,
        body: &[u8],
    ) -> Option<Result<Value, String>> {
        match service {
            Service::Google => google::control(self, head, body),
            Service::Youtube => youtube::control(self, head, body),
            Service::Gemini => gemini::control(self, head, body),
            Service::Revid => revid::control(self, head, body).await,
            Service::Slack => slack::control(self, head, body),
        }
    }
}

/// Settings with exceptions: for all, and for what a key names (an account, or a text in the body).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Knobs {
    all: Map<String, Value>,
    some: BTreeMap<String, Map<String, Value>>,
}

impl Knobs {
    /// Changes settings from a control body; `key` names the field that limits the change.
    pub(crate) fn set<T: DeserializeOwned + Serialize>(
        &mut self,
        key: &str,
        mut change: Map<String, Value>,
    ) -> Result<Value, String> {
        let only = match change.remove(key) {
            Some(Value::String(only)) => Some(only),
            Some(_) => return Err(format!("`{key}` must be text")),
            None => None,
        };
        let mut trial = self.clone();
        let target = match &only {
            Some(only) => trial.some.entry(only.clone()).or_default(),
            None => &mut trial.all,
        };
        for (name, value) in change {
            target.insert(name, value);
        }
        let settings: T = trial
            .read(|name| Some(name) == only.as_deref())
            .map_err(|error| error.to_string())?;
        *self = trial;
        serde_json::to_value(settings).map_err(|error| error.to_string())
    }

    /// The settings that hold where `applies` is true of an exception's key.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        applies: impl Fn(&str) -> bool,
    ) -> Result<T, serde_json::Error> {
        let mut merged = self.all.clone();
        for (_, exception) in self.some.iter().filter(|(key, _)| applies(key)) {
            for (name, value) in exception {
                merged.insert(name.clone(), value.clone());
            }
        }
        serde_json::from_value(Value::Object(merged))
    }

    /// Back to the defaults, or only without one exception.
    pub(crate) fn clear(&mut self, only: Option<&str>) {
        match only {
            Some(only) => {
                self.some.remove(only);
            }
            None => *self = Self::default(),
        }
    }
}

/// A stable 64-bit hash of some texts.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    u64::from_be_bytes(digest(parts)[..8].try_into().unwrap_or_default())
}

/// A stable digest of some texts.
pub(crate) fn digest(parts: &[&str]) -> [u8; 32] {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// The first `n` characters of a digest in the alphabet that YouTube's ids use.
pub(crate) fn short_id(parts: &[&str], n: usize) -> String {
    use base64::Engine as _;
    let mut text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest(parts));
    text.truncate(n);
    text
}

/// Hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
