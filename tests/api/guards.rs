//! Idempotency keys and limits under many callers at once.
//!
//! `IDEMPOTENCY_KEYS`, `CHANGED_BODIES` and `LIMIT_SECONDS` make the runs longer than they are in the suite.

use std::{
    collections::BTreeMap,
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Answer, Api, Mint, Stack, assert_problem};

const CALLERS: usize = 64;

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Somebody with a channel and a render that may be scheduled: rows, and nothing behind them.
struct Somebody {
    id: Uuid,
    channel: Uuid,
    api: Api,
    body: Value,
}

fn somebody(stack: &Stack, mint: &Mint) -> Somebody {
    let (id, channel, render) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    stack.sql(&format!(
        "insert into auth.users (id, email) values ('{id}', '{id}@example.com');
         insert into public.users (id) values ('{id}');
         insert into public.channels (id, youtube_channel_id, title) values ('{channel}', 'UC-{channel}', 'Many at once');
         insert into public.channel_members (channel_id, user_id, role) values ('{channel}', '{id}', 'owner');
         insert into public.renders (id, channel_id, content_hash, request, estimated_credits, estimate_basis)
           values ('{render}', '{channel}', 'h', '{{}}', 1, 'worst_case');
         update public.renders set state = 'submitting' where id = '{render}';
         update public.renders set state = 'queued', provider_job_id = '{render}' where id = '{render}'"
    ));
    let publish_at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(72);
    Somebody {
        id,
        channel,
        api: stack.api(Some(&mint.token(id))),
        body: json!({
            "render_id": render, "title": format!("Honey {render}"), "made_for_kids": false, "altered_content": true,
            "publish_at": jiff::Timestamp::from_second(publish_at.as_second()).expect("a time"),
        }),
    }
}

#[tokio::test]
async fn a_key_is_one_effect_whoever_repeats_it() {
    let stack = Stack::from_env();
    let mint = Mint::of(&stack);
    let keys = number("IDEMPOTENCY_KEYS", 10);
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for _ in 0..keys {
        let (one, other) = (somebody(&stack, &mint), somebody(&stack, &mint));
        let key = Uuid::new_v4().to_string();
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (api, key, body) = (one.api.clone(), key.clone(), one.body.clone());
            callers.spawn(async move { api.post_once("/api/schedule", &key, &body).await });
        }
        let answers = callers.join_all().await;
        for answer in &answers {
            *statuses.entry(answer.status).or_default() += 1;
            match answer.status {
                201 => {}
                409 => assert_problem(answer, 409, "request_in_progress"),
                // More than a user may ask in a minute: not looked at.
                429 => assert_problem(answer, 429, "rate_limited"),
                _ => panic!("{answer}"),
            }
        }
        let done: Vec<&Answer> = answers
            .iter()
            .filter(|answer| answer.status == 201)
            .collect();
        assert!(!done.is_empty(), "nobody got through");
        assert!(
            done.iter().all(|answer| answer.body == done[0].body),
            "all answers are the same"
        );
        let effects = |somebody: &Somebody| {
            stack.sql(&format!(
                "select count(*), count(s.id) from public.scheduled_uploads u
                 left join private.steps s on s.subject_id = u.id and s.kind = 'upload.advance' where u.channel_id = '{}'",
                somebody.channel
            ))
        };
        assert_eq!(effects(&one), "1|1");

        stack.sql(&format!(
            "delete from private.rate_limits where user_id = '{}'",
            one.id
        ));
        let again = one.api.post_once("/api/schedule", &key, &one.body).await;
        assert_eq!(
            (again.status, &again.body),
            (201, &done[0].body),
            "the stored answer"
        );
        let mut changed = one.body.clone();
        changed["title"] = json!("Something else");
        let refused = one.api.post_once("/api/schedule", &key, &changed).await;
        assert_problem(&refused, 422, "idempotency_key_reused");

        // The same key of somebody else: the same request is about an object that is not theirs, their own is their own.
        let foreign = other.api.post_once("/api/schedule", &key, &one.body).await;
        assert_problem(&foreign, 404, "not_found");
        let own = other
            .api
            .post_once("/api/schedule", &key, &other.body)
            .await
            .status(201);
        assert_ne!(own.json["id"], again.json["id"]);
        assert_eq!(
            (effects(&one), effects(&other)),
            ("1|1".into(), "1|1".into())
        );
        stack.sql(&format!(
            "delete from public.channels where id in ('{}', '{}')",
            one.channel, other.channel
        ));
    }
    println!("{CALLERS} callers on each of {keys} keys: {keys} effects, statuses {statuses:?}");
}

#[tokio::test]
async fn every_changed_byte_is_another_request() {
    let stack = Stack::from_env();
    let mint = Mint::of(&stack);
    let one = somebody(&stack, &mint);
    let key = Uuid::new_v4().to_string();
    let text = one.body.to_string();
    let send = async |body: &str| {
        let request = one.api.request(reqwest::Method::POST, "/api/schedule");
        let request = request
            .header("idempotency-key", &key)
            .header("content-type", "application/json");
        Answer::of(request.body(body.to_owned())).await
    };
    send(&text).await.status(201);
    // Every letter of the title in turn, each time in the place of another one.
    let title = text.find("Honey").expect("the title");
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-";
    let places = 42;
    let others = letters.len() - 1;
    let count = usize::try_from(number("CHANGED_BODIES", 100)).expect("a count");
    let change = |n: usize| {
        let mut changed = text.clone().into_bytes();
        let place = title + n % places;
        let at = letters
            .iter()
            .position(|letter| *letter == changed[place])
            .unwrap_or(0);
        changed[place] = letters[(at + 1 + (n / places) % others) % letters.len()];
        // What one letter cannot tell apart any more is told apart by a space before the body.
        let spaces = " ".repeat(n / (places * others));
        format!("{spaces}{}", String::from_utf8(changed).expect("ASCII"))
    };
    for first in (0..count).step_by(CALLERS / 4) {
        // Refused requests count against the limit of requests, which is not what is looked at here.
        stack.sql(&format!(
            "delete from private.rate_limits where user_id = '{}'",
            one.id
        ));
        let mut callers = JoinSet::new();
        for n in first..count.min(first + CALLERS / 4) {
            let request = one.api.request(reqwest::Method::POST, "/api/schedule");
            let request = request
                .header("idempotency-key", &key)
                .header("content-type", "application/json")
                .body(change(n));
            callers.spawn(Answer::of(request));
        }
        for answer in callers.join_all().await {
            assert_problem(&answer, 422, "idempotency_key_reused");
        }
    }
    println!("{count} changed bodies: all refused");
    stack.sql(&format!(
        "delete from public.channels where id = '{}'",
        one.channel
    ));
}

#[tokio::test]
async fn sixty_four_callers_get_no_more_than_the_limit() {
    const PER_MINUTE: u64 = 600;
    const BURST: u64 = 20;
    let stack = Stack::from_env();
    let user = somebody(&stack, &Mint::of(&stack)).id;
    let length = Duration::from_secs(number("LIMIT_SECONDS", 4));
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
    let somebody = somebody(&stack, &Mint::of(&stack));
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
        let answer = somebody.api.get("/api/me").await;
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
    tokio::time::sleep(Duration::from_secs(wait)).await;
    somebody.api.get("/api/me").await.status(200);
}

#[tokio::test]
async fn a_null_argument_reaches_its_function_as_a_null() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    user.api.get("/api/me").await.status(200);
    let hash = Uuid::new_v4().simple().to_string();
    let consent = json!({
        "p_user": user.id, "p_id": Uuid::new_v4(), "p_state_hash": hash, "p_code_verifier": "v1.a.b.c",
        "p_channel": null, "p_return_to": null,
    });
    stack.engine("begin_connect", &consent).await.status(200);
    assert_eq!(
        stack.sql(&format!(
            "select channel_id is null, return_to is null from private.oauth_states where state_hash = '{hash}'"
        )),
        "t|t"
    );
    // A JSON null would be taken for an Idempotency-Key; an empty text is no number.
    let settle = json!({
        "p_user": user.id, "p_idempotency": null, "p_step": Uuid::new_v4(), "p_action": "retry", "p_reason": null,
    });
    let absent = stack.engine("settle_failure", &settle).await.status(404);
    assert_eq!(absent.json["message"], "not_found");
    let profile =
        json!({ "p_user": user.id, "p_version": null, "p_changes": { "display_name": null } });
    let changed = stack.engine("update_profile", &profile).await.status(200);
    assert!(changed.json["display_name"].is_null(), "{changed}");
    // Parameters of `engine` have no defaults: what is left out is no call of the function.
    stack
        .engine(
            "update_profile",
            &json!({ "p_user": user.id, "p_changes": {} }),
        )
        .await
        .status(404);
}
