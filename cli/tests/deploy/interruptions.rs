//! A run that is cut off at every call, before or after the call had its effect, and the run after it.

use std::time::{Duration, Instant};

use fakes::accounts::{Accounts, Failure};
use serde_json::Value;
use tempfile::TempDir;

use crate::folder::{checkout, deploy};
use crate::world::{Held, Start, database, held, vault};

/// Rounds at once.
const AT_ONCE: usize = 3;

/// What there is in the end.
#[derive(Debug, PartialEq)]
struct End {
    accounts: Value,
    database: Held,
}

/// A deployment under way.
struct Round {
    accounts: Accounts,
    checkout: TempDir,
    database: fakes::accounts::Database,
}

impl Round {
    async fn new(start: Start) -> Self {
        let database = database(start).await;
        let accounts = Accounts::start(database.clone()).await.expect("ports");
        Self {
            accounts,
            checkout: checkout(),
            database,
        }
    }

    async fn run(&self) -> crate::folder::Said {
        let said = deploy(&self.accounts, self.checkout.path(), &[]).await;
        for secret in self.accounts.secrets() {
            assert!(
                !said.text.contains(&secret),
                "a secret is printed:\n{}",
                said.text
            );
        }
        said
    }

    async fn end(&self) -> End {
        let kept =
            std::fs::read_to_string(self.checkout.path().join(".env.deploy.content-catalyst"))
                .expect("a file");
        let keys = self
            .accounts
            .variable("TOKEN_ENCRYPTION_KEYS")
            .expect("keys");
        assert!(
            kept.contains(&format!("TOKEN_ENCRYPTION_KEYS={keys}\n")),
            "Vercel and the file have different keys"
        );
        let secret = self.accounts.variable("CRON_SECRET").expect("a secret");
        assert_eq!(
            vault(&self.database, "cron_secret").await,
            secret,
            "Vault and Vercel differ"
        );
        // Each has ports of its own.
        let state = self.accounts.state().to_string();
        let state = state.replace(self.accounts.site(), "https://site.example.com");
        End {
            accounts: serde_json::from_str(&state).expect("JSON"),
            database: held(&self.database).await,
        }
    }
}

fn changes(calls: &[String]) -> Vec<&String> {
    // Getting a login changes nothing of the deployment.
    let changing = |call: &&String| !call.starts_with("GET") && !call.ends_with("/cli/login-role");
    calls.iter().filter(changing).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_cut_off_at_any_call_is_completed_by_the_next_without_duplicates() {
    let whole = Round::new(Start::Empty).await;
    let began = Instant::now();
    let said = whole.run().await;
    assert!(said.good, "{}", said.text);
    let took = began.elapsed();
    println!(
        "without building: {:.1} s, {} calls",
        took.as_secs_f64(),
        whole.accounts.calls().len()
    );
    assert!(took < Duration::from_secs(120), "it took {took:?}");
    let end = whole.end().await;
    let calls = whole.accounts.calls();
    for (what, count) in [
        ("projects", 1),
        ("sites", 1),
        ("domains", 1),
        ("deployments", 1),
    ] {
        assert_eq!(
            end.accounts[what].as_array().map(Vec::len),
            Some(count),
            "{what}: {:#}",
            end.accounts
        );
    }

    // A second run finds everything as it is.
    let said = whole.run().await;
    assert!(said.good, "{}", said.text);
    let second = whole.accounts.calls().split_off(calls.len());
    assert_eq!(
        changes(&second),
        Vec::<&String>::new(),
        "the second run changes something:\n{}",
        said.text
    );
    assert_eq!(whole.end().await, end);

    // `make deploy-test` cuts off at every call in both ways; otherwise one way each, in turn.
    let both = std::env::var_os("DEPLOY_EVERY_FAILURE").is_some();
    let ways = (1..=calls.len()).flat_map(|nth| [(nth, false), (nth, true)]);
    let mut rounds = ways.filter(|(nth, has_effect)| both || nth.is_multiple_of(2) == *has_effect);
    let mut running = tokio::task::JoinSet::new();
    let mut count = 0;
    loop {
        while running.len() < AT_ONCE
            && let Some((nth, has_effect)) = rounds.next()
        {
            let call = calls[nth - 1].clone();
            running.spawn(async move { (nth, has_effect, call, cut_off(nth, has_effect).await) });
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let (nth, has_effect, call, found) = done.expect("a round");
        assert_eq!(
            found, end,
            "cut off at call {nth} ({call}), with effect: {has_effect}"
        );
        count += 1;
    }
    println!("{count} runs cut off and completed");
}

async fn cut_off(nth: usize, has_effect: bool) -> End {
    // The migrations run in some rounds of the first half, where they can be cut off.
    let start = if nth.is_multiple_of(12) {
        Start::Empty
    } else {
        Start::Migrated
    };
    let round = Round::new(start).await;
    round.accounts.fail(Some(Failure {
        nth,
        has_effect,
        status: 503,
        all_after: true,
    }));
    let said = round.run().await;
    // What was lost may have been the answer to the last call.
    if !said.good {
        assert!(
            said.text.contains("The same command then continues"),
            "{}",
            said.text
        );
    }
    round.accounts.fail(None);
    let said = round.run().await;
    assert!(
        said.good,
        "after call {nth}, with effect: {has_effect}:\n{}",
        said.text
    );
    round.end().await
}
