use futures_util::FutureExt;

use super::super::records::tests::request;
use super::*;

fn ended(end: &mut (impl Future<Output = ()> + Unpin)) -> bool {
    end.now_or_never().is_some()
}

#[test]
fn one_request_of_a_flush_keeps_the_instance_until_its_end() {
    let recorder: &Recorder = Box::leak(Box::new(Recorder::new()));
    let keep = |n| {
        recorder.keep(|batch| batch.requests.push(request(n)));
        recorder.end_to_wait_for()
    };
    assert!(keep(0).is_none(), "nobody writes");
    recorder.state().writing = true;
    let mut first = Box::pin(keep(1).expect("the first of its flush"));
    assert!(keep(2).is_none(), "the first keeps the instance for both");
    assert_eq!(recorder.begin_flush(), 1);
    let mut second = Box::pin(keep(3).expect("the first of the next flush"));
    assert_eq!((ended(&mut first), ended(&mut second)), (false, false));
    let batch = recorder.state().waiting.take();
    recorder.keep(|batch| batch.requests.push(request(4)));
    assert!(!recorder.end_flush(Ok(())), "a record came after the batch");
    assert_eq!((ended(&mut first), ended(&mut second)), (true, false));
    assert!(
        recorder.end_flush(Err(batch)),
        "the next record tries again"
    );
    assert!(ended(&mut second), "what nobody writes is not waited for");
}
