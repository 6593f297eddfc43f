use super::*;

#[test]
fn an_event_is_one_line_of_data() {
    let (events, mut body) = unbounded_channel();
    send(
        &events,
        "progress",
        &json!({"stage": "writing", "text": "two\nlines"}),
    );
    assert_eq!(
        body.try_recv().unwrap(),
        "event: progress\ndata: {\"stage\":\"writing\",\"text\":\"two\\nlines\"}\n\n"
    );
}
