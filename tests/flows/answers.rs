//! A function that dies between its effect and its answer.
//!
//! `KILLED_ANSWERS` makes the run longer than it is in the suite.

use serde_json::json;
use uuid::Uuid;

use crate::support::{PATIENCE, Publisher, Stack, until};

const FUNCTION: &str = "api_schedule";

#[tokio::test]
async fn killed_between_effect_and_answer_a_retry_gets_the_stored_answer() {
    let publisher = Publisher::new().await;
    let stack = &publisher.stack;
    let kills = std::env::var("KILLED_ANSWERS").map_or(8, |text| text.parse().expect("a number"));
    for n in 0..kills {
        let render = publisher.seeded_render("requested");
        let at = publisher.hours(30 + 2 * n).await;
        let body = Publisher::body(render, at, json!({}));
        let key = Uuid::new_v4().to_string();
        let uploads = format!(
            "select string_agg(id::text, ' ') from public.scheduled_uploads where render_id = '{render}'"
        );
        let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%schedule_upload%'
             and datname = current_database() and pid <> pg_backend_pid()";
        // Warm, so that the process to be stopped is there.
        publisher.user.api.get("/api/schedule").await.status(200);

        let lock = stack.lock_channel(publisher.account.channel()).await;
        let call = tokio::spawn({
            let (api, key, body) = (publisher.user.api.clone(), key.clone(), body.clone());
            async move { api.post_once("/api/schedule", &key, &body).await }
        });
        // The change is under way in the database, and the function waits for its answer: it never hears it.
        until("the request waits", PATIENCE, async || {
            match stack.count(waiting) {
                0 => Err("it does not".to_owned()),
                _ => Ok(()),
            }
        })
        .await;
        let frozen = stack.freeze(|name| name == FUNCTION);
        lock.release();
        let effect = until("the effect", PATIENCE, async || {
            let done = stack.sql(&uploads);
            if done.is_empty() { Err(done) } else { Ok(done) }
        })
        .await;
        assert_eq!(frozen.kill(), 1);
        let unheard = call.await.expect("the caller");
        assert!(
            unheard.status >= 500,
            "nobody was left to answer: {unheard}"
        );

        let again = publisher
            .user
            .api
            .post_once("/api/schedule", &key, &body)
            .await
            .status(201);
        assert_eq!(again.id(), effect, "the answer of the first time");
        assert_eq!(stack.sql(&uploads), effect, "one effect");
    }
    println!("{kills} killed between effect and answer: {kills} stored answers, {kills} effects");
}

#[tokio::test]
async fn a_change_outlives_a_database_that_is_killed_after_the_answer() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let name = || {
        stack.sql(&format!(
            "select display_name from public.users where id = '{}'",
            user.id
        ))
    };
    // As a deployment has it; a throwaway stack waits for nothing. Connections that are there do not hear of it.
    stack.sql("alter database postgres set synchronous_commit = on");
    stack.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'",
    );
    until("a new connection", PATIENCE, async || {
        let answer = user
            .api
            .patch("/api/me", &json!({"display_name": "Before"}))
            .await;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(answer.to_string())
        }
    })
    .await;

    let writer = stack.freeze_wal_writer();
    user.api
        .patch("/api/me", &json!({"display_name": "After"}))
        .await
        .status(200);
    assert_eq!(writer.kill(), 1);
    stack.database_is_back().await;
    assert_eq!(name(), "After", "what was answered is lost");

    stack.sql("alter database postgres reset synchronous_commit");
    until("the Data API", PATIENCE, async || {
        let answer = user.api.get("/api/me").await;
        if answer.status == 200 {
            Ok(())
        } else {
            Err(answer.to_string())
        }
    })
    .await;
}
