//! One request at a time on one kept connection, beside the peer and beside PostgREST itself.

use std::time::Instant;

use catalyst_cli::error::Result;

use super::row::{Bound, Row, Runs};
use super::wire::Connection;
use super::{direct::Direct, report::Report, routes::Route, server::Server, testbed::Testbed};

/// Runs of each side, interleaved.
const RUNS: usize = 7;
/// Requests of a run.
const REQUESTS: usize = 150;
/// Requests before the first run.
const WARM_UP: usize = 50;

/// How many schedule entries a measurement of their creation takes.
pub(super) const CREATIONS: usize = 3 * (RUNS * REQUESTS + WARM_UP) + 100;

pub(super) async fn measure(testbed: &Testbed, report: &mut Report, route: Route) -> Result {
    let [ours, peer] = Server::both(testbed, route).await?;
    let mut connections = (ours.connect().await?, peer.connect().await?);
    let mut direct = Direct::open(testbed, route).await?;
    let mut runs: [[Runs; 2]; 3] = Default::default();
    for run in 0..=RUNS {
        let requests = if run == 0 { WARM_UP } else { REQUESTS };
        let took = [
            time_requests(testbed, route, &mut connections.0, requests).await?,
            time_requests(testbed, route, &mut connections.1, requests).await?,
            direct.time_requests(testbed, route, requests).await?,
        ];
        if run > 0 {
            for (runs, took) in runs.iter_mut().zip(took) {
                runs[0].push(took.median());
                runs[1].push(took.quantile(0.99));
            }
        }
    }
    ours.kill().await;
    peer.kill().await;
    let [ours, peer, direct] = runs;
    let name = route.name();
    let [half, tail] = [("p50", 0), ("p99", 1)].map(|(part, at)| {
        Row::new(format!("warm: {name}, {part}"), "ms", ours[at].clone())
            .peer(peer[at].clone())
            .limit(direct[at].clone())
    });
    report.add(
        half.must(Bound::PeerAtMost(0.5))
            .must(Bound::LimitAtMost(1.3)),
    );
    report.add(tail);
    Ok(())
}

/// How long each of some requests takes, in milliseconds.
pub(super) async fn time_requests(
    testbed: &Testbed,
    route: Route,
    connection: &mut Connection,
    requests: usize,
) -> Result<Runs> {
    let mut took = Vec::with_capacity(requests);
    for _ in 0..requests {
        let request = route.request(testbed);
        let began = Instant::now();
        connection.expect(&request).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Runs::new(took))
}
