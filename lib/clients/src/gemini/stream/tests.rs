use super::super::answer::{Outcome, Stage};
use super::*;

const HONEY: &str = concat!(
    ": keep-alive\n\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\u{f6}n\"}]}}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":1},\"modelVersion\":\"gemini-3.8-flash\"}\n\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\u{2028}ey\u{85}\"}]}}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":2}}\n\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\",\"thoughtSignature\":\"cw\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":3}}\n\n",
);

fn now() -> Timestamp {
    "2026-11-22T15:00:00Z".parse().unwrap()
}

fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Answer, Error> {
    let mut decoder = SseDecoder::default();
    let mut assembler = Assembler::default();
    for chunk in chunks {
        for payload in decoder.push(chunk) {
            assembler.push(&payload, now())?;
        }
    }
    for payload in decoder.finish() {
        assembler.push(&payload, now())?;
    }
    assembler.finish()
}

fn honey(answer: &Answer) {
    assert_eq!(
        answer.outcome,
        Outcome::Complete("Hön\u{2028}ey\u{85}".to_owned())
    );
    assert_eq!(
        answer.usage.unwrap().candidates_token_count,
        3,
        "the last running total, not the sum"
    );
    assert_eq!(answer.model_version.as_deref(), Some("gemini-3.8-flash"));
}

#[test]
fn a_stream_reads_the_same_wherever_it_is_cut() {
    for ending in ["\n", "\r\n", "\r"] {
        let text = HONEY.replace('\n', ending);
        let bytes = text.as_bytes();
        for at in 0..=bytes.len() {
            honey(&read([&bytes[..at], &bytes[at..]]).unwrap());
        }
        honey(&read(bytes.chunks(1)).unwrap());
    }
}

#[test]
fn the_last_event_may_lack_its_empty_line() {
    honey(&read([HONEY.trim_end().as_bytes()]).unwrap());
}

#[test]
fn a_body_that_ends_without_a_finish_reason_is_a_broken_stream() {
    let events: Vec<&str> = HONEY.split_inclusive("\n\n").collect();
    let cut = events[..3].concat();
    let Err(Error::Cut { partial, usage }) = read([cut.as_bytes()]) else {
        panic!()
    };
    assert_eq!(partial, "Hön\u{2028}ey\u{85}");
    assert_eq!(usage.unwrap().candidates_token_count, 2);
    let inside = &HONEY.as_bytes()[..HONEY.len() - 20];
    assert!(matches!(read([inside]), Err(Error::Cut { .. })));
    assert!(matches!(read([&b""[..]]), Err(Error::Cut { .. })));
}

#[test]
fn a_blocked_prompt_is_one_chunk() {
    let answer =
        read([&b"data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n"[..]]).unwrap();
    assert!(matches!(
        answer.outcome,
        Outcome::Blocked {
            stage: Stage::Prompt,
            ..
        }
    ));
}

#[test]
fn safety_in_the_last_chunk_discards_the_text() {
    let stream = concat!(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"bad\"}]}}]}\n\n",
        "data: {\"candidates\":[{\"finishReason\":\"SAFETY\"}]}\n\n",
    );
    let answer = read([stream.as_bytes()]).unwrap();
    assert!(matches!(
        answer.outcome,
        Outcome::Blocked {
            stage: Stage::Output,
            ..
        }
    ));
}

#[test]
fn errors_after_status_200_end_the_stream_in_every_form() {
    let event = b"data: {\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}\n\n";
    assert!(matches!(
        read([&event[..]]),
        Err(Error::Unavailable { status: 503, .. })
    ));
    let bare = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"a } in text\",\n\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}\n";
    for at in 0..bare.len() {
        let (a, b) = bare.as_bytes().split_at(at);
        assert!(
            matches!(read([a, b]), Err(Error::RateLimited { after: None })),
            "cut at {at}"
        );
    }
    let wrapped =
        b"[{\"error\":{\"code\":400,\"status\":\"FAILED_PRECONDITION\",\"message\":\"x\"}}]";
    assert!(matches!(
        read([&wrapped[..]]),
        Err(Error::NotAllowed { .. })
    ));
}

#[test]
fn an_array_of_chunks_reads_like_a_stream() {
    let array = r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},
{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}]"#;
    assert_eq!(
        read([array.as_bytes()]).unwrap().outcome,
        Outcome::Complete("ab".to_owned())
    );
}

#[test]
fn several_data_lines_are_one_event() {
    let stream = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\ndata:\"finishReason\":\"STOP\"}]}\n\n";
    assert_eq!(
        read([stream.as_bytes()]).unwrap().outcome,
        Outcome::Complete("a".to_owned())
    );
}

proptest::proptest! {
    #[test]
    fn any_bytes_in_any_chunks_are_read_without_panic(chunks: Vec<Vec<u8>>) {
        let _ = read(chunks.iter().map(Vec::as_slice));
    }

    #[test]
    fn any_cutting_gives_the_same_events(cuts in proptest::collection::vec(1usize..40, 0..60)) {
        let mut rest = HONEY.as_bytes();
        let mut chunks = Vec::new();
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            chunks.push(head);
            rest = tail;
        }
        chunks.push(rest);
        honey(&read(chunks).unwrap());
    }
}
