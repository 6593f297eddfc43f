//! The functions once more, with proxies before everything that they call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::cluster;
use catalyst_cli::process;
use catalyst_cli::project::Project;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use stack::gateway::{self, Gateway};
use stack::{Addresses, Options, Stack, clock::Clock, functions::Platform, secrets::Secrets};
use tokio::task::JoinSet;

use super::fault::{Fault, Mode, PROVIDERS, Target};
use super::proxy::Proxy;

/// Requests to the gateway that fetch the key set.
const KEYS: &str = "/auth/";

/// A second gateway and second functions of a stack.
pub(super) struct ProxiedStack {
    platform: Arc<Platform>,
    gateway: Arc<Gateway>,
    users: PgPool,
    tasks: JoinSet<()>,
    postgres: Proxy,
    supabase: Proxy,
    providers: BTreeMap<&'static str, Proxy>,
    /// Where it is reached, past the proxies.
    pub(super) addresses: Addresses,
}

impl ProxiedStack {
    pub(super) async fn start(project: &Project, stack: &Stack, options: &Options) -> Result<Self> {
        let postgres = Proxy::start(port_of(stack, "DATABASE_URL")?)?;
        let (listener, gateway_port) = process::listen().map_err(Error::io("no free port"))?;
        let gateway_url = format!("http://127.0.0.1:{gateway_port}");
        let users = pool(stack, "supabase_auth_admin").await?;
        let admin = pool(stack, "supabase_admin").await?;
        let clock = options.state.join("outages-clock");
        let clock = Arc::new(Clock::start(clock, Some(admin.clone()), None).await?);
        let (secrets, state) = (Secrets::load(&options.state)?, options.state.clone());
        let (of_users, of_files) = (users.clone(), pool(stack, "supabase_storage_admin").await?);
        let site = stack.environment()["APP_URL"].clone();
        let gateway = Gateway::new(
            secrets,
            state,
            [gateway_url.clone(), site],
            of_users,
            of_files,
            clock,
        )?;
        let mut tasks = JoinSet::new();
        tasks.spawn(gateway::serve(Arc::clone(&gateway), listener));
        // Its Data API reaches the database through the proxy.
        gateway.start_data_api(postgres.port, &admin).await?;

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
        let (binaries, logs) = (options.binaries.clone(), options.state.join("logs/outages"));
        let platform = Platform::new(project, binaries, logs, variables, port)?;
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
        let path = (target == Target::Keys).then_some(KEYS);
        let fault = Fault { mode, path };
        match target {
            Target::Postgres => self.postgres.set_fault(fault),
            Target::DataApi | Target::Keys => self.supabase.set_fault(fault),
            Target::Provider(name) => self.providers[name].set_fault(fault),
            Target::Providers => self
                .providers
                .values()
                .for_each(|proxy| proxy.set_fault(fault)),
        }
    }

    /// From now on no target meets a fault.
    pub(super) fn clear_faults(&self) {
        let services = [&self.postgres, &self.supabase];
        for proxy in self.providers.values().chain(services) {
            proxy.set_fault(Fault::NONE);
        }
    }
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
    let port = url.and_then(|url| url::Url::parse(url).ok()?.port());
    let missing = || {
        Error::setup(
            format!("{variable} names no port"),
            "this is a fault of the tool",
        )
    };
    port.ok_or_else(missing)
}
