//! Stateful stand-ins.

mod catalog;
mod clock;
mod gemini;
mod google;
mod revid;
mod server;
mod slack;
mod world;
mod youtube;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::JoinHandle};

pub use catalog::{CatalogError, CatalogRow, generate_catalog, read_catalog, write_catalog};
pub use clock::Clock;
pub use server::{Fault, Service, When};
use world::World;

/// The port of each server; none or 0 for any free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// Consent, tokens and revocation.
    pub google: Option<u16>,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: Option<u16>,
    /// The Generative Language API.
    pub gemini: Option<u16>,
    /// RevID and its download host.
    pub revid: Option<u16>,
    /// The webhook sink.
    pub slack: Option<u16>,
}

impl Ports {
    /// The ports of the local stack: 54331 to 54335.
    pub const LOCAL_STACK: Self = Self {
        google: Some(54331),
        youtube: Some(54332),
        gemini: Some(54333),
        revid: Some(54334),
        slack: Some(54335),
    };

    fn of(self, service: Service) -> u16 {
        let port = match service {
            Service::Google => self.google,
            Service::Youtube => self.youtube,
            Service::Gemini => self.gemini,
            Service::Revid => self.revid,
            Service::Slack => self.slack,
        };
        port.unwrap_or(0)
    }
}

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

/// Where the servers listen: `http://127.0.0.1:<port>`, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// Consent, tokens and revocation.
    pub google: String,
    /// YouTube Data, upload, Analytics and Reporting.
    pub youtube: String,
    /// The Generative Language API.
    pub gemini: String,
    /// RevID and its download host.
    pub revid: String,
    /// The webhook sink.
    pub slack: String,
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
        let state_file = options
            .state_dir
            .as_ref()
            .map(|folder| folder.join("fakes.json"));
        let world = Arc::new(World::new(options.clock, options.seed, state_file));
        let mut listeners = Vec::new();
        for service in Service::ALL {
            let port = options.ports.of(service);
            let bound = TcpListener::bind(("127.0.0.1", port)).await;
            listeners.push((
                service,
                bound.map_err(|source| FakesError::Listen {
                    service,
                    port,
                    source,
                })?,
            ));
        }
        let url = |wanted: Service| {
            let listener = listeners
                .iter()
                .find(|(service, _)| *service == wanted)
                .map(|(_, listener)| listener);
            let port = listener
                .and_then(|listener| listener.local_addr().ok())
                .map_or(0, |address| address.port());
            format!("http://127.0.0.1:{port}")
        };
        let urls = Urls {
            google: url(Service::Google),
            youtube: url(Service::Youtube),
            gemini: url(Service::Gemini),
            revid: url(Service::Revid),
            slack: url(Service::Slack),
        };
        let _ = world.urls.set(urls);
        let known = server::lock(&world.google)
            .accounts
            .contains_key(google::DEFAULT_ACCOUNT);
        if !known {
            let channel = youtube::NewChannel {
                catalog: options.catalog,
                ..youtube::NewChannel::default()
            };
            let account = google::NewAccount {
                account: google::DEFAULT_ACCOUNT.to_owned(),
                channel,
                scopes_granted: None,
                no_channel: false,
                refuses: false,
            };
            google::create_account(&world, account).map_err(FakesError::Account)?;
            world.touch();
        }
        let mut tasks: Vec<JoinHandle<()>> = listeners
            .into_iter()
            .map(|(service, listener)| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    if let Err(error) = server::serve(world, service, listener).await {
                        tracing::error!(?service, %error, "a stand-in stopped");
                    }
                })
            })
            .collect();
        let ticking = Arc::clone(&world);
        tasks.push(tokio::spawn(async move {
            let mut n = 0_u32;
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                revid::tick(&ticking);
                n = n.wrapping_add(1);
                if n.is_multiple_of(20) {
                    save(&ticking);
                }
            }
        }));
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

    /// Arms a fault at one of the servers and returns its id.
    pub fn arm(&self, service: Service, fault: Fault) -> u64 {
        server::lock(&self.world.desk(service).faults).arm(fault)
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

fn save(world: &World) {
    if let Err(error) = world.save() {
        tracing::warn!(%error, "the stand-ins' world could not be kept");
    }
}

/// A client for plain HTTP that follows no redirects: what webhooks are sent with, and of use to tests of the stand-ins.
///
/// # Errors
/// When the client cannot be made.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .gzip(false);
    match rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
    {
        Ok(config) => builder
            .tls_backend_preconfigured(
                config
                    .with_root_certificates(rustls::RootCertStore::empty())
                    .with_no_client_auth(),
            )
            .build(),
        Err(_) => builder.build(),
    }
}
