use super::super::event::Stage;
use super::*;
use platform::endpoint::Kind;

#[test]
fn an_event_is_one_line_of_data_and_says_itself_what_it_is() {
    let (events, mut body) = unbounded_channel();
    let stage = Stage::Writing;
    let characters = 200;
    send(&events, &Progress { stage, characters }.into());
    assert_eq!(
        body.try_recv().unwrap(),
        "event: progress\ndata: {\"type\":\"progress\",\"stage\":\"writing\",\"characters\":200}\n\n"
    );
    let problem = Problem::new(Kind::GenerationFailed).detail("two\nlines");
    let problem = problem.into_body("r");
    send(&events, &GenerateEvent::Problem { problem });
    let event = body.try_recv().unwrap();
    let event = std::str::from_utf8(&event).unwrap();
    let data = event.strip_prefix("event: problem\ndata: {\"type\":\"problem\",\"problem\":{");
    assert_eq!(data.unwrap().matches('\n').count(), 2, "{event}");
}
