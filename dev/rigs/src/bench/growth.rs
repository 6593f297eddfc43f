//! Whether an answer takes longer when more rows stand behind it.

use std::time::Instant;

use catalyst_cli::error::Result;
use sqlx::AssertSqlSafe;
use stack::api_client::Client;
use uuid::Uuid;

use super::row::{Bound, Row, Runs};
use super::server::{Server, Side};
use super::{report::Report, routes::Route, testbed::Testbed, wire::Request};
use crate::database::{run, run_all, value};

const RUNS: usize = 7;
const REQUESTS: usize = 60;
const WARM_UP: usize = 20;

/// What the lists read.
const TABLES: [&str; 2] = ["public.videos", "public.performance_scores"];
/// What the metrics read.
const RECORDS: &str = "private.request_records";
/// Puts the table of so many records in that place, or back where it was.
const EXCHANGE: &str = "select bench.exchange_records('records_' || $1)";

/// A page of a list.
const LISTS: [(&str, &str); 3] = [
    ("newest first", "/api/videos"),
    ("best first", "/api/videos?sort=score"),
    ("outliers, newest first", "/api/videos?label=outlier"),
];

pub(super) async fn measure(testbed: &Testbed, report: &mut Report, most: i32) -> Result {
    let sizes = [1_000, 100_000, most];
    let mut users = Vec::new();
    for table in TABLES {
        leave_indexes(testbed, table).await?;
    }
    for size in sizes {
        users.push(user(testbed, size).await?);
    }
    for table in TABLES {
        settle(testbed, table).await?;
    }
    let server = Server::start(testbed, Side::Ours, Route::List.function()).await?;
    for (name, path) in LISTS {
        let mut runs: [Runs; 3] = Default::default();
        for run in 0..=RUNS {
            for (runs, user) in runs.iter_mut().zip(&users) {
                testbed.bypass_cache(user).await?;
                let requests = if run == 0 { WARM_UP } else { REQUESTS };
                let took = median(&server, path, user, requests).await?;
                if run > 0 {
                    runs.push(took);
                }
            }
        }
        add(report, &format!("list, {name}"), sizes, runs);
    }
    server.kill().await;
    metrics(testbed, report, sizes).await
}

/// The metrics are of one table: a table of each size takes its turn in that place.
async fn metrics(testbed: &Testbed, report: &mut Report, sizes: [i32; 3]) -> Result {
    let server = Server::start(testbed, Side::Ours, Route::Metrics.function()).await?;
    let mut runs: [Runs; 3] = Default::default();
    run(&testbed.database, "select bench.roll_up()", ()).await?;
    for size in sizes {
        records(testbed, "select bench.add_records('records_' || $1)", size).await?;
        records(testbed, EXCHANGE, size).await?;
        leave_indexes(testbed, RECORDS).await?;
        records(testbed, "select bench.record_requests($1)", size).await?;
        settle(testbed, RECORDS).await?;
        records(testbed, EXCHANGE, size).await?;
    }
    for run in 0..=RUNS {
        for (runs, size) in runs.iter_mut().zip(sizes) {
            records(testbed, EXCHANGE, size).await?;
            let requests = if run == 0 { WARM_UP } else { REQUESTS };
            let took = median(&server, "/api/admin/metrics", &testbed.admin, requests).await?;
            if run > 0 {
                runs.push(took);
            }
            records(testbed, EXCHANGE, size).await?;
        }
    }
    server.kill().await;
    add(report, "admin metrics", sizes, runs);
    Ok(())
}

/// Runs a statement of the world about the table of so many records.
async fn records(testbed: &Testbed, statement: &'static str, size: i32) -> Result {
    run(&testbed.database, statement, (size,)).await
}

/// A row for each size, compared with the smallest.
fn add(report: &mut Report, name: &str, sizes: [i32; 3], runs: [Runs; 3]) {
    let smallest = runs[0].clone();
    for (size, runs) in sizes.into_iter().zip(runs) {
        let rows = match size {
            size if size >= 1_000_000 => format!("{} M", size / 1_000_000),
            size => format!("{} k", size / 1_000),
        };
        let mut row = Row::new(format!("{name}: {rows} rows behind it, p50"), "ms", runs);
        if size > sizes[0] {
            row = row
                .limit(smallest.clone())
                .must(Bound::LimitAtMost(1.2))
                .note("limit: the same with 1,000 rows");
        }
        report.add(row);
    }
}

/// A user with one channel of so many scored videos.
async fn user(testbed: &Testbed, videos: i32) -> Result<Client> {
    let user = Client::sign_up(&testbed.addresses).await?;
    let (database, name) = (&testbed.database, format!("UC-bench-{videos}"));
    let make = "select bench.make_channel($1, $2)";
    let channel: Uuid = value(database, make, (user.id(), name)).await?;
    let fill = "select bench.fill_channel($1, $2, $3)";
    let half = videos / 2;
    tokio::try_join!(
        run(database, fill, (channel, 1, half)),
        run(database, fill, (channel, half + 1, videos))
    )?;
    Ok(user)
}

/// New rows of a table are not looked for until it is [settled](settle).
async fn leave_indexes(testbed: &Testbed, table: &str) -> Result {
    let leave = "select bench.leave_indexes($1::text::regclass)";
    run(&testbed.database, leave, (table,)).await
}

/// Builds a table's indexes and statistics, as they are long after its rows were made.
async fn settle(testbed: &Testbed, table: &str) -> Result {
    for command in ["reindex table", "vacuum (analyze)"] {
        run_all(
            &testbed.database,
            AssertSqlSafe(format!("{command} {table}")),
        )
        .await?;
    }
    Ok(())
}

async fn median(server: &Server, path: &str, user: &Client, requests: usize) -> Result<f64> {
    let bearer = format!("Bearer {}", user.token());
    let request = Request::new("GET", path, &[("authorization", &bearer)], b"");
    let mut connection = server.connect().await?;
    let mut took = Vec::with_capacity(requests);
    for _ in 0..requests {
        let began = Instant::now();
        connection.expect(&request).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Runs::new(took).median())
}
