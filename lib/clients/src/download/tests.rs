use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{sync::Mutex, time::Duration};

use http::HeaderMap;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::{Host, Url};

use super::*;
use crate::guard::{is_local_name, is_public};

/// Addresses that must never be dialled, one for each block and its edges.
const BLOCKED_V4: &[&str] = &[
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
];

const PUBLIC_V4: &[&str] = &[
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "203.0.112.255",
    "223.255.255.255",
];

const BLOCKED_V6: &[&str] = &[
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:53aa:64c:0:fffe:7f00:1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "3fff:fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
];

const PUBLIC_V6: &[&str] = &[
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "3ffe::1",
    "3fff:1000::1",
    "2001:200::1",
];

#[test]
fn only_addresses_of_the_public_internet_pass() {
    for address in BLOCKED_V4.iter().chain(BLOCKED_V6) {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in PUBLIC_V4.iter().chain(PUBLIC_V6) {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

/// Every way of writing an IPv4 address that some parser somewhere takes.
fn spellings_v4(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let all = u32::from(address);
    let low16 = u32::from(c) << 8 | u32::from(d);
    let low24 = u32::from(b) << 16 | low16;
    let wide: String = address
        .to_string()
        .chars()
        .map(|c| char::from_u32(c as u32 + 0xfee0).unwrap())
        .collect();
    let encoded: String = address
        .to_string()
        .bytes()
        .map(|b| format!("%{b:02X}"))
        .collect();
    vec![
        address.to_string(),
        format!("{address}."),
        format!("{all}"),
        format!("{all:#x}"),
        format!("0X{all:X}"),
        format!("0{all:o}"),
        format!("{a}.{low24}"),
        format!("{a}.{b}.{low16}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a:#x}.{low24}"),
        format!("0{a:o}.{b}.{low16:#x}"),
        format!("000{a:o}.{b}.{c}.{d}"),
        wide,
        encoded,
        format!("{a}。{b}。{c}。{d}"),
        format!("[::ffff:{address}]"),
        format!("[::{address}]"),
        format!("[64:ff9b::{address}]"),
        format!(
            "[2002:{:x}:{:x}::]",
            u32::from(a) << 8 | u32::from(b),
            low16
        ),
    ]
}

#[test]
fn no_spelling_of_a_forbidden_address_passes() {
    let guard = Guard::new();
    let mut hosts: Vec<String> = BLOCKED_V4
        .iter()
        .flat_map(|address| spellings_v4(address.parse().unwrap()))
        .collect();
    hosts.extend(BLOCKED_V6.iter().map(|address| format!("[{address}]")));
    hosts.extend(
        [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "ⓛocalhost",
            "db",
            "postgres",
            "kubernetes.default.svc.internal",
            "metadata.google.internal",
            "metadata.google.internal.",
            "printer.local",
            "router.lan",
            "1.0.0.127.in-addr.arpa",
            "x.test",
            "x.invalid",
            "server.corp",
            "nas.home",
            "a.private",
            "a.localdomain",
            "a.intranet",
            "%6c%6f%63%61%6c%68%6f%73%74",
        ]
        .map(ToOwned::to_owned),
    );
    assert!(hosts.len() >= 300, "{}", hosts.len());
    for host in &hosts {
        for address in [
            format!("https://{host}/a.mp4"),
            format!("https:\\\\{host}\\a.mp4"),
            format!("https://\t{host}\n/a.mp4"),
        ] {
            let outcome = guard.check(&address);
            assert!(outcome.is_err(), "{address} -> {outcome:?}");
        }
    }
}

#[test]
fn everything_but_plain_public_https_is_refused() {
    let guard = Guard::new();
    for (address, why) in [
        ("", Forbidden::Malformed),
        ("not a url", Forbidden::Malformed),
        ("//cdn.example.com/a.mp4", Forbidden::Malformed),
        ("https://", Forbidden::Malformed),
        ("https://[::1", Forbidden::Malformed),
        ("https://256.1.1.1.1/", Forbidden::Malformed),
        ("http://cdn.example.com/a.mp4", Forbidden::Scheme),
        ("ftp://cdn.example.com/a.mp4", Forbidden::Scheme),
        ("file:///etc/passwd", Forbidden::Scheme),
        ("gopher://cdn.example.com/", Forbidden::Scheme),
        ("data:video/mp4;base64,AAAA", Forbidden::Scheme),
        ("https://cdn.example.com:8443/a.mp4", Forbidden::Port),
        ("https://cdn.example.com:80/a.mp4", Forbidden::Port),
        ("https://user@cdn.example.com/a.mp4", Forbidden::Credentials),
        (
            "https://user:pw@cdn.example.com/a.mp4",
            Forbidden::Credentials,
        ),
        (
            "https://cdn.example.com@127.0.0.1/a.mp4",
            Forbidden::Credentials,
        ),
        (
            "https://127.0.0.1#@cdn.example.com/",
            Forbidden::LocalAddress,
        ),
        (
            "https://127.0.0.1\\@cdn.example.com/",
            Forbidden::LocalAddress,
        ),
    ] {
        assert_eq!(guard.check(address).unwrap_err(), why, "{address}");
    }
    assert_eq!(
        guard.check(&format!("https://cdn.example.com/{}", "a".repeat(5000))),
        Err(Forbidden::Malformed)
    );
    for address in [
        "https://cdn.revid.ai/v/a.mp4?sig=1",
        "HTTPS://CDN.REVID.AI:443/a.mp4",
        "https://1.1.1.1/a.mp4",
        "https://[2606:4700:4700::1111]/a",
    ] {
        assert!(guard.check(address).is_ok(), "{address}");
    }
}

#[test]
fn a_list_of_hosts_binds() {
    let guard = Guard::new().only_hosts([
        "cdn.revid.ai".to_owned(),
        " *.Example.com ".to_owned(),
        String::new(),
    ]);
    for good in [
        "https://cdn.revid.ai/a",
        "https://CDN.revid.ai./a",
        "https://a.example.com/a",
        "https://a.b.example.com/a",
    ] {
        assert!(guard.check(good).is_ok(), "{good}");
    }
    for bad in [
        "https://revid.ai/a",
        "https://xcdn.revid.ai/a",
        "https://cdn.revid.ai.evil.org/a",
        "https://example.com/a",
        "https://aexample.com/a",
    ] {
        assert_eq!(guard.check(bad), Err(Forbidden::UnlistedHost), "{bad}");
    }
}

#[test]
fn a_stand_in_opens_its_own_origin_only() {
    let guard = Guard::new().with_stand_in(Url::parse("http://127.0.0.1:54334").unwrap());
    assert!(guard.check("http://127.0.0.1:54334/cdn/a.mp4").is_ok());
    for bad in [
        "http://127.0.0.1:54322/",
        "https://127.0.0.1:54334/",
        "http://127.0.0.2:54334/",
        "http://localhost:54334/",
        "http://u:p@127.0.0.1:54334/",
    ] {
        assert!(guard.check(bad).is_err(), "{bad}");
    }
}

#[test]
fn nothing_of_a_signed_address_is_shown() {
    let url = Guard::new()
        .check("https://cdn.revid.ai/secret/path?sig=abc")
        .unwrap();
    assert_eq!(format!("{url:?}"), "MediaUrl(cdn.revid.ai)");
}

// -------------------------------------------------------------------------------------------------- on the wire --

fn limits() -> Limits {
    Limits {
        max_bytes: 10_000,
        connect: Duration::from_secs(2),
        idle: Duration::from_millis(300),
        total: Duration::from_secs(2),
    }
}

/// A server that answers each request by `answer(range)`; the counter tells how many connections it saw.
async fn serve<F>(answer: F) -> (Url, Arc<AtomicUsize>)
where
    F: Fn(Option<(u64, u64)>) -> Vec<u8> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![0; 8192];
            let length = socket.read(&mut request).await.unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..length]).to_lowercase();
            let range = text
                .split("range: bytes=")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next())
                .and_then(|range| {
                    let (from, to) = range.split_once('-')?;
                    Some((from.parse().ok()?, to.parse().ok()?))
                });
            let answer = answer(range);
            let hang = answer.ends_with(b"HANG");
            let _ = socket
                .write_all(if hang {
                    &answer[..answer.len() - 4]
                } else {
                    &answer
                })
                .await;
            if hang {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    });
    (base, seen)
}

fn video(bytes: usize) -> Vec<u8> {
    let mut file = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    file.extend((file.len()..bytes).map(|at| u8::try_from(at % 251).unwrap()));
    file
}

fn head(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

fn whole(file: &[u8], content_type: &str) -> Vec<u8> {
    let mut answer = head(
        "200 OK",
        &format!(
            "content-type: {content_type}\r\ncontent-length: {}\r\netag: \"v1\"\r\n",
            file.len()
        ),
    );
    answer.extend_from_slice(file);
    answer
}

fn ranged(file: &[u8], range: Option<(u64, u64)>) -> Vec<u8> {
    let Some((from, to)) = range else {
        return whole(file, "video/mp4");
    };
    let part = &file[usize::try_from(from).unwrap()..=usize::try_from(to).unwrap()];
    let mut answer = head(
        "206 Partial Content",
        &format!(
            "content-type: video/mp4\r\ncontent-range: bytes {from}-{to}/{}\r\ncontent-length: {}\r\n",
            file.len(),
            part.len()
        ),
    );
    answer.extend_from_slice(part);
    answer
}

fn fetcher(base: &Url) -> Fetcher {
    Fetcher::new(Guard::new().with_stand_in(base.clone()), limits()).unwrap()
}

async fn inspect(answer: Vec<u8>, hash_up_to: u64) -> Result<FileFacts, FetchError> {
    let (base, _) = serve(move |_| answer.clone()).await;
    let fetcher = fetcher(&base);
    let url = fetcher.check(&format!("{base}a.mp4")).unwrap();
    fetcher.inspect(&url, hash_up_to).await
}

#[tokio::test]
async fn a_video_is_measured_and_hashed() {
    let file = video(5000);
    let sha256 = crate::hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &file).as_ref());
    let facts = inspect(whole(&file, "video/mp4"), 10_000).await.unwrap();
    assert_eq!(
        facts,
        FileFacts {
            bytes: 5000,
            content_type: "video/mp4".into(),
            etag: Some("\"v1\"".into()),
            sha256: Some(sha256.clone())
        }
    );

    // A large one is measured by its announcement only.
    let facts = inspect(whole(&file, "Application/Octet-Stream; x=y"), 100)
        .await
        .unwrap();
    assert_eq!((facts.bytes, facts.sha256), (5000, None));

    // One without a length is read through, whatever its size.
    let mut endless = head("200 OK", "content-type: video/mp4\r\n");
    endless.extend_from_slice(&file);
    let facts = inspect(endless, 0).await.unwrap();
    assert_eq!((facts.bytes, facts.sha256), (5000, Some(sha256)));
}

#[tokio::test]
async fn what_is_no_video_is_refused() {
    assert_eq!(
        inspect(whole(b"<html>expired</html>", "text/html"), 10_000).await,
        Err(FetchError::NotVideo)
    );
    assert_eq!(
        inspect(
            whole(b"<html>expired but long enough</html>", "video/mp4"),
            10_000
        )
        .await,
        Err(FetchError::NotVideo)
    );
    assert_eq!(
        inspect(whole(b"tiny", "video/mp4"), 10_000).await,
        Err(FetchError::NotVideo)
    );
    assert_eq!(
        inspect(whole(b"", "video/mp4"), 10_000).await,
        Err(FetchError::NotVideo)
    );
    assert_eq!(
        inspect(head("403 Forbidden", "content-length: 0\r\n"), 1).await,
        Err(FetchError::Gone(403))
    );
    assert_eq!(
        inspect(head("404 Not Found", "content-length: 0\r\n"), 1).await,
        Err(FetchError::Gone(404))
    );
    assert_eq!(
        inspect(head("418 Teapot", "content-length: 0\r\n"), 1).await,
        Err(FetchError::Refused(418))
    );
    assert_eq!(
        inspect(head("503 Busy", "content-length: 0\r\n"), 1).await,
        Err(FetchError::Unavailable)
    );
}

#[tokio::test]
async fn caps_hold() {
    // Announced, and not announced.
    assert_eq!(
        inspect(whole(&video(10_001), "video/mp4"), 1).await,
        Err(FetchError::TooLarge(10_000))
    );
    let mut endless = head("200 OK", "content-type: video/mp4\r\n");
    endless.extend_from_slice(&video(20_000));
    assert_eq!(inspect(endless, 1).await, Err(FetchError::TooLarge(10_000)));
    // A host that falls silent, before and in the middle.
    assert_eq!(inspect(b"HANG".to_vec(), 1).await, Err(FetchError::Timeout));
    let mut silent = head(
        "200 OK",
        "content-type: video/mp4\r\ncontent-length: 5000\r\n",
    );
    silent.extend_from_slice(&video(100));
    silent.extend_from_slice(b"HANG");
    assert_eq!(inspect(silent, 10_000).await, Err(FetchError::Timeout));
    // Cut short.
    let mut short = head(
        "200 OK",
        "content-type: video/mp4\r\ncontent-length: 5000\r\n",
    );
    short.extend_from_slice(&video(100));
    assert_eq!(inspect(short, 10_000).await, Err(FetchError::Truncated));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (target, reached) = serve(|_| whole(&video(100), "video/mp4")).await;
    let answer = head(
        "302 Found",
        &format!("location: {target}x\r\ncontent-length: 0\r\n"),
    );
    assert_eq!(inspect(answer, 1).await, Err(FetchError::Redirected(302)));
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn parts_are_the_same_with_and_without_ranges() {
    let file = video(5000);
    for serves_ranges in [true, false] {
        let content = file.clone();
        let (base, _) = serve(move |range| {
            if serves_ranges {
                ranged(&content, range)
            } else {
                whole(&content, "video/mp4")
            }
        })
        .await;
        let fetcher = fetcher(&base);
        let url = fetcher.check(&format!("{base}a.mp4")).unwrap();
        for range in [0..5000, 0..10, 1000..3000, 4999..5000, 5000..5000, 7..7] {
            let part = fetcher
                .read(&url, range.clone(), 5000)
                .await
                .unwrap()
                .collect()
                .await
                .unwrap();
            let (from, to) = (
                usize::try_from(range.start).unwrap(),
                usize::try_from(range.end).unwrap(),
            );
            assert_eq!(part, &file[from..to], "{range:?}");
        }
        // Another size than before is another file.
        assert_eq!(
            fetcher.read(&url, 0..10, 4999).await.err(),
            Some(FetchError::Changed)
        );
        assert_eq!(
            fetcher.read(&url, 0..6000, 5000).await.err(),
            Some(FetchError::Changed)
        );
    }
}

#[tokio::test]
async fn a_part_that_is_not_the_one_asked_for_is_refused() {
    let (base, _) = serve(|_| {
        let mut answer = head(
            "206 Partial Content",
            "content-range: bytes 0-9/5000\r\ncontent-length: 10\r\n",
        );
        answer.extend_from_slice(&[0; 10]);
        answer
    })
    .await;
    let fetcher = fetcher(&base);
    let url = fetcher.check(&format!("{base}a.mp4")).unwrap();
    assert_eq!(
        fetcher.read(&url, 100..110, 5000).await.err(),
        Some(FetchError::Refused(206))
    );
    let cut = fetcher
        .read(&url, 0..100, 5000)
        .await
        .unwrap()
        .collect()
        .await;
    assert_eq!(cut.unwrap_err(), FetchError::Truncated);
}

#[tokio::test]
async fn a_name_that_changes_its_answer_reaches_nothing() {
    let (inside, reached) = serve(|_| whole(&video(100), "video/mp4")).await;
    let port = inside.port().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let names = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&names);
    // First public, then loopback; then both at once; then loopback in IPv6 clothing.
    let lookup: Lookup = Arc::new(move |name| {
        asked.lock().unwrap().push(name);
        let answer = match counter.fetch_add(1, Ordering::SeqCst) % 3 {
            0 => vec![SocketAddr::from(([127, 0, 0, 1], port))],
            1 => vec![
                SocketAddr::from(([93, 184, 216, 34], 443)),
                SocketAddr::from(([127, 0, 0, 1], port)),
            ],
            _ => vec![SocketAddr::new("::ffff:127.0.0.1".parse().unwrap(), port)],
        };
        Box::pin(async move { Ok(answer) })
    });
    let fetcher = Fetcher::with_lookup(Guard::new(), limits(), lookup).unwrap();
    let url = fetcher.check("https://rebind.example.com/a.mp4").unwrap();
    for _ in 0..6 {
        assert_eq!(
            fetcher.inspect(&url, 1).await,
            Err(FetchError::Forbidden(Forbidden::LocalAddress))
        );
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    assert_eq!(names.lock().unwrap().as_slice(), ["rebind.example.com"; 6]);
}

proptest! {
    #[test]
    fn what_passes_is_public_https(address in "\\PC{0,60}", host in "[a-z0-9.\\[\\]:%@x-]{1,30}") {
        for address in [address.clone(), format!("https://{host}/"), format!("https://{address}/")] {
            if let Ok(url) = Guard::new().check(&address) {
                let url = url.into_url();
                prop_assert_eq!(url.scheme(), "https");
                prop_assert_eq!(url.port_or_known_default(), Some(443));
                match url.host().unwrap() {
                    Host::Ipv4(v4) => prop_assert!(is_public(v4.into())),
                    Host::Ipv6(v6) => prop_assert!(is_public(v6.into())),
                    Host::Domain(name) => prop_assert!(!is_local_name(name) && name.parse::<IpAddr>().is_err()),
                }
            }
        }
    }

    #[test]
    fn no_range_header_makes_the_reader_panic(value in "[ -~]{0,60}") {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_RANGE, value.parse().unwrap());
        headers.insert(header::CONTENT_LENGTH, value.parse().unwrap());
        let _ = (content_range(&headers), content_length(&headers), media_type(&headers));
    }
}
