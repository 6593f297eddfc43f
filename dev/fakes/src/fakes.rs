//! Starting and stopping the stand-ins.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

use crate::google::store::DEFAULT_ACCOUNT;
use crate::revid::webhook::send_due;
use crate::youtube::create::{NewAccount, NewChannel, catalog_of, create_account};
use crate::{Clock, Ports, Service, Urls, World, lock, server};

/// How to start the stand-ins.
#[derive(Clone, Debug, Default)]
pub struct FakesOptions {
    /// Where to listen.
    pub ports: Ports,
    /// The clock that all of them go by.
    pub clock: Clock,
    /// The catalogue of the default account's channel; a made-up one without it.
    pub catalog: Option<PathBuf>,
    /// What everything made up is made from.
    pub seed: u64,
    /// Where to keep the world between two runs; nowhere without it.
    pub state_dir: Option<PathBuf>,
}

/// Why the stand-ins did not start.
#[derive(Debug, thiserror::Error)]
pub enum FakesError {
    /// A port is taken or may not be used.
    #[error("{service:?} could not listen on port {port}: {source}")]
    Listen {
        /// The server.
        service: Service,
        /// Its port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The default account's channel could not be made.
    #[error("the default account could not be made: {0}")]
    Account(String),
}

/// The running stand-ins. Dropping them stops them.
pub struct Fakes {
    world: Arc<World>,
    tasks: Vec<JoinHandle<()>>,
}

impl Fakes {
    /// Starts all servers on the loopback interface and makes the account `creator`.
    ///
    /// # Errors
    /// When a port cannot be used or the catalogue cannot be read.
    pub async fn start(options: FakesOptions) -> Result<Self, FakesError> {
        let file = options.state_dir.map(|folder| folder.join("fakes.json"));
        let world = Arc::new(World::new(options.clock, options.seed, file));
        let mut listeners = Vec::new();
        for service in Service::ALL {
            let port = options.ports.of(service).unwrap_or(0);
            listeners.push((service, listen(service, port).await?));
        }
        let _ = world.urls.set(urls(&listeners));
        create_default_account(&world, options.catalog)?;
        let mut tasks: Vec<JoinHandle<()>> = listeners
            .into_iter()
            .map(|(service, listener)| tokio::spawn(run(Arc::clone(&world), service, listener)))
            .collect();
        tasks.push(tokio::spawn(run_timers(Arc::clone(&world))));
        Ok(Self { world, tasks })
    }

    /// Where the servers listen.
    #[must_use]
    pub fn urls(&self) -> Urls {
        self.world.urls()
    }

    /// The clock that all servers go by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.world.clock.clone()
    }

    /// Stops all servers and keeps the world, where there is a place for it.
    ///
    /// # Errors
    /// When the world cannot be written.
    pub async fn shutdown(mut self) -> io::Result<()> {
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await;
        }
        self.world.save()
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(service: Service, port: u16) -> Result<TcpListener, FakesError> {
    let bound = TcpListener::bind(("127.0.0.1", port)).await;
    bound.map_err(|source| FakesError::Listen {
        service,
        port,
        source,
    })
}

fn urls(listeners: &[(Service, TcpListener)]) -> Urls {
    let url = |wanted: Service| {
        let (_, listener) = listeners.iter().find(|(service, _)| *service == wanted)?;
        Some(format!("http://{}", listener.local_addr().ok()?))
    };
    Service::ALL
        .map(|service| url(service).unwrap_or_default())
        .into()
}

/// Makes the default account, unless the saved world has it with the same catalogue.
fn create_default_account(world: &World, catalog: Option<PathBuf>) -> Result<(), FakesError> {
    let name = catalog.as_ref().map(|path| path.display().to_string());
    let exists = lock(&world.google).accounts.contains_key(DEFAULT_ACCOUNT);
    if exists && (name.is_none() || catalog_of(world, DEFAULT_ACCOUNT) == name) {
        return Ok(());
    }
    let account = NewAccount {
        account: DEFAULT_ACCOUNT.to_owned(),
        channel: NewChannel::with_catalog(catalog),
        ..NewAccount::default()
    };
    create_account(world, account).map_err(FakesError::Account)?;
    world.mark_changed();
    Ok(())
}

async fn run(world: Arc<World>, service: Service, listener: TcpListener) {
    if let Err(error) = server::serve(world, service, listener).await {
        tracing::error!(?service, %error, "a stand-in stopped");
    }
}

/// Sends webhooks when they are due, and saves the world every five seconds.
async fn run_timers(world: Arc<World>) {
    for n in 1_u64.. {
        sleep(Duration::from_millis(50)).await;
        send_due(&world);
        if n.is_multiple_of(100) {
            let world = Arc::clone(&world);
            let _ = tokio::task::spawn_blocking(move || {
                if let Err(error) = world.save() {
                    tracing::warn!(%error, "the stand-ins' world could not be saved");
                }
            })
            .await;
        }
    }
}
