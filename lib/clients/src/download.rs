//! Fetching files whose address somebody else chose.
//!
//! A render ends with an address at which the provider keeps the file. That address comes from outside, so it is
//! fetched only through here, under rules that hold for the bytes on the wire and not just for the text of the URL:
//!
//! * `https`, port 443, no credentials, a name with a dot that is not reserved for local use;
//! * the address that is dialled is the address that was checked: the check sits in the connector's resolver, so a
//!   name that answers differently the second time gains nothing, and one forbidden address among several refuses all;
//! * redirects are answers, never followed; proxies from the environment are not used;
//! * size, time to connect, time between two pieces and time in all are capped;
//! * what was fetched is handed on as bytes or as facts, never quoted in an error.
//!
//! The stand-ins of a local stack live on a loopback address over `http`. [`Guard::with_stand_in`] opens exactly that
//! origin; the configuration calls it only when `ENABLE_API_MOCKING=true`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    ops::Range,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use http::{HeaderMap, StatusCode, header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

/// The longest address that is looked at.
const MAX_URL: usize = 4096;

/// How much of the file's beginning tells its kind.
const MAGIC: usize = 64;

// ---------------------------------------------------------------------------------------------------- addresses --

/// Whether an address is one that the public internet routes to somebody.
///
/// For IPv6 this is an allow list (global unicast without the blocks that wrap or mimic something else), so an IPv4
/// address in any IPv6 clothing (mapped, compatible, 6to4, NAT64, Teredo) is refused whatever it wraps.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
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
    #[must_use]
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
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts files from these hosts only. `*.example.com` stands for every name below `example.com`.
    #[must_use]
    pub fn only_hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.hosts = hosts
            .into_iter()
            .map(|host| host.trim().to_ascii_lowercase())
            .filter(|host| !host.is_empty())
            .collect();
        self
    }

    /// Also lets through the origin of a stand-in of the local stack.
    #[must_use]
    pub fn with_stand_in(mut self, base: Url) -> Self {
        self.stand_in = Some(base);
        self
    }

    /// Also lets through `localhost` and loopback addresses, on any port: for receivers on a local stack.
    #[must_use]
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
            let listed = self.hosts.iter().any(|rule| match rule.strip_prefix("*.") {
                Some(parent) => host
                    .strip_suffix(parent)
                    .is_some_and(|rest| rest.ends_with('.')),
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
    fn may_be_local(&self, name: &str) -> bool {
        (self.loopback && name == LOCALHOST)
            || self
                .stand_in
                .as_ref()
                .and_then(Url::host_str)
                .is_some_and(|host| host == name)
    }
}

const LOCALHOST: &str = "localhost";

/// Names that no public file lives under: without a dot, or below a suffix that is reserved or customary for the inside.
fn is_local_name(name: &str) -> bool {
    const INSIDE: [&str; 12] = [
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "arpa",
        "test",
        "invalid",
    ];
    let name = name.trim_end_matches('.');
    match name.rsplit_once('.') {
        None => true,
        Some((_, suffix)) => INSIDE
            .iter()
            .any(|inside| suffix.eq_ignore_ascii_case(inside)),
    }
}

// ----------------------------------------------------------------------------------------------------- resolver --

/// A future of the addresses of a name.
type LookupFuture = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// How names are looked up; a seam, so that tests can answer differently each time.
type Lookup = Arc<dyn Fn(String) -> LookupFuture + Send + Sync>;

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

fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

// ------------------------------------------------------------------------------------------------------ fetching --

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file that is accepted.
    pub max_bytes: u64,
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer's head, and between two pieces of its body.
    pub idle: Duration,
    /// For one whole call.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 * 1024 * 1024 * 1024,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            total: Duration::from_secs(120),
        }
    }
}

/// Why a file could not be had. No variant carries anything that the other side sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address breaks a rule.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The file is not there (any more), or not for us: expired links answer so.
    #[error("the file is no longer served (status {0})")]
    Gone(u16),
    /// The other side wants us to go elsewhere.
    #[error("the address redirects (status {0}), which is not followed")]
    Redirected(u16),
    /// An answer that makes no sense for a file.
    #[error("the file was answered with status {0}")]
    Refused(u16),
    /// Larger than the cap, or longer than was announced.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// Not an MP4.
    #[error("what is served there is not an MP4 video")]
    NotVideo,
    /// Not an image.
    #[error("what is served there is not an image")]
    NotImage,
    /// Another size or version than the one that was looked at before.
    #[error("the file has changed since it was first seen")]
    Changed,
    /// The body ended early.
    #[error("the file was cut short")]
    Truncated,
    /// A time cap was reached.
    #[error("the file's host took too long")]
    Timeout,
    /// The host could not be reached or has a fault of its own.
    #[error("the file's host is unavailable")]
    Unavailable,
}

impl FetchError {
    /// Whether the same call may go better later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Truncated | Self::Timeout | Self::Unavailable)
    }
}

/// The connector that everything goes through whose address somebody else chose: it dials what the guard let through, over
/// connections apart from those that carry our keys.
fn guarded(guard: &Arc<Guard>, connect: Duration, lookup: Lookup) -> reqwest::ClientBuilder {
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

/// The guarded connector, for clients that do something else than fetch files. Redirects are not followed.
pub(crate) fn connector(guard: &Arc<Guard>, connect: Duration) -> reqwest::ClientBuilder {
    guarded(guard, connect, system_lookup())
}

/// What is known about a file after looking at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its size.
    pub bytes: u64,
    /// Its media type, without parameters.
    pub content_type: String,
    /// Its version by the host's own account.
    pub etag: Option<String>,
    /// SHA-256 of all of it, in lowercase hexadecimal, when it was read through.
    pub sha256: Option<String>,
}

/// Fetches files under a [`Guard`].
#[derive(Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    guard: Arc<Guard>,
    limits: Limits,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("guard", &self.guard)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher with its own connections, apart from those that carry our keys.
    ///
    /// # Errors
    ///
    /// When the TLS set-up is refused, which no input can cause.
    pub fn new(guard: Guard, limits: Limits) -> Result<Self, reqwest::Error> {
        Self::with_lookup(guard, limits, system_lookup())
    }

    fn with_lookup(guard: Guard, limits: Limits, lookup: Lookup) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(guard);
        let client = guarded(&guard, limits.connect, lookup).build()?;
        Ok(Self {
            client,
            guard,
            limits,
        })
    }

    /// Checks an address against this fetcher's guard.
    ///
    /// # Errors
    ///
    /// The first rule that the address breaks.
    pub fn check(&self, address: &str) -> Result<MediaUrl, Forbidden> {
        self.guard.check(address)
    }

    /// Looks at a file: its size, type and first bytes. Reads it through (and hashes it) when it is no larger than
    /// `hash_up_to`, or when its host does not tell the size.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; [`FetchError::NotVideo`] when it is no MP4.
    pub async fn inspect(&self, url: &MediaUrl, hash_up_to: u64) -> Result<FileFacts, FetchError> {
        let mut body = self.open(url, None, None).await?;
        if !is_video_type(&body.content_type) {
            return Err(FetchError::NotVideo);
        }
        if let Some(total) = body.total
            && total > self.limits.max_bytes
        {
            return Err(FetchError::TooLarge(self.limits.max_bytes));
        }
        let read_through = body.total.is_none_or(|total| total <= hash_up_to);
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut head = BytesMut::with_capacity(MAGIC);
        let mut seen = 0_u64;
        while let Some(piece) = body.piece().await? {
            if head.len() < MAGIC {
                head.extend_from_slice(&piece[..piece.len().min(MAGIC - head.len())]);
                if head.len() >= 12 && !is_mp4(&head) {
                    return Err(FetchError::NotVideo);
                }
            }
            seen += piece.len() as u64;
            digest.update(&piece);
            if !read_through && head.len() >= 12 {
                break;
            }
        }
        if !is_mp4(&head) {
            return Err(FetchError::NotVideo);
        }
        let bytes = match body.total {
            Some(total) if read_through && seen != total => return Err(FetchError::Truncated),
            Some(total) => total,
            None => seen,
        };
        let sha256 = read_through.then(|| hex(digest.finish().as_ref()));
        Ok(FileFacts {
            bytes,
            content_type: body.content_type,
            etag: body.etag,
            sha256,
        })
    }

    /// Opens a part of a file whose size is known. Works with hosts that do not serve ranges, by reading past what
    /// was not asked for; memory stays bounded by one piece of the network either way.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; [`FetchError::Changed`] when the file is no longer the one that had `total` bytes.
    pub async fn read(
        &self,
        url: &MediaUrl,
        range: Range<u64>,
        total: u64,
    ) -> Result<Body, FetchError> {
        if range.start > range.end || range.end > total {
            return Err(FetchError::Changed);
        }
        self.open(url, Some(range), Some(total)).await
    }

    /// Reads a small image whole, and tells its media type.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; [`FetchError::NotImage`] when something else is served.
    pub async fn image(
        &self,
        url: &MediaUrl,
        max_bytes: u64,
    ) -> Result<(Bytes, String), FetchError> {
        let mut body = self.open(url, None, None).await?;
        if !body.content_type.starts_with("image/") {
            return Err(FetchError::NotImage);
        }
        let mut image = BytesMut::new();
        while let Some(piece) = body.piece().await? {
            if (image.len() + piece.len()) as u64 > max_bytes {
                return Err(FetchError::TooLarge(max_bytes));
            }
            image.extend_from_slice(&piece);
        }
        Ok((image.freeze(), body.content_type))
    }

    async fn open(
        &self,
        url: &MediaUrl,
        range: Option<Range<u64>>,
        expected: Option<u64>,
    ) -> Result<Body, FetchError> {
        let url = self.guard.check(url.as_str())?; // stored addresses are judged by today's rules
        let deadline = Instant::now() + self.limits.total;
        let mut request = self
            .client
            .get(url.0)
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::ACCEPT, "video/mp4, */*;q=0.1");
        let whole = match (&range, expected) {
            (Some(range), Some(total)) => range.start == 0 && range.end == total,
            _ => true,
        };
        if let (Some(range), false) = (&range, whole) {
            if range.is_empty() {
                return Ok(Body::empty());
            }
            request = request.header(
                header::RANGE,
                format!("bytes={}-{}", range.start, range.end - 1),
            );
        }
        let response = timeout(self.limits.idle + self.limits.connect, request.send())
            .await
            .map_err(|_| FetchError::Timeout)?
            .map_err(|error| classify(&error))?;

        let status = response.status();
        let headers = response.headers();
        let (skip, total) = match status {
            StatusCode::OK => (
                range.as_ref().map_or(0, |range| range.start),
                content_length(headers),
            ),
            StatusCode::PARTIAL_CONTENT if !whole => {
                let (start, total) = content_range(headers).ok_or(FetchError::Refused(206))?;
                if range.as_ref().is_some_and(|range| range.start != start) {
                    return Err(FetchError::Refused(206));
                }
                (0, total)
            }
            StatusCode::RANGE_NOT_SATISFIABLE => return Err(FetchError::Changed),
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::GONE => {
                return Err(FetchError::Gone(status.as_u16()));
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                return Err(FetchError::Unavailable);
            }
            _ if status.is_redirection() => return Err(FetchError::Redirected(status.as_u16())),
            _ if status.is_server_error() => return Err(FetchError::Unavailable),
            _ => return Err(FetchError::Refused(status.as_u16())),
        };
        if let (Some(expected), Some(total)) = (expected, total)
            && expected != total
        {
            return Err(FetchError::Changed);
        }
        let left = range.map(|range| range.end - range.start);
        Ok(Body {
            content_type: media_type(headers),
            etag: headers
                .get(header::ETAG)
                .and_then(|tag| tag.to_str().ok())
                .map(ToOwned::to_owned),
            total,
            response: Some(response),
            rest: Bytes::new(),
            skip,
            left,
            taken: 0,
            limits: self.limits,
            deadline,
        })
    }
}

/// The bytes of a file, or of a part of it, as they arrive.
pub struct Body {
    /// Its media type, without parameters.
    pub content_type: String,
    /// Its version by the host's own account.
    pub etag: Option<String>,
    /// The size of the whole file, where the host says it.
    pub total: Option<u64>,
    response: Option<reqwest::Response>,
    rest: Bytes,
    /// Bytes to throw away first.
    skip: u64,
    /// Bytes still to hand out; unlimited (but capped) when the whole file was asked for.
    left: Option<u64>,
    taken: u64,
    limits: Limits,
    deadline: Instant,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("total", &self.total)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

impl Body {
    fn empty() -> Self {
        Self {
            content_type: String::new(),
            etag: None,
            total: None,
            response: None,
            rest: Bytes::new(),
            skip: 0,
            left: Some(0),
            taken: 0,
            limits: Limits::default(),
            deadline: Instant::now(),
        }
    }

    /// The next piece, of whatever size the network gives; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`FetchError::Truncated`] when a part ended before all of it was there, and the caps.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, FetchError> {
        self.piece_of(u64::MAX).await
    }

    /// [`piece`](Self::piece) of at most `most` bytes, at least one.
    ///
    /// # Errors
    ///
    /// As [`Body::piece`].
    pub async fn piece_of(&mut self, most: u64) -> Result<Option<Bytes>, FetchError> {
        loop {
            if self.left == Some(0) {
                self.response = None;
                return Ok(None);
            }
            if self.rest.is_empty() {
                let Some(response) = self.response.as_mut() else {
                    return Ok(None);
                };
                let until = self.deadline.min(Instant::now() + self.limits.idle);
                match timeout_at(until, response.chunk())
                    .await
                    .map_err(|_| FetchError::Timeout)?
                {
                    Ok(Some(piece)) => self.rest = piece,
                    Ok(None) => {
                        self.response = None;
                        return if self.left.is_some() {
                            Err(FetchError::Truncated)
                        } else {
                            Ok(None)
                        };
                    }
                    Err(error) if error.is_timeout() => return Err(FetchError::Timeout),
                    Err(_) => return Err(FetchError::Truncated),
                }
            }
            if self.skip > 0 {
                let drop = self.skip.min(self.rest.len() as u64);
                self.rest
                    .advance(usize::try_from(drop).unwrap_or(usize::MAX));
                self.skip -= drop;
                continue;
            }
            let wanted = self
                .left
                .unwrap_or(u64::MAX)
                .min(most.max(1))
                .min(self.rest.len() as u64);
            let piece = self
                .rest
                .split_to(usize::try_from(wanted).unwrap_or(usize::MAX));
            if piece.is_empty() {
                continue;
            }
            self.taken += piece.len() as u64;
            if self.taken > self.limits.max_bytes {
                return Err(FetchError::TooLarge(self.limits.max_bytes));
            }
            if let Some(left) = self.left.as_mut() {
                *left -= piece.len() as u64;
            }
            return Ok(Some(piece));
        }
    }

    /// All that is left, in one buffer. For parts whose size the caller has bounded.
    ///
    /// # Errors
    ///
    /// As [`Body::piece`].
    pub async fn collect(mut self) -> Result<Bytes, FetchError> {
        let mut all = BytesMut::with_capacity(
            usize::try_from(self.left.unwrap_or(0).min(16 << 20)).unwrap_or(0),
        );
        while let Some(piece) = self.piece().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// The pieces as a stream, for use as the body of another request.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, FetchError>> + Send {
        stream::try_unfold(self, async |mut body| {
            Ok(body.piece().await?.map(|piece| (piece, body)))
        })
    }
}

/// Finds our own refusal in the chain of a failed call; everything else is the other side's trouble.
fn classify(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(forbidden) = current.downcast_ref::<Forbidden>() {
            return FetchError::Forbidden(*forbidden);
        }
        cause = current.source();
    }
    if error.is_timeout() {
        FetchError::Timeout
    } else {
        FetchError::Unavailable
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Start and, where told, total of `Content-Range: bytes a-b/n`.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let value = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = value
        .trim()
        .strip_prefix("bytes")?
        .trim_start()
        .split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    Some((start.trim().parse().ok()?, total))
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Types under which hosts serve an MP4; the first bytes decide in the end.
fn is_video_type(media_type: &str) -> bool {
    matches!(
        media_type,
        "" | "video/mp4"
            | "video/quicktime"
            | "video/x-m4v"
            | "application/mp4"
            | "application/octet-stream"
            | "binary/octet-stream"
    )
}

/// An ISO base media file starts with a `ftyp` box of a plausible size.
fn is_mp4(head: &[u8]) -> bool {
    let Some((size, rest)) = head.split_first_chunk::<4>() else {
        return false;
    };
    rest.len() >= 8 && rest.starts_with(b"ftyp") && (8..=4096).contains(&u32::from_be_bytes(*size))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests;
