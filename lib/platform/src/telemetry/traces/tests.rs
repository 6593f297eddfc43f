use super::*;

#[test]
fn traces_go_below_whatever_path_the_endpoint_has() {
    for (endpoint, traces) in [
        (
            "https://otlp.example.com",
            "https://otlp.example.com/v1/traces",
        ),
        (
            "https://otlp.example.com/",
            "https://otlp.example.com/v1/traces",
        ),
        (
            "https://x.example.com/otlp/",
            "https://x.example.com/otlp/v1/traces",
        ),
    ] {
        assert_eq!(traces_at(&endpoint.parse().unwrap()).as_str(), traces);
    }
}

#[test]
fn a_span_has_the_protocols_form() {
    let ended = Timestamp::from_second(100).unwrap();
    let made = Span {
        trace: trace_id(Some("request-1"), ""),
        id: SpanId(0xab),
        parent: Some(SpanId(1)),
        name: "getMe",
        kind: SERVER,
        ended,
        duration_ms: 250,
        failed: true,
        attributes: &[("a", json!(7)), ("b", Value::Null), ("c", json!("x"))],
    }
    .json();
    assert_eq!(made["traceId"].as_str().unwrap().len(), 32);
    assert_eq!(made["spanId"], "00000000000000ab");
    assert_eq!(made["parentSpanId"], "0000000000000001");
    assert_eq!(made["startTimeUnixNano"], "99750000000");
    assert_eq!(made["endTimeUnixNano"], "100000000000");
    assert_eq!(made["status"]["code"], 2);
    assert_eq!(
        made["attributes"],
        json!([{"key": "a", "value": {"intValue": "7"}}, {"key": "c", "value": {"stringValue": "x"}}])
    );
}
