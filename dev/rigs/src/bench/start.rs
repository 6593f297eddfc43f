//! From the start of the process to the first answer that came out of the database.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};

use super::row::{Bound, Row, Runs};
use super::server::{Server, Side};
use super::{direct::Direct, report::Report, routes::Route, testbed::Testbed, wire::Connection};

/// Starts of each side; an odd number has a median.
const STARTS: usize = 15;
/// Calls of the database's own before each start, as other instances make them all the time: what starts is the function, not
/// the database, whose memory the process before has driven out of the processor's caches.
const CALLS: usize = 20;

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    let (mut ours, mut peer) = (Runs::default(), Runs::default());
    let mut direct = Direct::open(testbed, Route::List).await?;
    for _ in 0..STARTS {
        for (side, runs) in [(Side::Ours, &mut ours), (Side::Peer, &mut peer)] {
            direct.time_requests(testbed, Route::List, CALLS).await?;
            runs.push(start(testbed, side).await?);
        }
    }
    report.add(
        Row::new("process start → first answer from the database", "ms", ours)
            .peer(peer)
            .must(Bound::AtMost(8.0))
            .must(Bound::PeerAtMost(1.0 / 30.0)),
    );
    Ok(())
}

async fn start(testbed: &Testbed, side: Side) -> Result<f64> {
    let request = Route::List.request(testbed);
    let began = Instant::now();
    let server = Server::spawn(testbed, side, Route::List.function())?;
    while began.elapsed() < Duration::from_secs(10) {
        if let Ok(mut connection) = Connection::open(server.port).await
            && connection
                .send(&request)
                .await
                .is_ok_and(|answer| answer.is_success())
        {
            let took = began.elapsed();
            server.kill().await;
            return Ok(took.as_secs_f64() * 1e3);
        }
        // Not so often that the process is kept from starting where there are few cores; and not by the runtime's clock, which
        // counts whole milliseconds.
        std::thread::sleep(Duration::from_micros(100));
    }
    let late = format!("{side:?}: no answer within 10 s of the start");
    Err(Error::setup(late, "run it by hand and read its log"))
}
