use uuid::Uuid;

use super::*;

#[test]
fn whoever_changed_something_lately_gets_nothing_kept() {
    let settled = |seconds_since_write| {
        let decision = RateLimitDecision {
            allowed: true,
            remaining: 1,
            reset_seconds: 1,
            retry_after_seconds: 0,
            seconds_since_write,
            enforced: true,
            quota: 1,
            class: "read",
        };
        decision.is_settled()
    };
    assert!(settled(None) && settled(Some(91.0)));
    assert!(!settled(Some(0.0)) && !settled(Some(-30.0)) && !settled(Some(89.0)));
}

#[test]
fn a_refused_user_waits_for_the_limiter_until_admitted_again_and_memory_is_bounded() {
    let users: Vec<UserId> = (0..REMEMBERED + 10)
        .map(|_| UserId(Uuid::now_v7()))
        .collect();
    for user in &users {
        assert!(!is_refused(*user));
        remember(*user, false);
        assert!(is_refused(*user));
        assert!(refused().len() <= REMEMBERED);
    }
    let last = users[users.len() - 1];
    remember(last, true);
    assert!(!is_refused(last));
}
