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
