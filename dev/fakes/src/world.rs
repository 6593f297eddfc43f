//! Everything the stand-ins hold, in one place, because an upload at YouTube is made with a token from Google.

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use crate::{
    call_log::CallLog,
    clock::Clock,
    faults::Faults,
    gemini::store::Gemini,
    google::store::Google,
    lock::lock,
    revid::store::Revid,
    service::{Service, Urls},
    slack::store::Slack,
    youtube::store::Youtube,
};

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) urls: OnceLock<Urls>,
    pub(crate) google: Mutex<Google>,
    pub(crate) youtube: Mutex<Youtube>,
    pub(crate) gemini: Mutex<Gemini>,
    pub(crate) revid: Mutex<Revid>,
    pub(crate) slack: Mutex<Slack>,
    calls: [Mutex<CallLog>; 5],
    faults: [Mutex<Faults>; 5],
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
            calls: Default::default(),
            faults: Default::default(),
            state_file,
            is_changed: AtomicBool::new(false),
        }
    }

    pub(crate) fn urls(&self) -> Urls {
        self.urls.get().cloned().unwrap_or_default()
    }

    pub(crate) fn calls(&self, service: Service) -> &Mutex<CallLog> {
        &self.calls[service as usize]
    }

    pub(crate) fn faults(&self, service: Service) -> &Mutex<Faults> {
        &self.faults[service as usize]
    }

    /// Notes that there is something to save.
    pub(crate) fn mark_changed(&self) {
        self.is_changed.store(true, Ordering::Relaxed);
    }

    /// Writes what is kept between two runs, if anything changed.
    pub(crate) fn save(&self) -> io::Result<()> {
        let Some(file) = &self.state_file else {
            return Ok(());
        };
        if !self.is_changed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
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
