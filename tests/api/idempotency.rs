//! Idempotency keys under many callers at once. `IDEMPOTENCY_KEYS` and `CHANGED_BODIES` make the runs longer than they are in
//! the suite.

use std::{collections::BTreeMap, env};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Answer, Api, OnDrop, Stack, TokenSigner, assert_problem};

const CALLERS: usize = 64;

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// A seeded user with a channel and a render that may be scheduled. They go when the test ends.
struct SeededUploader {
    id: Uuid,
    channel: Uuid,
    api: Api,
    body: Value,
    _channel: OnDrop,
}

impl SeededUploader {
    fn new(stack: &Stack, signer: &TokenSigner) -> Self {
        let id = stack.seeded_user();
        let channel = stack.seeded_channel(id);
        let render = stack.seeded_render(channel, "queued");
        let publish_at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(72);
        Self {
            id,
            channel,
            api: stack.api(Some(&signer.token(id))),
            body: json!({
                "render_id": render, "title": format!("Honey {render}"), "made_for_kids": false, "altered_content": true,
                "publish_at": jiff::Timestamp::from_second(publish_at.as_second()).expect("a time"),
            }),
            _channel: stack.sql_on_drop(format!(
                "delete from public.channels where id = '{channel}'"
            )),
        }
    }

    /// Refused requests count against the limit of requests, which is not what is looked at here.
    fn forget_rate_limit(&self, stack: &Stack) {
        stack.sql(&format!(
            "delete from private.rate_limits where user_id = '{}'",
            self.id
        ));
    }

    /// Uploads, and steps that carry them out.
    fn effects(&self, stack: &Stack) -> String {
        stack.sql(&format!(
            "select count(*), count(s.id) from public.scheduled_uploads u
             left join private.steps s on s.subject_id = u.id and s.kind = 'upload.advance' where u.channel_id = '{}'",
            self.channel
        ))
    }
}

#[tokio::test]
async fn a_key_is_one_effect_however_often_it_is_sent() {
    let stack = Stack::from_env();
    let signer = TokenSigner::of(&stack);
    let keys = number("IDEMPOTENCY_KEYS", 10);
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for _ in 0..keys {
        let one = SeededUploader::new(&stack, &signer);
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
        assert_eq!(one.effects(&stack), "1|1");
        one.forget_rate_limit(&stack);
        let again = one.api.post_once("/api/schedule", &key, &one.body).await;
        assert_eq!(
            (again.status, &again.body),
            (201, &done[0].body),
            "the stored answer"
        );
    }
    println!("{CALLERS} callers on each of {keys} keys: {keys} effects, statuses {statuses:?}");
}

#[tokio::test]
async fn the_same_key_of_another_user_is_another_key() {
    let stack = Stack::from_env();
    let signer = TokenSigner::of(&stack);
    let one = SeededUploader::new(&stack, &signer);
    let other = SeededUploader::new(&stack, &signer);
    let key = Uuid::new_v4().to_string();
    let first = one.api.post_once("/api/schedule", &key, &one.body).await;
    let foreign = other.api.post_once("/api/schedule", &key, &one.body).await;
    assert_problem(&foreign, 404, "not_found");
    let own = other
        .api
        .post_once("/api/schedule", &key, &other.body)
        .await;
    assert_ne!(own.status(201).id(), first.status(201).id());
    assert_eq!(
        (one.effects(&stack), other.effects(&stack)),
        ("1|1".into(), "1|1".into())
    );
}

#[tokio::test]
async fn every_changed_byte_is_another_request() {
    let stack = Stack::from_env();
    let signer = TokenSigner::of(&stack);
    let one = SeededUploader::new(&stack, &signer);
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
        one.forget_rate_limit(&stack);
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
}
