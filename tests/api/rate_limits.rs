//! Limits of requests. `LIMIT_SECONDS` makes the run longer than it is in the suite.

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Answer, Stack, TokenSigner, assert_problem};

#[tokio::test]
async fn sixty_four_callers_get_no_more_than_the_quota_in_any_minute() {
    const PER_MINUTE: usize = 100;
    const CALLERS: usize = 64;
    let seconds = env::var("LIMIT_SECONDS").map_or(4, |text| text.parse().expect("a number"));
    let stack = Stack::from_env();
    let user = stack.seeded_user();
    let length = Duration::from_secs(seconds);
    let arguments =
        json!({ "p_user": user, "p_class": "many", "p_per_minute": PER_MINUTE, "p_divisor": 1 });
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (stack, arguments) = (Arc::clone(&stack), arguments.clone());
        callers.spawn(async move {
            let (mut asked, mut allowed) = (0, Vec::new());
            while began.elapsed() < length {
                let sent = began.elapsed();
                let answer = stack
                    .engine("check_rate_limit", &arguments)
                    .await
                    .status(200);
                asked += 1;
                if answer.json["allowed"] == true {
                    allowed.push((sent, began.elapsed()));
                }
            }
            (asked, allowed)
        });
    }
    let counted = callers.join_all().await;
    let asked: usize = counted.iter().map(|(asked, _)| asked).sum();
    let mut allowed: Vec<_> = counted
        .into_iter()
        .flat_map(|(_, allowed)| allowed)
        .collect();
    allowed.sort();
    println!(
        "{CALLERS} callers, {length:?}: {asked} asked, {} allowed",
        allowed.len()
    );
    assert!(
        asked > allowed.len(),
        "the limit was not reached: {asked} asked"
    );
    assert!(
        allowed.len() >= PER_MINUTE,
        "{} is stricter than it says",
        allowed.len()
    );
    // Each was decided between its question and its answer: from the first of so many to the one after them it is a minute.
    for (first, after) in allowed.iter().zip(allowed.iter().skip(PER_MINUTE)) {
        let apart = after.1.saturating_sub(first.0);
        assert!(
            apart >= Duration::from_secs(60),
            "{} requests in {apart:?}",
            PER_MINUTE + 1
        );
    }
}

#[tokio::test]
async fn the_headers_say_what_happens_next() {
    let stack = Stack::from_env();
    let user = stack.seeded_user();
    let token = TokenSigner::of(&stack).token(user);
    let api = stack.api(Some(&token));
    let number = |answer: &Answer, header: &str, name: &str| -> u64 {
        let value = answer
            .header(header)
            .unwrap_or_else(|| panic!("no {header}: {answer}"));
        let found = value
            .split(';')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        found
            .and_then(|found| found.parse().ok())
            .unwrap_or_else(|| panic!("{header}: {value}"))
    };
    let mut left = None;
    let mut seen = 0;
    let refused = loop {
        let answer = api.get("/api/me").await;
        assert!(
            answer
                .header("ratelimit-policy")
                .is_some_and(|policy| policy.starts_with("\"read\";")),
            "{answer}"
        );
        let quota = number(&answer, "ratelimit-policy", "q");
        assert_eq!(number(&answer, "ratelimit-policy", "w"), 60);
        if answer.status == 429 {
            assert!(
                matches!(left, Some(0)),
                "{left:?} were said to be left: {answer}"
            );
            break answer;
        }
        assert_eq!(answer.status, 200, "{answer}");
        let now = number(&answer, "ratelimit", "r");
        assert!(now < quota);
        // What was said to be left is left, but for this one; time only adds.
        assert!(
            left.is_none_or(|before: u64| now + 1 >= before),
            "{left:?} then {now}"
        );
        left = Some(now);
        seen += 1;
        assert!(seen < 5 * quota, "the limit was never reached");
    };
    assert_problem(&refused, 429, "rate_limited");
    assert_eq!(number(&refused, "ratelimit", "r"), 0);
    let wait: u64 = refused
        .header("retry-after")
        .and_then(|value| value.parse().ok())
        .expect("Retry-After");
    assert!((1..=61).contains(&wait), "{wait}");
    assert!(
        number(&refused, "ratelimit", "t") >= wait,
        "the whole quota comes back later than one of it"
    );
    // The promise is the time itself: who waits so long is let through at the first try.
    let pass = |seconds: u64| {
        stack.sql(&format!(
            "update private.rate_limits set newest_second = newest_second - {seconds} where user_id = '{user}'"
        ));
    };
    pass(wait);
    api.get("/api/me").await.status(200);
}
