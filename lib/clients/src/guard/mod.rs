//! Decides which addresses may be fetched, when somebody else chose them.

pub(crate) mod resolver;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest address that is looked at.
const MAX_URL: usize = 4096;

/// Why an address is not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Not a URL, or longer than anyone's file needs.
    #[error("the address is not a well-formed URL")]
    Malformed,
    /// Anything but `https`.
    #[error("the address is not https")]
    Scheme,
    /// A port of its own.
    #[error("the address names a port")]
    Port,
    /// A user name or password.
    #[error("the address holds credentials")]
    Credentials,
    /// A name that is never public, such as `localhost`, `db.internal` or one without a dot.
    #[error("the address names a local host")]
    LocalName,
    /// An address, written out or resolved, that the public internet does not route.
    #[error("the address is not public")]
    LocalAddress,
    /// A host that is not among those from which files are accepted.
    #[error("the host is not one from which files are accepted")]
    UnlistedHost,
}

/// A URL that has passed a [`Guard`].
#[derive(Clone, PartialEq, Eq)]
pub struct MediaUrl(Url);

impl MediaUrl {
    /// The address as text, for keeping in the private schema.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address, to be dialled.
    pub(crate) fn into_url(self) -> Url {
        self.0
    }
}

impl fmt::Debug for MediaUrl {
    /// Signed addresses are as good as passwords: only the host is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({})", self.0.host_str().unwrap_or("?"))
    }
}

/// Decides which addresses may be fetched.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Guard {
    /// The one plain origin of a local stack: scheme, host, port.
    stand_in: Option<Url>,
    /// Whether this machine's own receivers may be reached, over `http` and on any port.
    loopback: bool,
    /// Hosts from which files are accepted; empty: any public one. A leading `*.` means every name below.
    hosts: Vec<String>,
}

impl Guard {
    /// A guard that lets through any public `https` address.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts files from these hosts only. `*.example.com` stands for every name below `example.com`.
    pub fn only_hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.hosts = hosts
            .into_iter()
            .map(|host| host.trim().to_ascii_lowercase())
            .filter(|host| !host.is_empty())
            .collect();
        self
    }

    /// Also lets through the origin of a stand-in of the local stack.
    pub fn with_stand_in(mut self, base: Url) -> Self {
        self.stand_in = Some(base);
        self
    }

    /// Also lets through `localhost` and loopback addresses, on any port: for receivers on a local stack.
    pub fn with_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Checks an address that came from outside.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(&self, address: &str) -> Result<MediaUrl, Forbidden> {
        if address.is_empty() || address.len() > MAX_URL {
            return Err(Forbidden::Malformed);
        }
        let url = Url::parse(address).map_err(|_| Forbidden::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Credentials);
        }
        if self.is_stand_in(&url) || self.is_loopback(&url) {
            return Ok(MediaUrl(url));
        }
        if url.scheme() != "https" {
            return Err(Forbidden::Scheme);
        }
        if url.port().is_some() {
            return Err(Forbidden::Port);
        }
        match url.host().ok_or(Forbidden::Malformed)? {
            // The connector does not ask its resolver about written-out addresses, so they are judged here.
            Host::Ipv4(v4) if !is_public_v4(v4) => return Err(Forbidden::LocalAddress),
            Host::Ipv6(v6) if !is_public_v6(v6) => return Err(Forbidden::LocalAddress),
            Host::Ipv4(_) | Host::Ipv6(_) => {}
            Host::Domain(name) if is_local_name(name) => return Err(Forbidden::LocalName),
            Host::Domain(_) => {}
        }
        if !self.hosts.is_empty() {
            let host = url.host_str().unwrap_or_default().trim_end_matches('.');
            let below = |rest: &str| rest.ends_with('.');
            let listed = self.hosts.iter().any(|rule| match rule.strip_prefix("*.") {
                Some(parent) => host.strip_suffix(parent).is_some_and(below),
                None => host == rule,
            });
            if !listed {
                return Err(Forbidden::UnlistedHost);
            }
        }
        Ok(MediaUrl(url))
    }

    fn is_stand_in(&self, url: &Url) -> bool {
        self.stand_in.as_ref().is_some_and(|base| {
            base.scheme() == url.scheme()
                && base.host() == url.host()
                && base.port_or_known_default() == url.port_or_known_default()
        })
    }

    fn is_loopback(&self, url: &Url) -> bool {
        self.loopback
            && matches!(url.scheme(), "http" | "https")
            && match url.host() {
                Some(Host::Ipv4(v4)) => v4.is_loopback(),
                Some(Host::Ipv6(v6)) => v6.is_loopback(),
                Some(Host::Domain(name)) => name == LOCALHOST,
                None => false,
            }
    }

    /// Whether a name may resolve to a local address: only the stand-in's own, and this machine's where that is allowed.
    pub(crate) fn may_be_local(&self, name: &str) -> bool {
        let stand_in = self.stand_in.as_ref().and_then(Url::host_str);
        (self.loopback && name == LOCALHOST) || stand_in == Some(name)
    }
}

const LOCALHOST: &str = "localhost";

/// Whether an address is one that the public internet routes to somebody.
///
/// For IPv6 this is an allow list (global unicast without the blocks that wrap or mimic something else), so an IPv4
/// address in any IPv6 clothing (mapped, compatible, 6to4, NAT64, Teredo) is refused whatever it wraps.
#[must_use]
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let blocked = match (a, b, c, d) {
        (0 | 10 | 127, ..) => true,  // this network, private, loopback
        (100, 64..=127, ..) => true, // carrier-grade NAT
        (169, 254, ..) => true,      // link-local, where clouds keep their metadata
        (168, 63, 129, 16) => true,  // Azure's host agent, on a public-looking address
        (172, 16..=31, ..) => true,  // private
        (192, 0, 0 | 2, _) => true,  // protocol assignments, documentation
        (192, 88, 99, _) => true,    // 6to4 relays
        (192, 168, ..) => true,      // private
        (198, 18..=19, ..) => true,  // benchmarking
        (198, 51, 100, _) | (203, 0, 113, _) => true, // documentation
        (224.., ..) => true,         // multicast, reserved, broadcast
        _ => false,
    };
    !blocked
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global_unicast = (0x2000..=0x3fff).contains(&a);
    let blocked = match (a, b) {
        (0x2001, 0x0000..=0x01ff) => true, // Teredo, benchmarking, ORCHID and other protocol assignments
        (0x2001, 0x0db8) => true,          // documentation
        (0x2002, _) => true,               // 6to4
        (0x3fff, 0x0000..=0x0fff) => true, // documentation
        _ => false,
    };
    global_unicast && !blocked
}

/// Names that no public file lives under: without a dot, or below a suffix that is reserved or customary for the inside.
pub(crate) fn is_local_name(name: &str) -> bool {
    const INSIDE: &str =
        "localhost local localdomain internal intranet lan home corp private arpa test invalid";
    let Some((_, suffix)) = name.trim_end_matches('.').rsplit_once('.') else {
        return true;
    };
    INSIDE
        .split(' ')
        .any(|inside| suffix.eq_ignore_ascii_case(inside))
}
