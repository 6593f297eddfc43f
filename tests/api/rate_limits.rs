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
async fn sixty_four_callers_get_no_more_than_the_limit() {
    const PER_MINUTE: u64 = 600;
    const BURST: u64 = 20;
    const CALLERS: usize = 64;
    let seconds = env::var("LIMIT_SECONDS").map_or(4, |text| text.parse().expect("a number"));
    let stack = Stack::from_env();
    let user = stack.seeded_user();
    let length = Duration::from_secs(seconds);
    let arguments =
        json!({ "p_user": user, "p_class": "many", "p_per_minute": PER_MINUTE, "p_burst": BURST });
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (stack, arguments) = (Arc::clone(&stack), arguments.clone());
        callers.spawn(async move {
            let (mut asked, mut allowed) = (0, 0);
            while began.elapsed() < length {
                let answer = stack
                    .engine("check_rate_limit", &arguments)
                    .await
                    .status(200);
                asked += 1;
                allowed += u64::from(answer.json["allowed"] == true);
            }
            (asked, allowed)
        });
    }
    let counted = callers.join_all().await;
    let (asked, allowed) = counted
        .iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    // A burst at once, then one each interval, from before the first call to after the last answer.
    let bound = BURST + (began.elapsed().as_millis() as u64 * PER_MINUTE) / 60_000;
    println!("{CALLERS} callers, {length:?}: {asked} asked, {allowed} allowed, at most {bound}");
    assert!(
        allowed <= bound,
        "{allowed} of {asked} were let through; at most {bound} may be"
    );
    assert!(asked > allowed, "the limit was not reached: {asked} asked");
    let least = BURST + (length.as_millis() as u64 * PER_MINUTE) / 60_000;
    assert!(
        allowed + 10 >= least,
        "{allowed} of at least {least}: the limit is stricter than it says"
    );
}

#[tokio::test]
async fn the_headers_say_what_happens_next() {
    let stack = Stack::from_env();
    let token = TokenSigner::of(&stack).token(stack.seeded_user());
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
    assert!((1..=2).contains(&wait), "{wait}");
    assert!(
        number(&refused, "ratelimit", "t") >= wait,
        "the whole quota comes back later than one of it"
    );
    // The promise is the time itself: who waits so long is let through at the first try.
    tokio::time::sleep(Duration::from_secs(wait)).await;
    api.get("/api/me").await.status(200);
}
