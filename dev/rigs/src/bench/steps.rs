//! How many steps a second the dispatcher claims and ends when there is nothing to do in them, beside the bare queue.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use futures_util::future::try_join_all;

use super::row::{Bound, Row, Runs};
use super::server::{Server, Side};
use super::{report::Report, routes, testbed::Testbed};
use crate::database::{run, value};
use crate::patience::until;

const RUNS: usize = 7;
/// Steps, and messages of the bare queue, of a run.
const STEPS: i32 = 600;
const WORKERS: [usize; 3] = [1, 2, 4];
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    run(&testbed.database, "select pgmq.create('bench')", ()).await?;
    let mut servers = Vec::new();
    for _ in 0..WORKERS[WORKERS.len() - 1] {
        servers.push(Server::start(testbed, Side::Ours, routes::DISPATCHER).await?);
    }
    for workers in WORKERS {
        let (mut ours, mut bare) = (Runs::default(), Runs::default());
        for _ in 0..RUNS {
            ours.push(steps(testbed, &servers[..workers]).await?);
            bare.push(messages(testbed, workers).await?);
        }
        let plural = if workers == 1 { "" } else { "s" };
        let name = format!("dispatcher: no-op steps a second, {workers} worker{plural}");
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
    let (database, wake) = (&testbed.database, routes::wake(testbed));
    let enqueue = "select count(private.enqueue_step('maintenance', 'pipeline.probe', gen_random_uuid(), null))
         from generate_series(1, $1)";
    run(database, enqueue, (STEPS,)).await?;
    let mut connections = Vec::new();
    for server in servers {
        connections.push(server.connect().await?);
    }
    let began = Instant::now();
    for connection in &mut connections {
        connection.expect(&wake).await?;
    }
    // The queue itself says when it is empty: asking costs the database next to nothing.
    let empty = "select not exists (select from pgmq.q_maintenance)";
    let is_empty = async || value(database, empty, ()).await;
    until(
        "the queue is empty",
        PATIENCE,
        Duration::from_millis(4),
        is_empty,
    )
    .await?;
    let took = began.elapsed().as_secs_f64();
    let left =
        "select count(*) from private.steps where kind = 'pipeline.probe' and state <> 'done'";
    let left: i64 = value(database, left, ()).await?;
    if left > 0 {
        let not_done = format!("{left} steps were not done");
        return Err(Error::setup(not_done, "see private.steps"));
    }
    // Let the workers find out that nothing is left, and stop.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(f64::from(STEPS) / took)
}

/// The queue without steps, leases and functions.
async fn messages(testbed: &Testbed, workers: usize) -> Result<f64> {
    let fill = "select pgmq.send_batch('bench', (select array_agg(jsonb_build_object('step', gen_random_uuid())) from generate_series(1, $1)))";
    run(&testbed.database, fill, (STEPS,)).await?;
    let refused = || Error::database("the bare queue refused");
    let mut connections = Vec::new();
    for _ in 0..workers {
        connections.push(testbed.database.acquire().await.map_err(refused())?);
    }
    let began = Instant::now();
    let working = connections.into_iter().map(|mut connection| async move {
        loop {
            let read = sqlx::query_scalar("select msg_id from pgmq.read('bench', 30, 1)");
            let Some(message) = read.fetch_optional(&mut *connection).await? else {
                return Ok(());
            };
            let archive = sqlx::query("select pgmq.archive('bench', $1)").bind::<i64>(message);
            archive.execute(&mut *connection).await?;
        }
    });
    try_join_all(working).await.map_err(refused())?;
    Ok(f64::from(STEPS) / began.elapsed().as_secs_f64())
}
