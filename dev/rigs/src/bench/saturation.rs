//! As many requests as a process can take, and what is resident after ten thousand of them.

use std::sync::atomic::{AtomicI64, Ordering};

use catalyst_cli::error::Result;
use futures_util::future::try_join_all;

use super::row::{Bound, Row, Runs};
use super::wire::{Connection, Request};
use super::{report::Report, routes::Route, server::Server, testbed::Testbed};

/// Runs of each side, interleaved, on the same two processes.
const RUNS: i64 = 7;
/// Requests of a run: together ten thousand, after which memory is read.
const REQUESTS: i64 = 10_000 / RUNS + 1;
/// Requests under way at any time.
const CONNECTIONS: usize = 16;

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    let servers = Server::both(testbed, Route::List).await?;
    let mut rates: [Runs; 2] = Default::default();
    for _ in 0..RUNS {
        for (runs, server) in rates.iter_mut().zip(&servers) {
            let before = server.cpu();
            load(testbed, server).await?;
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
    let [memory, of_peer] = [&ours, &peer].map(|server| Runs::once(server.memory()));
    report.add(
        Row::new("resident memory after 10,000 requests", "MB", memory)
            .peer(of_peer)
            .must(Bound::AtMost(12.0))
            .must(Bound::PeerAtMost(1.0 / 6.0)),
    );
    ours.kill().await;
    peer.kill().await;
    Ok(())
}

async fn load(testbed: &Testbed, server: &Server) -> Result {
    let request = Route::List.request(testbed);
    let left = AtomicI64::new(REQUESTS);
    let mut connections = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        connections.push(server.connect().await?);
    }
    let asking = connections
        .iter_mut()
        .map(|connection| ask(connection, &request, &left));
    try_join_all(asking).await.map(drop)
}

async fn ask(connection: &mut Connection, request: &Request, left: &AtomicI64) -> Result {
    while left.fetch_sub(1, Ordering::Relaxed) > 0 {
        connection.expect(request).await?;
    }
    Ok(())
}
