//! Everything the stand-ins hold, in one place, because an upload at YouTube is made with a token from Google.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::{fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gemini::store::Gemini;
use crate::google::store::Google;
use crate::revid::store::Revid;
use crate::youtube::store::Youtube;
use crate::{CallLog, Clock, Each, Faults, Service, Urls};

/// What the webhook sink was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Slack {
    pub(crate) messages: Vec<Value>,
}

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) urls: OnceLock<Urls>,
    pub(crate) google: Mutex<Google>,
    pub(crate) youtube: Mutex<Youtube>,
    pub(crate) gemini: Mutex<Gemini>,
    pub(crate) revid: Mutex<Revid>,
    pub(crate) slack: Mutex<Slack>,
    calls: Each<Mutex<CallLog>>,
    faults: Each<Mutex<Faults>>,
    state_file: Option<PathBuf>,
    is_changed: AtomicBool,
}

/// What is kept between two runs.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    google: Google,
    youtube: Youtube,
    gemini: Gemini,
    revid: Revid,
    slack: Slack,
}

impl World {
    pub(crate) fn new(clock: Clock, seed: u64, state_file: Option<PathBuf>) -> Self {
        let read = |file: &PathBuf| serde_json::from_slice(&fs::read(file).ok()?).ok();
        let mut saved: Saved = state_file.as_ref().and_then(read).unwrap_or_default();
        saved.youtube.reindex();
        Self {
            clock,
            seed,
            urls: OnceLock::new(),
            google: Mutex::new(saved.google),
            youtube: Mutex::new(saved.youtube),
            gemini: Mutex::new(saved.gemini),
            revid: Mutex::new(saved.revid),
            slack: Mutex::new(saved.slack),
            calls: Each::default(),
            faults: Each::default(),
            state_file,
            is_changed: AtomicBool::new(false),
        }
    }

    pub(crate) fn urls(&self) -> Urls {
        self.urls.get().cloned().unwrap_or_default()
    }

    pub(crate) fn calls(&self, service: Service) -> &Mutex<CallLog> {
        self.calls.of(service)
    }

    pub(crate) fn faults(&self, service: Service) -> &Mutex<Faults> {
        self.faults.of(service)
    }

    /// Notes that there is something to save.
    pub(crate) fn mark_changed(&self) {
        self.is_changed.store(true, Ordering::Relaxed);
    }

    /// Writes what is kept between two runs, if anything changed.
    pub(crate) fn save(&self) -> io::Result<()> {
        let changed = || self.is_changed.swap(false, Ordering::Relaxed);
        let Some(file) = self.state_file.as_ref().filter(|_| changed()) else {
            return Ok(());
        };
        // Copied first, so that nobody waits for the writing.
        let saved = Saved {
            google: lock(&self.google).clone(),
            youtube: lock(&self.youtube).clone(),
            gemini: lock(&self.gemini).clone(),
            revid: lock(&self.revid).clone(),
            slack: lock(&self.slack).clone(),
        };
        let bytes = serde_json::to_vec(&saved)?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let part = file.with_extension("part");
        fs::write(&part, bytes)?;
        fs::rename(part, file)
    }
}

/// Locks, also after a panic elsewhere: a stand-in has no invariants worth dying for.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
