//! What an instance saw, kept in bounded memory until it is written, after the answers.
//!
//! Nothing here is ever waited for by a request. Records gather for a second, so that an instance under load writes once
//! a second whatever its load is; when the database does not take them they wait for the next write, and what does not
//! fit into memory is dropped and counted.
//!
//! The host is asked to keep the instance by one request of each round: one for all whose records are written with its
//! own, and only until they are. A request that asks is under way until then, and many at once look like load.

use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use super::export;
use crate::clock;
use crate::config;
use crate::db::Db;
use crate::ids::{StepId, UserId};
use crate::trace::{self, SpanId};
use clients::transport::CallRecord;

/// Records of each sort that an instance keeps at most.
const CAPACITY: usize = 1_000;
/// Records of each sort that are written at once.
const BATCH: usize = 500;
/// How long records gather.
const GATHER: Duration = Duration::from_secs(1);
/// How long one write may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// One answered request.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Its id.
    pub request_id: String,
    /// When it was answered.
    pub at: Timestamp,
    /// Operation id.
    pub operation: &'static str,
    /// Status of the answer.
    pub status: u16,
    /// Until the answer was ready to be sent.
    pub duration_ms: u64,
    /// Code of the problem, when there is one.
    pub code: Option<&'static str>,
    /// Its cause; not kept in the database.
    #[serde(skip)]
    pub error: Option<String>,
    /// The signed-in caller; not kept in the database.
    #[serde(skip)]
    pub user: Option<UserId>,
}

/// One attempt of a call to an outside service.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The request it was made for.
    pub request_id: Option<String>,
    /// The step it was made for.
    pub step_id: Option<StepId>,
    /// When it ended.
    pub at: Timestamp,
    /// The service.
    pub service: &'static str,
    /// The service's operation.
    pub operation: &'static str,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Why the service did not do its part.
    pub error: Option<&'static str>,
    /// How long it took.
    pub duration_ms: u64,
    /// The span it belongs to.
    #[serde(skip)]
    pub parent: SpanId,
}

/// One run of a step.
#[derive(Clone, Debug, Serialize)]
pub struct StepRun {
    /// The request that made it due.
    pub request_id: Option<String>,
    /// The step.
    pub step_id: StepId,
    /// When it ended.
    pub at: Timestamp,
    /// Its kind.
    pub kind: String,
    /// Which attempt.
    pub attempt: u32,
    /// `done`, `again`, `wait`, `retry`, `give_up`.
    pub result: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// How long it ran.
    pub duration_ms: u64,
    /// Its span.
    #[serde(skip)]
    pub span: SpanId,
}

/// What is written together; the arguments of `engine.record_activity`.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Batch {
    #[serde(rename = "p_requests")]
    pub(super) requests: VecDeque<Request>,
    #[serde(rename = "p_calls")]
    pub(super) calls: VecDeque<Call>,
    #[serde(rename = "p_steps")]
    pub(super) steps: VecDeque<StepRun>,
    #[serde(rename = "p_dropped")]
    dropped: u64,
    /// How many of each sort, from the front, others were told of already.
    #[serde(skip)]
    told: [usize; 3],
}

impl Batch {
    /// Requests that nobody else was told of yet.
    pub(super) fn fresh_requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().skip(self.told[0])
    }

    /// Calls that nobody else was told of yet.
    pub(super) fn fresh_calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().skip(self.told[1])
    }

    /// Runs of steps that nobody else was told of yet.
    pub(super) fn fresh_steps(&self) -> impl Iterator<Item = &StepRun> {
        self.steps.iter().skip(self.told[2])
    }

    fn lengths(&self) -> [usize; 3] {
        [self.requests.len(), self.calls.len(), self.steps.len()]
    }

    fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.calls.is_empty() && self.steps.is_empty()
    }

    fn take(&mut self) -> Self {
        fn first<T>(all: &mut VecDeque<T>) -> VecDeque<T> {
            all.drain(..all.len().min(BATCH)).collect()
        }
        let mut batch = Self {
            requests: first(&mut self.requests),
            calls: first(&mut self.calls),
            steps: first(&mut self.steps),
            dropped: std::mem::take(&mut self.dropped),
            told: [0; 3],
        };
        for (sort, taken) in batch.lengths().into_iter().enumerate() {
            batch.told[sort] = taken.min(self.told[sort]);
            self.told[sort] -= batch.told[sort];
        }
        batch
    }

    /// Puts back what could not be written, before what came since. Everybody else was told of it.
    fn give_back(&mut self, batch: Self) {
        fn put<T>(all: &mut VecDeque<T>, older: VecDeque<T>) -> usize {
            let kept = older.len().min(CAPACITY.saturating_sub(all.len()));
            let lost = older.len() - kept;
            for record in older.into_iter().skip(lost).rev() {
                all.push_front(record);
            }
            kept
        }
        let given: usize = batch.lengths().iter().sum();
        let kept = [
            put(&mut self.requests, batch.requests),
            put(&mut self.calls, batch.calls),
            put(&mut self.steps, batch.steps),
        ];
        self.dropped += batch.dropped + (given - kept.iter().sum::<usize>()) as u64;
        for (told, kept) in self.told.iter_mut().zip(kept) {
            *told += kept;
        }
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    writing: bool,
    /// The round that gathers now.
    round: u64,
    /// Whether somebody keeps the instance until its end.
    kept: bool,
}

/// The records of one instance.
#[derive(Debug)]
pub(super) struct Recorder {
    state: Mutex<State>,
    /// How many rounds have ended.
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

    /// Keeps a record; the oldest of its sort makes room.
    fn keep<T>(&self, record: T, sort: fn(&mut Batch) -> (&mut VecDeque<T>, usize)) {
        let mut state = self.state();
        let (all, n) = sort(&mut state.waiting);
        let full = all.len() >= CAPACITY;
        if full {
            all.pop_front();
        }
        all.push_back(record);
        if full {
            state.waiting.dropped += 1;
            state.waiting.told[n] = state.waiting.told[n].saturating_sub(1);
        }
    }

    /// Sees to it that what waits is written.
    fn write_soon(&'static self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let mut state = self.state();
        if !std::mem::replace(&mut state.writing, true) {
            runtime.spawn(self.write());
        }
    }

    async fn write(&self) {
        loop {
            tokio::time::sleep(GATHER).await;
            let batches = self.close();
            let mut result = Ok(());
            for _ in 0..batches {
                let batch = self.state().waiting.take();
                result = send(batch).await;
                if result.is_err() {
                    break;
                }
            }
            if self.end(result) {
                return;
            }
        }
    }

    /// Ends the gathering of a round: in so many batches goes what it has gathered.
    fn close(&self) -> usize {
        let mut state = self.state();
        state.round += 1;
        state.kept = false;
        let most = state.waiting.lengths().into_iter().max();
        most.unwrap_or_default().div_ceil(BATCH)
    }

    /// Ends a round. Returns whether writing ends with it: nothing waits, or what waits is tried again with the next record.
    fn end(&self, result: Result<(), Batch>) -> bool {
        let mut state = self.state();
        let failed = result.is_err();
        if let Err(unwritten) = result {
            state.waiting.give_back(unwritten);
        }
        state.writing = !failed && !state.waiting.is_empty();
        if !state.writing {
            // Nobody may wait for the end of a round that nobody writes.
            state.round += 1;
            state.kept = false;
        }
        self.ended.send_replace(state.round);
        !state.writing
    }

    /// The end of the round that gathers now, for the first of it that asks.
    fn end_to_wait_for(&self) -> Option<impl Future<Output = ()> + Send + use<>> {
        let mut state = self.state();
        if !state.writing || std::mem::replace(&mut state.kept, true) {
            return None;
        }
        Some(self.end_of(&state))
    }

    fn end_of(&self, state: &State) -> impl Future<Output = ()> + Send + use<> {
        let (round, mut ended) = (state.round, self.ended.subscribe());
        async move {
            let _ = ended.wait_for(|ended| *ended > round).await;
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
        tokio::time::timeout(PATIENCE, write),
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

/// Keeps the record of a request. Returns what to keep the instance for, when nobody does so yet.
pub fn request(record: Request) -> Option<impl Future<Output = ()> + Send + use<>> {
    SHARED.keep(record, |batch| (&mut batch.requests, 0));
    SHARED.write_soon();
    SHARED.end_to_wait_for()
}

/// Keeps the record of a run of a step.
pub fn step(record: StepRun) {
    SHARED.keep(record, |batch| (&mut batch.steps, 2));
    SHARED.write_soon();
}

/// Keeps the record of an attempt of a call, and logs it when it failed. The observer of the shared transport.
pub fn call(record: &CallRecord) {
    let trace = trace::current().unwrap_or_default();
    let error = record.error.or_else(|| fault(record));
    let duration_ms = u64::try_from(record.duration.as_millis()).unwrap_or(u64::MAX);
    if let Some(error) = error {
        tracing::warn!(
            service = record.service,
            operation = record.operation,
            attempt = record.attempt,
            status = record.status,
            error,
            duration_ms,
            request_id = trace.request_id.as_deref(),
            step.id = trace.step_id.map(tracing::field::display),
            "provider call failed"
        );
    }
    SHARED.keep(
        Call {
            request_id: trace.request_id,
            step_id: trace.step_id,
            at: clock::now(),
            service: record.service,
            operation: record.operation,
            attempt: record.attempt,
            status: record.status,
            error,
            duration_ms,
            parent: trace.span,
        },
        |batch| (&mut batch.calls, 1),
    );
    SHARED.write_soon();
}

/// What an answer says about its service. What it says about one user's token or one bad request is none of that.
fn fault(record: &CallRecord) -> Option<&'static str> {
    match record.status? {
        500.. => Some("server_error"),
        429 => Some("throttled"),
        // These two are asked with the deployment's own key.
        401 | 403 if matches!(record.service, "gemini" | "revid") => Some("refused"),
        _ => None,
    }
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
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn record(n: usize) -> Request {
        Request {
            request_id: n.to_string(),
            at: Timestamp::UNIX_EPOCH,
            operation: "test",
            status: 200,
            duration_ms: 1,
            code: None,
            error: None,
            user: None,
        }
    }

    fn first(batch: &Batch) -> &str {
        &batch.requests[0].request_id
    }

    #[test]
    fn memory_is_bounded_and_what_is_dropped_is_counted() {
        let recorder = Recorder::new();
        for n in 0..5 * CAPACITY {
            recorder.keep(record(n), |batch| (&mut batch.requests, 0));
        }
        let mut state = recorder.state();
        assert_eq!(state.waiting.requests.len(), CAPACITY);
        assert_eq!(state.waiting.dropped, 4 * CAPACITY as u64);
        assert_eq!(first(&state.waiting), (4 * CAPACITY).to_string());
        let batch = state.waiting.take();
        assert_eq!(batch.requests.len(), BATCH);
        assert_eq!((batch.dropped, state.waiting.dropped), (4000, 0));
    }

    #[test]
    fn what_could_not_be_written_comes_first_the_next_time() {
        let mut waiting = Batch::default();
        waiting.requests.extend((0..700).map(record));
        let taken = waiting.take();
        waiting.requests.extend((700..1300).map(record));
        waiting.give_back(taken);
        assert_eq!(waiting.requests.len(), CAPACITY);
        assert_eq!(waiting.dropped, 300, "the oldest have no room any more");
        let order: Vec<usize> = waiting
            .requests
            .iter()
            .map(|record| record.request_id.parse().unwrap())
            .collect();
        assert!(order.is_sorted() && order[0] == 300);
    }

    #[test]
    fn others_are_told_of_each_record_once() {
        let mut waiting = Batch::default();
        waiting.requests.extend((0..100).map(record));
        let taken = waiting.take();
        assert_eq!(taken.fresh_requests().count(), 100);
        waiting.requests.extend((100..103).map(record));
        waiting.give_back(taken);
        let again = waiting.take();
        assert_eq!(again.requests.len(), 103);
        let fresh: Vec<_> = again.fresh_requests().map(|r| &*r.request_id).collect();
        assert_eq!(fresh, ["100", "101", "102"]);
        waiting.requests.extend((103..105).map(record));
        assert_eq!(waiting.take().fresh_requests().count(), 2);
    }

    fn ended(end: &mut (impl Future<Output = ()> + Unpin)) -> bool {
        end.now_or_never().is_some()
    }

    #[test]
    fn one_request_of_a_round_keeps_the_instance_until_its_end() {
        let recorder = Recorder::new();
        let keep = |n| {
            recorder.keep(record(n), |batch| (&mut batch.requests, 0));
            recorder.end_to_wait_for()
        };
        assert!(keep(0).is_none(), "nobody writes");
        recorder.state().writing = true;
        let mut first = Box::pin(keep(1).expect("the first of its round"));
        assert!(keep(2).is_none(), "the first keeps the instance for both");
        assert_eq!(recorder.close(), 1);
        let mut second = Box::pin(keep(3).expect("the first of the next round"));
        assert_eq!((ended(&mut first), ended(&mut second)), (false, false));
        let batch = recorder.state().waiting.take();
        recorder.keep(record(4), |batch| (&mut batch.requests, 0));
        assert!(!recorder.end(Ok(())), "a record came after the batch");
        assert_eq!((ended(&mut first), ended(&mut second)), (true, false));
        assert!(recorder.end(Err(batch)), "the next record tries again");
        assert!(ended(&mut second), "what nobody writes is not waited for");
    }

    #[test]
    fn a_bad_request_says_nothing_about_its_service() {
        let with = |service, status| {
            fault(&CallRecord {
                service,
                operation: "test",
                attempt: 1,
                status: Some(status),
                error: None,
                duration: Duration::ZERO,
            })
        };
        assert_eq!(with("youtube", 200), None);
        assert_eq!(with("youtube", 403), None);
        assert_eq!(with("gemini", 403), Some("refused"));
        assert_eq!(with("revid", 404), None);
        assert_eq!(with("gemini", 429), Some("throttled"));
        assert_eq!(with("google_oauth", 503), Some("server_error"));
    }
}
