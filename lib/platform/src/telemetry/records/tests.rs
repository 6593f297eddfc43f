use jiff::Timestamp;

use super::*;

pub(in crate::telemetry) fn request(n: usize) -> Request {
    Request {
        request_id: n.to_string(),
        at: Timestamp::UNIX_EPOCH,
        operation: "test",
        status: 200,
        duration_ms: 1,
        code: None,
        causes: Vec::new(),
        user: None,
        session: None,
    }
}

fn push(batch: &mut Batch, numbers: std::ops::Range<usize>) {
    for n in numbers {
        batch.dropped += batch.requests.push(request(n));
    }
}

fn numbers<'a>(records: impl Iterator<Item = &'a Request>) -> Vec<usize> {
    records
        .map(|record| record.request_id.parse().unwrap())
        .collect()
}

#[test]
fn memory_is_bounded_and_what_is_dropped_is_counted() {
    let mut waiting = Batch::default();
    push(&mut waiting, 0..5 * CAPACITY);
    assert_eq!(waiting.requests.len(), CAPACITY);
    assert_eq!(waiting.dropped, 4 * CAPACITY as u64);
    assert_eq!(numbers(waiting.requests.fresh())[0], 4 * CAPACITY);
    let batch = waiting.take();
    assert_eq!(batch.requests.len(), BATCH);
    assert_eq!((batch.dropped, waiting.dropped), (4000, 0));
}

#[test]
fn what_could_not_be_written_comes_first_the_next_time() {
    let mut waiting = Batch::default();
    push(&mut waiting, 0..700);
    let taken = waiting.take();
    push(&mut waiting, 700..1300);
    waiting.put_back(taken);
    assert_eq!(waiting.requests.len(), CAPACITY);
    assert_eq!(waiting.dropped, 300, "the oldest have no room any more");
    let order = numbers(waiting.requests.all.iter());
    assert!(order.is_sorted() && order[0] == 300);
}

#[test]
fn each_record_is_exported_once() {
    let mut waiting = Batch::default();
    push(&mut waiting, 0..100);
    let taken = waiting.take();
    assert_eq!(taken.requests.fresh().count(), 100);
    push(&mut waiting, 100..103);
    waiting.put_back(taken);
    let again = waiting.take();
    assert_eq!(again.requests.len(), 103);
    assert_eq!(numbers(again.requests.fresh()), [100, 101, 102]);
    push(&mut waiting, 103..105);
    assert_eq!(waiting.take().requests.fresh().count(), 2);
}
