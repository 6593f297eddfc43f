//! A stand-in of an S3-compatible store: one bucket, path style, requests signed in their query (`AWS4-HMAC-SHA256`).
//!
//! It checks every signature itself, keeps what is put, lists in pages, and can be told to fail.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, Method, StatusCode, header};
use jiff::Timestamp;

use crate::loopback::Loopback;
use crate::server::lock;

/// Objects in one page of a list: few, so that a handful of objects needs several.
const PAGE: usize = 3;
const LARGEST: usize = 1024 * 1024 * 1024;

/// A running store. It ends when it is dropped.
#[derive(Debug)]
pub struct S3 {
    server: Loopback,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug)]
struct Held {
    bucket: String,
    key: String,
    secret: String,
    region: String,
    objects: BTreeMap<String, Vec<u8>>,
    /// How many calls are still to fail, and with which status.
    failing: Option<(usize, StatusCode)>,
    refused: usize,
    calls: usize,
}

impl S3 {
    /// Starts one on a free port of the loopback address, with one bucket and one pair of keys.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(bucket: &str, key: &str, secret: &str, region: &str) -> io::Result<Self> {
        let held = Arc::new(Mutex::new(Held {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            secret: secret.to_owned(),
            region: region.to_owned(),
            objects: BTreeMap::new(),
            failing: None,
            refused: 0,
            calls: 0,
        }));
        let app = Router::new().fallback(handle).with_state(Arc::clone(&held));
        let server = Loopback::serve(app).await?;
        Ok(Self { server, held })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Every key, in order.
    pub fn keys(&self) -> Vec<String> {
        self.lock().objects.keys().cloned().collect()
    }

    /// An object.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.lock().objects.get(key).cloned()
    }

    /// Puts an object there behind everybody's back.
    pub fn put(&self, key: &str, bytes: Vec<u8>) {
        self.lock().objects.insert(key.to_owned(), bytes);
    }

    /// The next calls fail.
    pub fn fail(&self, calls: usize, status: StatusCode) {
        self.lock().failing = Some((calls, status));
    }

    /// How many calls were refused for their signature.
    pub fn refused(&self) -> usize {
        self.lock().refused
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

async fn handle(State(held): State<Arc<Mutex<Held>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query: Vec<(String, String)> = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return error(StatusCode::BAD_REQUEST, "IncompleteBody");
    };
    let mut held = lock(&held);
    held.calls += 1;
    if !is_signed(
        &held,
        &parts.method,
        parts.uri.path(),
        &query,
        &parts.headers,
    ) {
        held.refused += 1;
        return error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch");
    }
    if let Some((left, status)) = held.failing.take() {
        held.failing = (left > 1).then_some((left - 1, status));
        return error(status, "SlowDown");
    }
    let path = decoded(parts.uri.path());
    let Some(rest) = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(held.bucket.as_str()))
    else {
        return error(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    match (parts.method, rest.trim_start_matches('/')) {
        (Method::GET, "") => list(&held, &query),
        (Method::GET, key) => match held.objects.get(key) {
            Some(object) => answer(StatusCode::OK, object.clone()),
            None => error(StatusCode::NOT_FOUND, "NoSuchKey"),
        },
        (Method::PUT, key) => {
            held.objects.insert(key.to_owned(), bytes.to_vec());
            answer(StatusCode::OK, Vec::new())
        }
        (Method::DELETE, key) => {
            held.objects.remove(key);
            answer(StatusCode::NO_CONTENT, Vec::new())
        }
        _ => error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    }
}

fn list(held: &Held, query: &[(String, String)]) -> Response {
    let value = |name: &str| parameter(query, name);
    let (prefix, after) = (value("prefix"), value("continuation-token"));
    let mut keys = held
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && **key > after);
    let page: Vec<_> = keys.by_ref().take(PAGE).collect();
    let more = keys.next().is_some();
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
    );
    let _ = write!(
        xml,
        "<IsTruncated>{more}</IsTruncated><MaxKeys>{PAGE}</MaxKeys>"
    );
    if let Some((last, _)) = page.last().filter(|_| more) {
        let _ = write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>");
    }
    for (key, object) in page {
        let etag = hex(&digest(&SHA256, object).as_ref()[..16]);
        let _ = write!(
            xml,
            "<Contents><Key>{key}</Key><LastModified>2026-11-22T02:00:00.000Z</LastModified><ETag>&quot;{etag}&quot;</ETag>\
             <Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            object.len()
        );
    }
    xml.push_str("</ListBucketResult>");
    answer(StatusCode::OK, xml.into_bytes())
}

/// Whether a request carries the signature that these keys make, and is not too old.
fn is_signed(
    held: &Held,
    method: &Method,
    path: &str,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> bool {
    let value = |name: &str| parameter(query, name);
    let (at, signed) = (value("X-Amz-Date"), value("X-Amz-SignedHeaders"));
    let Some(day) = at.get(..8) else {
        return false;
    };
    let scope = format!("{day}/{}/s3/aws4_request", held.region);
    if value("X-Amz-Algorithm") != "AWS4-HMAC-SHA256"
        || value("X-Amz-Credential") != format!("{}/{scope}", held.key)
        || signed != "host"
        || !is_current(&at, &value("X-Amz-Expires"))
    {
        return false;
    }
    let mut pairs: Vec<String> = query
        .iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let canonical = format!(
        "{method}\n{path}\n{}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD",
        pairs.join("&")
    );
    let text = format!(
        "AWS4-HMAC-SHA256\n{at}\n{scope}\n{}",
        hex(digest(&SHA256, canonical.as_bytes()).as_ref())
    );
    let mut key = format!("AWS4{}", held.secret).into_bytes();
    for part in [day, &held.region, "s3", "aws4_request"] {
        key = mac(&key, part).as_ref().to_vec();
    }
    hex(mac(&key, &text).as_ref()) == value("X-Amz-Signature")
}

fn is_current(at: &str, seconds: &str) -> bool {
    let Ok(signed) = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", at) else {
        return false;
    };
    let (Ok(signed), Ok(seconds)) = (
        signed.to_zoned(jiff::tz::TimeZone::UTC),
        seconds.parse::<i64>(),
    ) else {
        return false;
    };
    let age = Timestamp::now()
        .duration_since(signed.timestamp())
        .as_secs();
    (-900..=seconds.clamp(0, 604_800)).contains(&age)
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A parameter of the query; empty when it is not there.
fn parameter(query: &[(String, String)], name: &str) -> String {
    query
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, value)| decoded(value))
        .unwrap_or_default()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

fn answer(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
}

fn error(status: StatusCode, code: &str) -> Response {
    answer(
        status,
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code></Error>")
            .into_bytes(),
    )
}
