//! Opening and ending upload sessions.

use fakes::Service::Youtube;
use serde_json::json;

use crate::support::{ALL, Servers, bytes, creator, private, send};

#[tokio::test]
async fn a_start_answers_with_a_session_uri_and_no_body() {
    let (servers, token) = creator().await;
    let answer = servers.start_upload(&token, 10, &private("x")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), Some("0"));
    let uri = answer.header("location").expect("a session URI");
    assert!(uri.starts_with(&servers.urls.youtube) && uri.contains("upload_id="));
    let url = format!(
        "{}/upload/youtube/v3/videos?part=snippet",
        servers.urls.youtube
    );
    let simple = send(servers.http.post(url).bearer_auth(&token).json(&json!({}))).await;
    assert_eq!(simple.status, 400, "uploadType is required");
}

#[tokio::test]
async fn bad_metadata_is_refused_at_the_start_by_the_domain_of_videos() {
    let (servers, token) = creator().await;
    let snippet = |snippet| json!({"snippet": snippet});
    let status = |status| json!({"snippet": {"title": "x"}, "status": status});
    let cases = [
        (snippet(json!({"title": ""})), "invalidTitle"),
        (snippet(json!({"title": "x".repeat(101)})), "invalidTitle"),
        (snippet(json!({"title": "a < b"})), "invalidTitle"),
        (
            snippet(json!({"title": "x", "description": "é".repeat(2501)})),
            "invalidDescription",
        ),
        (
            snippet(json!({"title": "x", "tags": ["y".repeat(501)]})),
            "invalidTags",
        ),
        (
            snippet(json!({"title": "x", "categoryId": "18"})),
            "invalidCategoryId",
        ),
        (
            status(json!({"privacyStatus": "unlisted", "publishAt": "2030-01-01T00:00:00Z"})),
            "invalidPublishAt",
        ),
        (
            status(json!({"privacyStatus": "private", "publishAt": "soon"})),
            "invalidPublishAt",
        ),
    ];
    for (body, reason) in cases {
        let answer = servers.start_upload(&token, 10, &body).await;
        answer.assert_refused(400, reason);
        assert_eq!(
            answer.json()["error"]["errors"][0]["domain"],
            "youtube.video"
        );
    }
}

#[tokio::test]
async fn an_expired_or_forgotten_session_is_not_found() {
    let servers = Servers::start().await;
    let (token, refresh) = servers.connect("creator", ALL).await;
    let done = servers.session(&token, 1_000).await;
    send(servers.put(&token, &done, &bytes(1_000), 0, 1_000)).await;
    servers
        .creator_knobs(json!({"forget_completed_sessions": true}))
        .await;
    let forgotten = servers.ask(&token, &done, 1_000).await;
    assert_eq!(
        forgotten.status, 404,
        "only the uploads can tell that the video exists"
    );
    assert_eq!(servers.created().await.len(), 1);
    let open = servers.session(&token, 1_000).await;
    let longer = servers.ask(&token, &(open.clone() + "x"), 1_000).await;
    assert_eq!(longer.status, 308, "the last parameter is `part`");
    let other = open.replace("upload_id=", "upload_id=x");
    assert_eq!(servers.ask(&token, &other, 1_000).await.status, 404);
    servers.advance(604_801);
    let token = servers.renewed(&refresh).await;
    assert_eq!(servers.ask(&token, &open, 1_000).await.status, 404);
}

#[tokio::test]
async fn a_308_may_name_a_new_location_and_clients_that_fear_308_get_200() {
    let (servers, token) = creator().await;
    servers
        .knobs(Youtube, json!({"new_location_on_308": true}))
        .await;
    let total = 524_288;
    let uri = servers.session(&token, total).await;
    let moved = send(servers.put(&token, &uri, &bytes(262_144), 0, 524_288)).await;
    let location = moved.header("location").expect("a new URI");
    assert_ne!(location, uri);
    let asked = servers.ask(&token, location, 524_288).await;
    assert_eq!(asked.header("range"), Some("bytes=0-262143"));
    let request = servers
        .http
        .put(location)
        .bearer_auth(&token)
        .header("content-range", format!("bytes */{total}"))
        .header("x-guploader-no-308", "yes");
    let no_308 = send(request.header("content-length", 0)).await;
    assert_eq!(no_308.status, 200);
    assert_eq!(no_308.header("x-http-status-code-override"), Some("308"));
}

#[tokio::test]
async fn a_token_that_dies_in_the_middle_is_renewed_and_the_session_goes_on() {
    let servers = Servers::start().await;
    let (token, refresh) = servers.connect("creator", ALL).await;
    let data = bytes(262_154);
    let (first, rest) = data.split_at(262_144);
    let uri = servers.session(&token, 262_154).await;
    send(servers.put(&token, &uri, first, 0, 262_154)).await;
    servers.advance(3_600);
    let late = send(servers.put(&token, &uri, rest, 262_144, 262_154)).await;
    late.assert_refused(401, "authError");
    let token = servers.renewed(&refresh).await;
    let asked = servers.ask(&token, &uri, 262_154).await;
    assert_eq!(asked.header("range"), Some("bytes=0-262143"));
    assert_eq!(
        send(servers.put(&token, &uri, rest, 262_144, 262_154))
            .await
            .status,
        201
    );
}
