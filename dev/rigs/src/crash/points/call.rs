//! A call on its way to a service, and what it is called in the report.

use axum::body::to_bytes;
use axum::extract::Request;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri, header};
use http_body_util::Full;

/// Bodies are passed on whole.
pub(super) const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A request whose body is read.
pub(super) struct Call {
    pub(super) method: Method,
    uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    /// Reads a request; none when its body is too long or breaks off.
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (head, body) = request.into_parts();
        Some(Self {
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body: to_bytes(body, BODY_LIMIT).await.ok()?,
        })
    }

    /// The same call to a service at this address.
    pub(super) fn to(&self, address: &str) -> Option<http::Request<Full<Bytes>>> {
        let path = self.uri.path_and_query()?.as_str();
        let mut request = http::Request::builder()
            .method(self.method.clone())
            .uri(format!("{address}{path}"));
        let headers = request.headers_mut()?;
        *headers = self.headers.clone();
        for name in [
            header::HOST,
            header::CONNECTION,
            header::ACCEPT_ENCODING,
            header::TRANSFER_ENCODING,
        ] {
            headers.remove(name);
        }
        request.body(Full::new(self.body.clone())).ok()
    }

    /// What it is, without whom it concerns.
    pub(super) fn name(&self, service: &str) -> String {
        let path = self.uri.path();
        if let Some(rest) = path.strip_prefix("/rest/v1/") {
            return match rest.strip_prefix("rpc/") {
                Some(function) => format!("db {function}"),
                None => format!("db {} {rest}", self.method),
            };
        }
        if let Some(range) = self.headers.get(header::CONTENT_RANGE) {
            let asks = range.as_bytes().starts_with(b"bytes */");
            return format!(
                "{service} {}",
                if asks { "ask session" } else { "send piece" }
            );
        }
        let path: Vec<&str> = path
            .split('/')
            .map(|part| {
                let word = part.split('.').next().unwrap_or_default();
                let is_id = (word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit()))
                    || (word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                if is_id { "*" } else { part }
            })
            .collect();
        format!("{service} {} {}", self.method, path.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: Method, path: &str, range: Option<&str>) -> Call {
        let mut headers = HeaderMap::new();
        if let Some(range) = range {
            headers.insert(header::CONTENT_RANGE, range.parse().unwrap());
        }
        Call {
            method,
            uri: path.parse().unwrap(),
            headers,
            body: Bytes::new(),
        }
    }

    #[test]
    fn calls_are_named_without_whom_they_concern() {
        let name = |method, path, range| call(method, path, range).name("youtube");
        assert_eq!(
            name(Method::POST, "/rest/v1/rpc/open_upload", None),
            "db open_upload"
        );
        assert_eq!(
            name(Method::GET, "/rest/v1/videos?id=eq.1", None),
            "db GET videos"
        );
        assert_eq!(
            name(Method::PUT, "/upload?upload_id=1", Some("bytes */9")),
            "youtube ask session"
        );
        assert_eq!(
            name(Method::PUT, "/upload?upload_id=1", Some("bytes 0-8/9")),
            "youtube send piece"
        );
        assert_eq!(
            name(Method::GET, "/youtube/v3/videos/abc123def45", None),
            "youtube GET /youtube/v3/videos/*"
        );
        assert_eq!(
            name(Method::GET, "/t/nVaFrEDOkmggvsftSacJ.jpg", None),
            "youtube GET /t/*"
        );
        assert_eq!(
            name(Method::POST, "/api/public/v3/calculate-credits", None),
            "youtube POST /api/public/v3/calculate-credits"
        );
    }
}
