use super::*;

fn facts(providers: Vec<Provider>) -> Facts {
    Facts {
        oldest_due_seconds: None,
        last_dispatch_at: None,
        last_verified_backup_at: None,
        now: Timestamp::from_second(1_000_000).unwrap(),
        providers,
    }
}

fn provider(service: &str, age_seconds: i64, failures: u64) -> Provider {
    Provider {
        service: service.into(),
        last_call_at: Timestamp::from_second(1_000_000 - age_seconds).unwrap(),
        duration_ms: 7,
        failures,
        error: (failures > 0).then(|| "server_error".into()),
    }
}

#[test]
fn a_service_is_judged_by_its_last_calls_in_a_row() {
    for (failures, status) in [
        (0, ServiceStatus::Healthy),
        (1, ServiceStatus::Degraded),
        (2, ServiceStatus::Degraded),
        (3, ServiceStatus::Unhealthy),
        (900, ServiceStatus::Unhealthy),
    ] {
        let facts = facts(vec![provider("gemini", 60, failures)]);
        assert_eq!(service(&facts, &["gemini"]).status, status, "{failures}");
    }
}

#[test]
fn what_was_not_called_for_long_is_unknown() {
    let facts = facts(vec![provider("gemini", 31 * 60, 9)]);
    assert_eq!(service(&facts, &["gemini"]).status, ServiceStatus::Unknown);
    assert_eq!(service(&facts, &["revid"]).status, ServiceStatus::Unknown);
}

#[test]
fn youtube_is_no_better_than_the_tokens_it_needs() {
    let facts = facts(vec![
        provider("youtube", 1, 0),
        provider("google_oauth", 1, 4),
    ]);
    let health = service(&facts, &["youtube", "google_oauth"]);
    assert_eq!(health.status, ServiceStatus::Unhealthy);
    assert_eq!(health.error, Some("unexpected_answer"));
}
