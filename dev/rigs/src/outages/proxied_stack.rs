//! The functions once more, with proxies before everything that they call.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::cluster;
use catalyst_cli::process;
use catalyst_cli::project::Project;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use stack::clock::Clock;
use stack::functions::Platform;
use stack::gateway::{self, Gateway};
use stack::secrets::Secrets;
use stack::{Addresses, Stack};
use tokio::task::JoinSet;

use super::fault::{Fault, Mode};
use super::proxy::Proxy;
use super::rounds::Target;

/// Requests to the gateway that fetch the key set.
const KEYS: &str = "/auth/";
/// The variables that lead the functions to each provider.
const PROVIDERS: [(&str, &[&str]); 4] = [
    ("google", &["GOOGLE_OAUTH_URL"]),
    ("youtube", &["YOUTUBE_URL", "YOUTUBE_ANALYTICS_URL"]),
    ("gemini", &["GEMINI_URL"]),
    ("revid", &["REVID_URL"]),
];

/// A second gateway and second functions of a stack.
pub(super) struct ProxiedStack {
    platform: Arc<Platform>,
    gateway: Arc<Gateway>,
    users: PgPool,
    tasks: JoinSet<()>,
    postgres: Proxy,
    supabase: Proxy,
    providers: BTreeMap<&'static str, Proxy>,
    addresses: Addresses,
}

impl ProxiedStack {
    pub(super) async fn start(
        project: &Project,
        stack: &Stack,
        binaries: &Path,
        state: &Path,
    ) -> Result<Self> {
        let postgres = Proxy::start(port_of(stack, "DATABASE_URL")?)?;
        let (listener, gateway_port) = process::listen().map_err(Error::io("no free port"))?;
        let gateway_url = format!("http://127.0.0.1:{gateway_port}");
        let users = pool(stack, "supabase_auth_admin").await?;
        let mut tasks = JoinSet::new();
        let gateway = gateway(stack, state, &gateway_url, users.clone()).await?;
        tasks.spawn(gateway::serve(Arc::clone(&gateway), listener));
        // Its Data API reaches the database through the proxy.
        let admin = pool(stack, "supabase_admin").await?;
        gateway.start_data_api(postgres.port(), &admin).await?;
        admin.close().await;

        let supabase = Proxy::start(gateway_port)?;
        let mut variables = stack.environment().clone();
        let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value);
        set("SUPABASE_URL", supabase.url());
        set("SUPABASE_JWT_ISSUER", format!("{gateway_url}/auth/v1"));
        let mut providers = BTreeMap::new();
        for (provider, names) in PROVIDERS {
            let proxy = Proxy::start(port_of(stack, names[0])?)?;
            for name in names {
                set(name, proxy.url());
            }
            providers.insert(provider, proxy);
        }
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        let url = format!("http://127.0.0.1:{port}");
        set("APP_URL", url.clone());
        set("API_URL", url.clone());
        let logs = state.join("logs/outages");
        let platform = Platform::new(project, binaries.to_owned(), logs, variables, port)?;
        tasks.spawn(Arc::clone(&platform).serve(listener));
        let addresses = Addresses {
            api: url,
            supabase: gateway_url,
            ..stack.addresses()
        };
        Ok(Self {
            platform,
            gateway,
            users,
            tasks,
            postgres,
            supabase,
            providers,
            addresses,
        })
    }

    /// Where it is reached, past the proxies.
    pub(super) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Ends the functions' processes; the next call starts new ones, which have no keys yet.
    pub(super) async fn restart_functions(&self) {
        self.platform.stop().await;
    }

    pub(super) async fn stop(mut self) {
        self.platform.stop().await;
        self.gateway.stop_data_api();
        self.tasks.abort_all();
        drop(tokio::time::timeout(Duration::from_secs(2), self.users.close()).await);
    }

    /// From now on the target meets this fault.
    pub(super) fn set_fault(&self, target: Target, mode: Mode) {
        let every = Fault { mode, path: None };
        match target {
            Target::Postgres => self.postgres.set_fault(every),
            Target::DataApi => self.supabase.set_fault(every),
            Target::Keys => self.supabase.set_fault(Fault {
                mode,
                path: Some(KEYS),
            }),
            Target::Provider(name) => self.providers[name].set_fault(every),
            Target::Providers => {
                for proxy in self.providers.values() {
                    proxy.set_fault(every);
                }
            }
        }
    }

    /// From now on no target meets a fault.
    pub(super) fn clear_faults(&self) {
        let services = [&self.postgres, &self.supabase];
        for proxy in self.providers.values().chain(services) {
            proxy.clear_fault();
        }
    }
}

/// A gateway of its own over the stack's database.
async fn gateway(stack: &Stack, state: &Path, url: &str, users: PgPool) -> Result<Arc<Gateway>> {
    let admin = pool(stack, "supabase_admin").await?;
    let clock = Clock::start(state.join("outages-clock"), Some(admin), None).await?;
    let storage = pool(stack, "supabase_storage_admin").await?;
    let secrets = Secrets::load(state)?;
    let (folder, url) = (state.to_owned(), url.to_owned());
    Gateway::new(secrets, folder, url, users, storage, Arc::new(clock))
}

async fn pool(stack: &Stack, role: &str) -> Result<PgPool> {
    let port = port_of(stack, "DATABASE_URL")?;
    PgPoolOptions::new()
        .max_connections(4)
        .connect_with(cluster::login(port, role))
        .await
        .map_err(Error::database("cannot connect to the local database"))
}

/// The port of the address that a variable of the stack holds.
fn port_of(stack: &Stack, variable: &str) -> Result<u16> {
    let url = stack.environment().get(variable);
    url.and_then(|url| url::Url::parse(url).ok()?.port())
        .ok_or_else(|| {
            Error::setup(
                format!("{variable} names no port"),
                "this is a fault of the tool",
            )
        })
}
