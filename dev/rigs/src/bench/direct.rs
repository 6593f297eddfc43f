//! The calls of a route, without the function in between.

use std::time::Instant;

use catalyst_cli::error::{Error, Result};

use super::row::Runs;
use super::wire::{Connection, Request};
use super::{routes::Route, testbed::Testbed};

/// The same effect with nothing in between: as many kept connections as calls go out at once.
pub(super) struct Direct {
    connections: [Connection; 2],
}

impl Direct {
    pub(super) async fn open(testbed: &Testbed, route: Route) -> Result<Self> {
        let open = || async {
            Connection::open(testbed.gateway())
                .await
                .map_err(Error::io("the gateway does not listen"))
        };
        debug_assert!(
            route.direct(testbed).iter().all(|group| group.len() <= 2),
            "two connections"
        );
        Ok(Self {
            connections: [open().await?, open().await?],
        })
    }

    pub(super) async fn time_requests(
        &mut self,
        testbed: &Testbed,
        route: Route,
        requests: usize,
    ) -> Result<Runs> {
        let mut took = Vec::with_capacity(requests);
        for _ in 0..requests {
            let groups = route.direct(testbed);
            let began = Instant::now();
            for group in &groups {
                self.send(group).await?;
            }
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(Runs::new(took))
    }

    async fn send(&mut self, group: &[Request]) -> Result {
        let [first, second] = &mut self.connections;
        match group {
            [one] => first.expect(one).await.map(drop),
            [one, other, ..] => {
                let (one, other) = tokio::join!(first.expect(one), second.expect(other));
                one.and(other).map(drop)
            }
            [] => Ok(()),
        }
    }
}
