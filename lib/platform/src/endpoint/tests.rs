use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{Response, StatusCode};
use vercel_runtime::ResponseBody;

use super::route::{find, match_declared, match_path};
use super::{
    Empty, Kind, Operation, Reply, Route, call::respond, on, request::query_pairs, response::names,
};

type Plain = Operation<Empty, Empty, Empty>;

#[test]
fn placeholders_are_taken_by_position_and_decoded_once() {
    let path = match_path("/api/videos/{id}", "/api/videos/a%2Fb%20c").unwrap();
    assert_eq!(path, vec![("id", "a/b c".to_owned())]);
    assert!(match_path("/api/videos/{id}", "/api/videos").is_none());
    assert!(match_path("/api/videos/{id}", "/api/videos/a/b").is_none());
    assert!(match_path("/api/videos", "/api/videos/").is_some());
}

#[test]
fn the_platforms_copy_of_a_placeholder_is_not_a_parameter() {
    let declaration = Plain::get("t.get", "/api/t/{id}").declaration;
    let pairs = query_pairs("limit=5&id=zzz", &declaration).unwrap();
    assert_eq!(pairs, vec![("limit".to_owned(), "5".to_owned())]);
    assert!(query_pairs("id=%ff", &declaration).unwrap().is_empty());
    assert!(query_pairs("a=%ff", &declaration).is_err());
}

static LIST: Plain = Operation::get("t.list", "/api/t");
static GET: Plain = Operation::get("t.get", "/api/t/{id}");
static ERASE: Plain = Operation::delete("t.erase", "/api/t/{id}");
static CONNECT: Plain = Operation::post("t.connect", "/api/t/connect");
static SYNC: Plain = Operation::post("t.sync", "/api/t/{id}/sync");
static SHARED: Plain = Operation::get("t.shared", "/api/t/{id}/{part}");

/// As a function binds them; the path with a placeholder stands before the fixed one on purpose.
fn routes() -> [Route; 6] {
    [&LIST, &GET, &ERASE, &CONNECT, &SHARED, &SYNC]
        .map(|operation| on(operation, |_, _| async { Ok(Reply::no_content()) }))
}

fn head(method: &str, target: &str) -> http::request::Parts {
    let request = http::Request::builder().method(method).uri(target);
    request.body(()).unwrap().into_parts().0
}

/// The operation's id and its placeholders' values.
fn found(method: &str, target: &str) -> Result<(&'static str, Vec<String>), Kind> {
    let (routes, head) = (routes(), head(method, target));
    let (route, path) = find(&routes, match_declared(&routes, head.uri.path()), &head)?;
    let values = path.into_iter().map(|(_, value)| value).collect();
    Ok((route.declaration.id, values))
}

async fn answer(method: &str, target: &str) -> Response<ResponseBody> {
    let request =
        http::Request::from_parts(head(method, target), http_body_util::Empty::<Bytes>::new());
    respond(&routes(), request, Arc::new(|_| {})).await
}

#[test]
fn a_fixed_path_goes_before_one_with_a_placeholder() {
    let none = Vec::<String>::new;
    let one = |value: &str| vec![value.to_owned()];
    assert_eq!(found("GET", "/api/t"), Ok(("t.list", none())));
    assert_eq!(found("GET", "/api/t/"), Ok(("t.list", none())));
    assert_eq!(found("GET", "/api/t/7"), Ok(("t.get", one("7"))));
    assert_eq!(found("DELETE", "/api/t/7/"), Ok(("t.erase", one("7"))));
    assert_eq!(found("POST", "/api/t/connect"), Ok(("t.connect", none())));
    assert_eq!(found("POST", "/api/t/7/sync"), Ok(("t.sync", one("7"))));
    let two = vec!["7".to_owned(), "more".to_owned()];
    assert_eq!(found("GET", "/api/t/7/more"), Ok(("t.shared", two)));
}

#[test]
fn the_path_is_chosen_before_the_verb() {
    // Although `/api/t/{id}` has GET and DELETE, and `/api/t/{id}/{part}` has GET.
    for (method, target) in [
        ("GET", "/api/t/connect"),
        ("DELETE", "/api/t/connect"),
        ("GET", "/api/t/7/sync"),
        ("POST", "/api/t/7"),
        ("HEAD", "/api/t"),
    ] {
        assert_eq!(
            found(method, target),
            Err(Kind::MethodNotAllowed),
            "{method} {target}"
        );
    }
    for target in ["/api/t/7/sync/now", "/api", "/api/u", "/", "/api//t"] {
        assert_eq!(found("GET", target), Err(Kind::NotFound), "{target}");
    }
}

#[tokio::test]
async fn a_wrong_verb_and_a_preflight_are_told_the_verbs_of_that_path_alone() {
    for (target, verbs) in [
        ("/api/t", "GET"),
        ("/api/t/7", "GET, DELETE"),
        ("/api/t/connect", "POST"),
        ("/api/t/7/sync", "POST"),
    ] {
        let refused = answer("PUT", target).await;
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{target}");
        assert_eq!(refused.headers()[ALLOW], verbs, "{target}");
        let preflight = answer("OPTIONS", target).await;
        assert_eq!(preflight.status(), StatusCode::NO_CONTENT, "{target}");
        assert_eq!(preflight.headers()[ALLOW], verbs, "{target}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_whatever_the_method() {
    for method in ["GET", "POST", "OPTIONS", "PUT"] {
        let refused = answer(method, "/api/nothing").await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{method}");
        assert_eq!(refused.headers()[CONTENT_TYPE], "application/problem+json");
        assert!(!refused.headers().contains_key(ALLOW), "{method}");
    }
}

proptest::proptest! {
    #[test]
    fn any_target_is_read_without_panic(path in "\\PC{0,80}", query in "[ -~]{0,80}") {
        let declaration = Plain::get("t.get", "/api/t/{id}")
        .declaration;
        let _ = match_path(declaration.path, &path);
        let _ = match_path(declaration.path, &format!("/api/t/{path}"));
        for (name, value) in query_pairs(&query, &declaration).unwrap_or_default() {
            proptest::prop_assert!(!name.contains('\0') && !value.contains('\0') && name != "id");
        }
    }
}

#[test]
fn tags_are_compared_weakly_and_in_lists() {
    let tag = "\"0123\"";
    for (list, is_named) in [
        (tag, true),
        ("W/\"0123\"", true),
        ("\"other\", \"0123\"", true),
        ("*", true),
        ("\"other\"", false),
        ("0123", false),
        ("", false),
    ] {
        assert_eq!(names(list, tag), is_named, "{list}");
    }
}
