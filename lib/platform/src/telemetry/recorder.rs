//! What an instance saw, kept in bounded memory until it is written, after the answers.
//!
//! Nothing here is ever waited for by a request. Records gather for a second, so that an instance under load writes once
//! a second whatever its load is; when the database does not take them they wait for the next write, and what does not
//! fit into memory is dropped and counted.
//!
//! The host is asked to keep the instance by one request of each second: one for all whose records are written with its
//! own, and only until they are. A request that asks is under way until then, and many at once look like load.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::export;
use super::records::{Batch, Call, Request};
use crate::{config, db::Db};

pub use super::records::StepRun;

/// How long records gather.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// How long one write may take.
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    writing: bool,
    /// The number of the flush that what waits now belongs to.
    flush: u64,
    /// Whether a request keeps the instance until its end.
    kept: bool,
}

/// The records of one instance.
#[derive(Debug)]
struct Recorder {
    state: Mutex<State>,
    /// How many flushes have ended.
    ended: watch::Sender<u64>,
}

static SHARED: LazyLock<Recorder> = LazyLock::new(Recorder::new);

impl Recorder {
    fn new() -> Self {
        Self {
            state: Mutex::default(),
            ended: watch::Sender::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a record, and sees to it that it is written. `push` says how many others were dropped for it.
    fn keep(&'static self, push: impl FnOnce(&mut Batch) -> u64) {
        let mut state = self.state();
        let dropped = push(&mut state.waiting);
        state.waiting.dropped += dropped;
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !std::mem::replace(&mut state.writing, true)
        {
            runtime.spawn(self.write());
        }
    }

    async fn write(&self) {
        loop {
            tokio::time::sleep(FLUSH_EVERY).await;
            let mut result = Ok(());
            for _ in 0..self.begin_flush() {
                let batch = self.state().waiting.take();
                result = send(batch).await;
                if result.is_err() {
                    break;
                }
            }
            if self.end_flush(result) {
                return;
            }
        }
    }

    /// Later records belong to the next flush. Returns in how many batches what waits is written.
    fn begin_flush(&self) -> usize {
        let mut state = self.state();
        state.flush += 1;
        state.kept = false;
        state.waiting.batches()
    }

    /// Returns whether writing ends with it: nothing waits, or what waits is tried again with the next record.
    fn end_flush(&self, result: Result<(), Batch>) -> bool {
        let mut state = self.state();
        let failed = result.is_err();
        if let Err(unwritten) = result {
            state.waiting.put_back(unwritten);
        }
        state.writing = !failed && !state.waiting.is_empty();
        if !state.writing {
            // No request may wait for the end of a flush that is not made.
            state.flush += 1;
            state.kept = false;
        }
        self.ended.send_replace(state.flush);
        !state.writing
    }

    /// The end of the flush that writes what waits now, for the first request of it that asks.
    fn end_to_wait_for(&self) -> Option<impl Future<Output = ()> + Send + use<>> {
        let mut state = self.state();
        if !state.writing || std::mem::replace(&mut state.kept, true) {
            return None;
        }
        Some(self.end_of(&state))
    }

    fn end_of(&self, state: &State) -> impl Future<Output = ()> + Send + use<> {
        let (flush, mut ended) = (state.flush, self.ended.subscribe());
        async move {
            let _ = ended.wait_for(|ended| *ended > flush).await;
        }
    }
}

/// Writes a batch; what may be taken another time comes back.
async fn send(batch: Batch) -> Result<(), Batch> {
    let Ok(config) = config::get() else {
        return Ok(());
    };
    let engine = Db::engine(config);
    let write = engine.call::<_, ()>("record_activity", &batch);
    let (written, ()) = futures_util::join!(
        tokio::time::timeout(TIMEOUT, write),
        export::send(config, &batch)
    );
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if !error.is_transient() => {
            tracing::error!(error = %error, "records were refused and are lost");
            Ok(())
        }
        // It may have been written after all: counted twice is better than not at all.
        Ok(Err(_)) | Err(_) => {
            tracing::warn!(
                requests = batch.requests.len(),
                "records could not be written yet"
            );
            Err(batch)
        }
    }
}

/// Keeps the record of a request, which is written after the answer: `keep` holds the instance until then.
pub(crate) fn record(record: Request, keep: &dyn Fn(BoxFuture<'static, ()>)) {
    SHARED.keep(|batch| batch.requests.push(record));
    // The second host works off before its answer whatever it is given to keep, so it is given nothing: it writes while it
    // answers the next request.
    if let Some(end) = SHARED.end_to_wait_for()
        && std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none()
    {
        keep(Box::pin(end));
    }
}

/// Keeps the record of a run of a step.
pub fn step(record: StepRun) {
    SHARED.keep(|batch| batch.steps.push(record));
}

/// Keeps the record of an attempt of a call.
pub(super) fn call(record: Call) {
    SHARED.keep(|batch| batch.calls.push(record));
}

/// Resolves when everything that waits now is written, or has to wait for the next record.
pub async fn written() {
    let end = {
        let state = SHARED.state();
        state.writing.then(|| SHARED.end_of(&state))
    };
    if let Some(end) = end {
        end.await;
    }
}

#[cfg(test)]
mod tests;
