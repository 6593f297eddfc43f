//! A rotation of the keys of access tokens while the published set does not hold the new key yet.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, FaultProxy, Function, OnDrop, Stack, TokenSigner, User, until};

const KEYS: &str = "/auth/v1/.well-known/jwks.json";
const QUESTIONS: &str = "/auth/v1/user";

/// A function that has the published keys, behind a proxy that counts, and a key in use that is not among them.
struct Rotated {
    stack: std::sync::Arc<Stack>,
    function: Function,
    proxy: FaultProxy,
    /// Signed in before the rotation.
    before: User,
    _lag: OnDrop,
}

impl Rotated {
    async fn new() -> Self {
        let stack = Stack::from_env();
        let before = stack.sign_up().await;
        let lag = stack.published_keys_lag().await;
        // The key that stood by is published already; the next one is not.
        stack.rotate_signing_keys().await;
        stack.rotate_signing_keys().await;
        let proxy = FaultProxy::to_gateway(&stack).await;
        let binary = env!("CARGO_BIN_EXE_api_me");
        let function = Function::behind(&proxy, &stack, binary, &[]).await;
        let rotated = Self {
            stack,
            function,
            proxy,
            before,
            _lag: lag,
        };
        rotated.me(&rotated.before.access_token).await.status(200);
        rotated
    }

    /// What the function says to somebody with this token.
    async fn me(&self, token: &str) -> Answer {
        let request = self.function.request(Method::GET, "/api/me");
        Answer::of(request.bearer_auth(token)).await
    }

    fn published(&self) -> TokenSigner {
        TokenSigner::of(&self.stack)
    }
}

#[tokio::test]
async fn case_s06_users_go_on_while_the_published_keys_lag() {
    let rotated = Rotated::new().await;
    let url = format!("{}{KEYS}", rotated.stack.supabase_url);
    let keys: Value = rotated.stack.fetch(&url).await.json().await.expect("keys");
    let in_use = json!(rotated.published().kid);
    let published = keys["keys"].as_array().expect("a list");
    assert!(published.iter().all(|key| key["kid"] != in_use), "{keys}");

    for users in 1..=3 {
        let user = rotated.stack.sign_up().await;
        for _ in 0..4 {
            let me = rotated.me(&user.access_token).await.status(200);
            assert_eq!(me.id(), user.id.to_string());
            rotated.me(&rotated.before.access_token).await.status(200);
        }
        assert_eq!(
            rotated.proxy.calls(QUESTIONS),
            users,
            "one question a session"
        );
    }
    assert!(
        rotated.proxy.calls(KEYS) <= 2,
        "{}",
        rotated.proxy.calls(KEYS)
    );
}

#[tokio::test]
async fn case_s06_a_thousand_invented_kids_fetch_at_a_bounded_rate() {
    let rotated = Rotated::new().await;
    let signer = rotated.published();
    let began = Instant::now();
    let mut refused = 0;
    for n in 0..1000 {
        let mut header = signer.header();
        header["kid"] = json!(Uuid::new_v4());
        let token = signer.sign(&header, &signer.claims(rotated.before.id));
        let answer = rotated.me(&token).await;
        match (answer.status, answer.header("retry-after")) {
            (401, _) => refused += 1,
            (503, Some(_)) => {}
            _ => panic!("{n}: {answer}"),
        }
        if n % 100 == 0 {
            rotated.me(&rotated.before.access_token).await.status(200);
        }
    }
    let seconds = usize::try_from(began.elapsed().as_secs()).expect("a number") + 1;
    let (keys, questions) = (rotated.proxy.calls(KEYS), rotated.proxy.calls(QUESTIONS));
    println!(
        "1,000 invented kids in {seconds} s: keys asked for {keys} times, {questions} questions"
    );
    assert!(keys <= 2 + seconds / 30, "{keys} in {seconds} s");
    assert!(questions <= 60 + seconds, "{questions} in {seconds} s");
    assert_eq!(
        refused, questions,
        "what was not asked is not refused for good"
    );

    // Whoever signs in now is let in as soon as one more question is allowed.
    let user = rotated.stack.sign_up().await;
    until(
        "a new session goes on",
        Duration::from_secs(10),
        async || {
            let answer = rotated.me(&user.access_token).await;
            if answer.status == 200 {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        },
    )
    .await;
}
