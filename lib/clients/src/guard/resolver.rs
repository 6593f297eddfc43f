//! The connector that dials only what the guard let through.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Forbidden, Guard, is_public};

/// How names are looked up; a seam, so that tests can answer differently each time.
pub(crate) type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The resolver inside the connector: what it returns is what is dialled.
struct GuardedResolver {
    guard: Arc<Guard>,
    lookup: Lookup,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let may_be_local = self.guard.may_be_local(name.as_str());
        let addresses = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let addresses = addresses.await?;
            if !may_be_local && !addresses.iter().all(|address| is_public(address.ip())) {
                return Err(Forbidden::LocalAddress.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

pub(crate) fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

/// The connector that everything goes through whose address somebody else chose: it dials what the guard let through, over
/// connections apart from those that carry our keys.
pub(crate) fn guarded(
    guard: &Arc<Guard>,
    connect: Duration,
    lookup: Lookup,
) -> reqwest::ClientBuilder {
    crate::tls::client_builder()
        .dns_resolver(GuardedResolver {
            guard: Arc::clone(guard),
            lookup,
        })
        .no_gzip()
        .referer(false)
        .http1_only()
        .connect_timeout(connect)
        .user_agent(concat!(
            "content-catalyst-engine/",
            env!("CARGO_PKG_VERSION")
        ))
}

/// Our own refusal, when it is what made a call fail.
pub(crate) fn refusal(error: &reqwest::Error) -> Option<Forbidden> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(forbidden) = current.downcast_ref() {
            return Some(*forbidden);
        }
        cause = current.source();
    }
    None
}
