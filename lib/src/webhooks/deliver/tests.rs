use super::*;

#[test]
fn only_2xx_is_success() {
    let outcome_of = |status| {
        let answered = Answered {
            status,
            retry_after: None,
        };
        classify(Ok(answered)).0
    };
    for (status, outcome) in [
        (200, AttemptOutcome::Delivered),
        (204, AttemptOutcome::Delivered),
        (301, AttemptOutcome::Redirected),
        (304, AttemptOutcome::Redirected),
        (404, AttemptOutcome::Refused),
        (410, AttemptOutcome::Gone),
        (429, AttemptOutcome::Refused),
        (500, AttemptOutcome::Refused),
    ] {
        assert_eq!(outcome_of(status), outcome, "{status}");
    }
    assert_eq!(classify(Err(SendError::Timeout)).0, AttemptOutcome::Timeout);
}
