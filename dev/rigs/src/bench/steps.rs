//! How many steps a second the dispatcher claims and ends when there is nothing to do in them, beside the bare queue.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use serde_json::Value;

use super::dispatcher::{DISPATCHER, wake};
use super::report::Report;
use super::row::{Bound, Row};
use super::runs::Runs;
use super::server::{Server, Side};
use super::testbed::Testbed;

const RUNS: usize = 7;
/// Steps, and messages of the bare queue, of a run.
const STEPS: i32 = 600;
const WORKERS: [usize; 3] = [1, 2, 4];
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    run(testbed, "select pgmq.create('bench')").await?;
    let mut servers = Vec::new();
    for _ in 0..WORKERS[WORKERS.len() - 1] {
        servers.push(Server::start(testbed, Side::Ours, DISPATCHER).await?);
    }
    for workers in WORKERS {
        let (mut ours, mut bare) = (Runs::default(), Runs::default());
        for _ in 0..RUNS {
            ours.push(steps(testbed, &servers[..workers]).await?);
            bare.push(messages(testbed, workers).await?);
        }
        let name = format!(
            "dispatcher: no-op steps a second, {workers} worker{}",
            if workers == 1 { "" } else { "s" }
        );
        report.add(
            Row::new(name, "1/s", ours)
                .limit(bare)
                .must(Bound::LimitAtLeast(0.5))
                .note("limit: as many connections to Postgres, each reading one message of pgmq and archiving it"),
        );
    }
    for server in servers {
        server.kill().await;
    }
    Ok(())
}

async fn steps(testbed: &Testbed, servers: &[Server]) -> Result<f64> {
    sqlx::query(
        "select count(private.enqueue_step('maintenance', 'pipeline.probe', gen_random_uuid(), null))
         from generate_series(1, $1)",
    )
    .bind(STEPS)
    .execute(&testbed.database)
    .await
    .map_err(Error::database("cannot enqueue steps"))?;
    let wake = wake(testbed);
    let mut connections = Vec::new();
    for server in servers {
        connections.push(server.connect().await?);
    }
    let began = Instant::now();
    for connection in &mut connections {
        connection.expect(&wake).await?;
    }
    loop {
        // The queue itself says when it is empty: asking costs the database next to nothing.
        let left: bool = sqlx::query_scalar("select exists (select from pgmq.q_maintenance)")
            .fetch_one(&testbed.database)
            .await
            .map_err(Error::database("cannot read the queue"))?;
        if !left {
            break;
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                "the dispatcher does not get on with its steps",
                "see private.steps",
            ));
        }
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    let took = began.elapsed().as_secs_f64();
    expect_all_done(testbed).await?;
    // Let the workers find out that nothing is left, and stop.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(f64::from(STEPS) / took)
}

async fn expect_all_done(testbed: &Testbed) -> Result {
    let unfinished: i64 = sqlx::query_scalar(
        "select count(*) from private.steps where kind = 'pipeline.probe' and state <> 'done'",
    )
    .fetch_one(&testbed.database)
    .await
    .map_err(Error::database("cannot count the steps"))?;
    if unfinished == 0 {
        return Ok(());
    }
    Err(Error::setup(
        format!("{unfinished} steps were not done"),
        "see private.steps",
    ))
}

/// The queue without steps, leases and functions.
async fn messages(testbed: &Testbed, workers: usize) -> Result<f64> {
    sqlx::query("select pgmq.send_batch('bench', (select array_agg(jsonb_build_object('step', gen_random_uuid())) from generate_series(1, $1)))")
        .bind(STEPS)
        .execute(&testbed.database)
        .await
        .map_err(Error::database("cannot fill the queue"))?;
    let mut connections = Vec::new();
    for _ in 0..workers {
        let connection = testbed.database.acquire().await;
        connections.push(connection.map_err(Error::database("cannot connect to the database"))?);
    }
    let began = Instant::now();
    let working = connections.into_iter().map(|mut connection| async move {
        loop {
            let read: Option<(i64, Value)> =
                sqlx::query_as("select msg_id, message from pgmq.read('bench', 30, 1)")
                    .fetch_optional(&mut *connection)
                    .await?;
            let Some((message, _)) = read else {
                return Ok(());
            };
            sqlx::query("select pgmq.archive('bench', $1)")
                .bind(message)
                .execute(&mut *connection)
                .await?;
        }
    });
    futures_util::future::try_join_all(working)
        .await
        .map_err(Error::database("the bare queue refused"))?;
    Ok(f64::from(STEPS) / began.elapsed().as_secs_f64())
}

async fn run(testbed: &Testbed, sql: &'static str) -> Result {
    sqlx::raw_sql(sql)
        .execute(&testbed.database)
        .await
        .map(drop)
        .map_err(Error::database(sql))
}
