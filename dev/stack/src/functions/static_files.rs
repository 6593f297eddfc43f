//! What the platform answers by itself: the files of `public/`, found and served as it does, and its error pages, which are
//! never ours and never JSON.

use std::path::{Path, PathBuf};

use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use tower_http::services::ServeFile;

/// The file that a path shows; with clean addresses a page is published under its name alone.
pub(super) fn find(public: &Path, path: &str, clean_urls: bool) -> Option<PathBuf> {
    let decoded = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    let relative = decoded.strip_prefix('/').unwrap_or(&decoded);
    let is_hidden = relative.split('/').any(|part| part.starts_with('.'));
    if is_hidden || relative.contains('\0') || (clean_urls && relative.ends_with(".html")) {
        return None;
    }
    let (file, page) = (
        public.join(relative),
        public.join(format!("{relative}.html")),
    );
    let index = file.join("index.html");
    let candidates = [Some(file), clean_urls.then_some(page), Some(index)];
    candidates.into_iter().flatten().find(|file| file.is_file())
}

/// What stands for the address of the Supabase project in pages that were made for no deployment (`scripts/pages`).
const SUPABASE_URL: &str = "%SUPABASE_URL%";

/// A page that was made for no deployment, with the address of this one's Supabase project in its policy.
fn page_for(file: &Path, supabase_url: &str) -> Option<Response> {
    file.extension().filter(|kind| *kind == "html")?;
    let text = std::fs::read_to_string(file).ok()?;
    let page = text
        .contains(SUPABASE_URL)
        .then(|| text.replace(SUPABASE_URL, supabase_url))?;
    Some(Html(page).into_response())
}

/// Answers with a file, or with 304 when the client has it; a page's text is always UTF-8.
pub(super) async fn serve(file: &Path, supabase_url: &str, request: Request) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(page) = page_for(file, supabase_url)
    {
        return page;
    }
    let Ok(response) = ServeFile::new(file).try_call(request).await else {
        return not_found();
    };
    match response.status() {
        StatusCode::NOT_FOUND => return not_found(),
        StatusCode::METHOD_NOT_ALLOWED => return read_only(),
        _ => {}
    }
    let mut response = response.into_response();
    if let Some(kind) = response.headers_mut().get_mut(header::CONTENT_TYPE)
        && kind.as_bytes().starts_with(b"text/")
        && let Ok(utf8) = HeaderValue::from_bytes(&[kind.as_bytes(), b"; charset=utf-8"].concat())
    {
        *kind = utf8;
    }
    response
}

pub(super) fn not_found() -> Response {
    error_page(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "The page could not be found",
    )
}

fn read_only() -> Response {
    let text = "A file can only be read";
    let page = error_page(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text);
    ([(header::ALLOW, "GET, HEAD")], page).into_response()
}

/// An error page of the platform.
pub(super) fn error_page(status: StatusCode, code: &'static str, text: &str) -> Response {
    let id = invocation_id();
    let body = format!("{text}\n\n{code}\n\n{id}\n");
    (
        status,
        [("x-vercel-error", code), ("x-vercel-id", &id)],
        body,
    )
        .into_response()
}

pub(super) fn invocation_id() -> String {
    let now = Timestamp::now().as_millisecond();
    let (letter, number) = (fastrand::alphanumeric(), fastrand::u64(..) >> 16);
    format!("dev1::{letter}-{now}-{number:012x}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use axum::body::{Body, to_bytes};

    use super::*;

    async fn ask(file: &Path, method: Method, if_none_match: Option<&HeaderValue>) -> Response {
        let mut request = Request::builder().method(method).uri("/page");
        if let Some(tag) = if_none_match {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        serve(
            file,
            "http://127.0.0.1:1",
            request.body(Body::empty()).unwrap(),
        )
        .await
    }

    #[tokio::test]
    async fn files_have_the_content_type_of_their_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, kind) in [
            ("page.html", "text/html; charset=utf-8"),
            ("style.css", "text/css; charset=utf-8"),
            ("status.js", "text/javascript; charset=utf-8"),
            ("openapi.json", "application/json"),
            ("icon.svg", "image/svg+xml"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("unknown", "application/octet-stream"),
        ] {
            let file = folder.path().join(name);
            fs::write(&file, "text").unwrap();
            let response = ask(&file, Method::GET, None).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[header::CONTENT_TYPE], kind, "{name}");
            assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "text");
        }
    }

    #[tokio::test]
    async fn a_file_that_the_client_has_is_not_sent_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, "first").unwrap();
        let tag = ask(&file, Method::GET, None).await.headers()[header::ETAG].clone();
        let again = ask(&file, Method::GET, Some(&tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        fs::write(&file, "another").unwrap();
        let changed = ask(&file, Method::GET, Some(&tag)).await;
        assert_eq!(changed.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_page_for_no_deployment_is_shown_as_one_of_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, "connect-src 'self' %SUPABASE_URL%").unwrap();
        let page = ask(&file, Method::GET, None).await;
        assert_eq!(
            page.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        let text = to_bytes(page.into_body(), 100).await.unwrap();
        assert_eq!(text, "connect-src 'self' http://127.0.0.1:1");
        assert_eq!(ask(&file, Method::POST, None).await.status(), 405);
    }

    #[tokio::test]
    async fn a_file_can_only_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, "text").unwrap();
        let head = ask(&file, Method::HEAD, None).await;
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(head.headers()[header::CONTENT_LENGTH], "4");
        let post = ask(&file, Method::POST, None).await;
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(post.headers()[header::ALLOW], "GET, HEAD");
        let gone = ask(&folder.path().join("gone.html"), Method::GET, None).await;
        assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    }
}
