//! As many requests as a process can take, and what is resident after ten thousand of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalyst_cli::error::{Error, Result};

use super::report::Report;
use super::routes::Route;
use super::row::{Bound, Row};
use super::runs::Runs;
use super::server::{Server, Side};
use super::testbed::Testbed;
use super::wire::Request;

/// Runs of each side, interleaved, on the same two processes.
const RUNS: usize = 7;
/// Requests of a run: together ten thousand, after which memory is read.
const REQUESTS: usize = 10_000_usize.div_ceil(RUNS);
/// Requests under way at any time.
const CONNECTIONS: usize = 16;

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    let route = Route::List;
    let function = route.function();
    let servers = [
        Server::start(testbed, Side::Ours, function).await?,
        Server::start(testbed, Side::Peer, function).await?,
    ];
    let mut rates: [Runs; 2] = Default::default();
    for _ in 0..RUNS {
        for (runs, server) in rates.iter_mut().zip(&servers) {
            let before = server.cpu();
            load(testbed, server, route).await?;
            runs.push(REQUESTS as f64 / (server.cpu() - before));
        }
    }
    let [ours, peer] = rates;
    report.add(
        Row::new("requests a second at saturation, per core of the function", "1/s", ours)
            .peer(peer)
            .must(Bound::PeerAtLeast(4.0))
            .note("requests of 16 connections by the processor time that the function's process used for them"),
    );
    let [ours, peer] = servers;
    report.add(
        Row::new(
            "resident memory after 10,000 requests",
            "MB",
            Runs::once(ours.memory()),
        )
        .peer(Runs::once(peer.memory()))
        .must(Bound::AtMost(12.0))
        .must(Bound::PeerAtMost(1.0 / 6.0)),
    );
    ours.kill().await;
    peer.kill().await;
    Ok(())
}

async fn load(testbed: &Testbed, server: &Server, route: Route) -> Result {
    let request: Arc<Request> = Arc::new(route.request(testbed));
    let left = Arc::new(AtomicUsize::new(REQUESTS));
    let mut workers = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let mut connection = server.connect().await?;
        let (request, left) = (Arc::clone(&request), Arc::clone(&left));
        workers.push(tokio::spawn(async move {
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
            {
                connection.expect(&request).await?;
            }
            Ok::<(), Error>(())
        }));
    }
    for worker in workers {
        worker
            .await
            .map_err(|error| Error::setup(error.to_string(), "this is a fault of the tool"))??;
    }
    Ok(())
}
