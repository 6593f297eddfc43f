//! Every way in which the model can fail, what it costs, and what the user learns of it.

use serde_json::{Value, json};

use crate::support::{Answer, SeededChannel, assert_problem};

/// Arms a fault for one generation, which it makes fail: the row that is left.
async fn fails(
    seeded: &SeededChannel,
    fault: Value,
    status: u16,
    code: &str,
    failure: &str,
) -> Answer {
    let problem = seeded.generate_with("titles", fault).await;
    assert_problem(&problem, status, code);
    let row = seeded.left_by(&problem).await;
    assert_eq!(row.json["state"], "failed", "{row}");
    assert_eq!(row.json["failure"]["code"], failure, "{row}");
    assert_eq!(row.json["output"], Value::Null);
    row
}

#[tokio::test]
async fn what_the_service_refuses_costs_nothing_and_says_when_to_try_again() {
    let seeded = SeededChannel::with_catalogue().await;
    let always = |error: &str| json!({"error": error, "times": 0});
    for (error, status, code, state) in [
        (
            "perDay",
            503,
            "upstream_unavailable",
            "provider_quota_exhausted",
        ),
        (
            "longDelay",
            503,
            "upstream_unavailable",
            "provider_quota_exhausted",
        ),
        ("noDetails", 503, "upstream_unavailable", "rate_limited"),
        (
            "overloaded",
            503,
            "upstream_unavailable",
            "provider_unavailable",
        ),
        (
            "html502",
            503,
            "upstream_unavailable",
            "provider_unavailable",
        ),
        ("suspended", 502, "upstream_failed", "provider_refused"),
    ] {
        let row = fails(&seeded, always(error), status, code, state).await;
        assert_eq!(
            (&row.json["cost_micros"], &row.json["cost_basis"]),
            (&json!(0), &json!("none")),
            "{error}"
        );
        assert!(!row.to_string().contains("AIza"), "{row}");
        if state == "provider_quota_exhausted" {
            assert!(row.json["failure"]["retry_at"].is_string(), "{row}");
        }
    }
    assert_eq!(
        (seeded.usage("cost_micros"), seeded.usage("reserved_micros")),
        (0, 0)
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_paid_for_and_named() {
    let seeded = SeededChannel::with_catalogue().await;
    for (wish, status, code, state) in [
        (
            json!("prompt_blocked"),
            422,
            "generation_blocked",
            "prompt_blocked",
        ),
        (
            json!("output_blocked"),
            422,
            "generation_blocked",
            "output_blocked",
        ),
        (
            json!({"kind": "output_blocked", "reason": "RECITATION"}),
            422,
            "generation_blocked",
            "recitation",
        ),
        (json!("max_tokens"), 502, "generation_failed", "truncated"),
        (json!("empty"), 502, "generation_failed", "empty"),
        (
            json!("breaks_schema"),
            502,
            "generation_failed",
            "malformed",
        ),
        (json!("invalid_json"), 502, "generation_failed", "malformed"),
    ] {
        let row = fails(
            &seeded,
            json!({"answer": wish, "times": 0}),
            status,
            code,
            state,
        )
        .await;
        assert_eq!(row.json["cost_basis"], "reported", "{row}");
        assert!(row.json["cost_micros"].as_i64() > Some(0), "{row}");
        let calls = if ["recitation", "empty", "malformed"].contains(&state) {
            2
        } else {
            1
        };
        assert_eq!(row.json["usage"]["calls"], calls, "{row}");
    }
    assert_eq!(seeded.usage("reserved_micros"), 0);
}

#[tokio::test]
async fn an_answer_that_ends_oddly_is_paid_for_and_named() {
    let seeded = SeededChannel::with_catalogue().await;
    for (answer, failure) in [("no_candidates", "empty"), ("finish_reason", "stopped")] {
        let fault = json!({"answer": answer, "times": 0});
        let row = fails(&seeded, fault, 502, "generation_failed", failure).await;
        assert_eq!(row.json["cost_basis"], "reported", "{row}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_assumed_to_have_cost_its_share() {
    let seeded = SeededChannel::with_catalogue().await;
    let fault = json!({"cut": true, "when": "after"});
    let row = fails(&seeded, fault, 502, "generation_failed", "connection_lost").await;
    assert_eq!(row.json["cost_basis"], "assumed", "{row}");
}

#[tokio::test]
async fn tokens_that_are_not_reported_are_unknown_and_not_none() {
    let seeded = SeededChannel::with_catalogue().await;
    let fault = json!({"answer": {"kind": "no_usage"}, "times": 0});
    let made = seeded.generate_with("ideas", fault).await.status(201);
    assert_eq!(made.json["cost_basis"], "assumed", "{made}");
    assert!(made.json["cost_micros"].as_i64() > Some(0), "{made}");
}

#[tokio::test]
async fn a_fault_that_passes_is_waited_out_and_a_broken_answer_is_repaired_once() {
    let seeded = SeededChannel::with_catalogue().await;
    for (fault, calls) in [
        (json!({"error": "overloaded"}), 1),
        (json!({"answer": "breaks_schema"}), 2),
        (
            json!({"answer": {"kind": "x", "text": "{\"titles\":[]}"}}),
            2,
        ),
        (json!({"answer": "multi_part"}), 1),
    ] {
        let made = seeded.generate_with("titles", fault).await.status(201);
        assert_eq!(made.json["usage"]["calls"], calls, "{made}");
    }
}

#[tokio::test]
async fn a_generation_whose_process_died_is_ended_by_the_next_read() {
    let seeded = SeededChannel::with_catalogue().await;
    let request = json!({
        "channel_id": seeded.channel, "kind": "ideas", "brief": {}, "inspired_by": [], "voice_version": 1,
        "prompt_version": "p", "seed": 1, "model_asked": "m", "price_version": "v", "reserve_micros": 700,
    });
    let reserved = seeded
        .stack
        .engine(
            "reserve_generation",
            &json!({"p_user": seeded.user.id, "p_idempotency": null, "p_generation": request}),
        )
        .await
        .ok();
    let path = seeded.path(&reserved);
    assert_eq!(
        seeded.user.api.get(&path).await.status(200).json["state"],
        "generating"
    );
    let busy = seeded.user.api.delete(&path).await;
    assert_problem(&busy, 409, "invalid_state");
    seeded.stack.sql(&format!(
        "update public.generated_content set started_at = started_at - interval '10 minutes' where id = '{}'",
        reserved.id()
    ));
    let ended = seeded.user.api.get(&path).await.status(200);
    assert_eq!(
        (&ended.json["state"], &ended.json["failure"]["code"]),
        (&json!("failed"), &json!("interrupted"))
    );
    assert_eq!(
        (seeded.usage("cost_micros"), seeded.usage("reserved_micros")),
        (700, 0)
    );
}
