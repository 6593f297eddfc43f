//! Reads of the Data API: channels, uploads, videos, counters, categories.

use std::collections::BTreeSet;

use fakes::Service::Youtube;
use serde_json::json;

use crate::support::{ALL, Answer, Servers, creator, list, send, text};

#[tokio::test]
async fn an_account_without_a_channel_has_no_items_at_all() {
    let servers = Servers::start().await;
    servers
        .account(json!({"account": "viewer", "no_channel": true}))
        .await;
    let (token, _) = servers.connect("viewer", ALL).await;
    let answer = servers.youtube(&token, "channels?part=id&mine=true").await;
    assert_eq!(answer.status, 200);
    let expected = json!({"kind": "youtube#channelListResponse", "etag": "RuuXzTIr0OoDqI4S0RU6n4FqKEM", "pageInfo": {"totalResults": 0, "resultsPerPage": 5}});
    assert_eq!(answer.json(), expected);
    let upload = servers
        .start_upload(&token, 10, &json!({"snippet": {"title": "x"}}))
        .await;
    upload.assert_refused(401, "youtubeSignupRequired");
}

#[tokio::test]
async fn no_filter_and_two_filters_are_invalid_criteria() {
    let (servers, token) = creator().await;
    for query in ["channels?part=id", "channels?part=id&mine=true&id=UCx"] {
        servers
            .youtube(&token, query)
            .await
            .assert_refused(400, "invalidCriteria");
    }
}

#[tokio::test]
async fn pages_hold_five_unless_told_and_the_last_one_names_no_next() {
    let (servers, token) = creator().await;
    let playlist = servers.uploads(&token).await;
    let first = servers
        .playlist(&token, &playlist, "part=snippet")
        .await
        .json();
    assert_eq!(list(&first["items"]).len(), 5);
    assert_eq!(
        first["pageInfo"],
        json!({"totalResults": 120, "resultsPerPage": 5})
    );
    assert_eq!(first["items"][0]["snippet"]["position"], 0);
    assert!(first["nextPageToken"].is_string());
    let ids = servers.upload_ids(&token).await;
    assert_eq!(ids.len(), 120);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 120);
    assert!(ids.iter().all(|id| id.len() == 11));
    let large = async || {
        servers
            .playlist(&token, &playlist, "part=id&maxResults=51")
            .await
    };
    assert_eq!(list(&large().await.json()["items"]).len(), 50);
    servers
        .knobs(Youtube, json!({"refuse_large_pages": true}))
        .await;
    assert_eq!(large().await.status, 400);
}

#[tokio::test]
async fn a_page_may_be_short_in_the_middle() {
    let (servers, token) = creator().await;
    servers.knobs(Youtube, json!({"short_pages": true})).await;
    assert_eq!(servers.upload_ids(&token).await.len(), 120);
    let playlist = servers.uploads(&token).await;
    let page = async |page: &str| {
        let query = format!("part=id&maxResults=50&pageToken={page}");
        servers.playlist(&token, &playlist, &query).await.json()
    };
    let first = page("").await;
    let second = page(text(&first["nextPageToken"])).await;
    assert_eq!(list(&second["items"]).len(), 25);
    assert!(second["nextPageToken"].is_string());
    let calls = servers
        .calls(Youtube, "operation=playlistItems.list&account=creator")
        .await;
    assert_eq!(calls.json()["count"], 5);
}

#[tokio::test]
async fn a_bad_page_token_is_refused() {
    let (servers, token) = creator().await;
    let playlist = servers.uploads(&token).await;
    for page in ["nonsense", "UFQ6NQ"] {
        let query = format!("part=id&pageToken={page}");
        let answer = servers.playlist(&token, &playlist, &query).await;
        answer.assert_refused(400, "invalidPageToken");
    }
}

#[tokio::test]
async fn an_unknown_playlist_is_not_found_and_a_new_channels_uploads_may_be_too() {
    let (servers, token) = creator().await;
    let answer = servers.playlist(&token, "UUnothing", "part=id").await;
    answer.assert_refused(404, "playlistNotFound");
    assert_eq!(
        answer.json()["error"]["errors"][0]["location"],
        "playlistId"
    );
    let playlist = servers.uploads(&token).await;
    servers
        .creator_knobs(json!({"uploads_playlist_missing": true}))
        .await;
    let missing = servers.playlist(&token, &playlist, "part=id").await;
    missing.assert_refused(404, "playlistNotFound");
}

/// The videos of these ids, with some parts.
async fn videos(servers: &Servers, token: &str, part: &str, ids: &[String]) -> Answer {
    servers
        .youtube(token, format!("videos?part={part}&id={}", ids.join(",")))
        .await
}

#[tokio::test]
async fn more_than_fifty_ids_are_invalid_filters_and_unknown_ones_are_left_out() {
    let (servers, token) = creator().await;
    let ids = servers.upload_ids(&token).await;
    let answer = videos(&servers, &token, "id", &ids[..51]).await;
    answer.assert_refused(400, "invalidFilters");
    assert_eq!(
        answer.json()["error"]["errors"][0]["domain"],
        "youtube.parameter"
    );
    let some = [ids[0].clone(), "doesnotexist".to_owned(), ids[1].clone()];
    let some = videos(&servers, &token, "id", &some).await.json();
    assert_eq!(list(&some["items"]).len(), 2);
    let paged = servers
        .youtube(&token, format!("videos?part=id&id={}&pageToken=x", ids[0]))
        .await;
    paged.assert_refused(400, "invalidFilters");
}

#[tokio::test]
async fn only_requested_parts_come_and_counters_are_text() {
    let (servers, token) = creator().await;
    let ids = servers.upload_ids(&token).await;
    let id = &ids[0];
    let item = servers
        .first_item(&token, format!("videos?part=statistics&id={id}"))
        .await;
    assert!(item["statistics"]["viewCount"].is_string());
    assert!(item.get("snippet").is_none() && item.get("status").is_none());
    let path = format!("videos?part=snippet,contentDetails,status&id={id}");
    let full = servers.first_item(&token, path).await;
    assert!(text(&full["contentDetails"]["duration"]).starts_with("PT"));
    assert_eq!(full["status"]["uploadStatus"], "processed");
    videos(&servers, &token, "nonsense", &ids[..1])
        .await
        .assert_refused(400, "unknownPart");
    servers
        .knobs(Youtube, json!({"omit_some_stats": true}))
        .await;
    let many = videos(&servers, &token, "statistics", &ids[..50])
        .await
        .json();
    let mut items = list(&many["items"]).iter();
    assert!(items.any(|item| item["statistics"].get("likeCount").is_none()));
}

#[tokio::test]
async fn details_of_the_file_are_for_the_owner() {
    let (servers, token) = creator().await;
    let other = servers.another("other").await;
    let ids = servers.upload_ids(&token).await;
    assert_eq!(
        videos(&servers, &token, "fileDetails", &ids[..1])
            .await
            .status,
        200
    );
    let answer = videos(&servers, &other, "fileDetails", &ids[..1]).await;
    answer.assert_refused(403, "forbidden");
}

#[tokio::test]
async fn fields_prune_the_answer_and_leave_out_the_next_page_unless_named() {
    let (servers, token) = creator().await;
    let playlist = servers.uploads(&token).await;
    let query = "part=contentDetails,snippet&fields=items(contentDetails/videoId)";
    let body = servers.playlist(&token, &playlist, query).await.json();
    assert!(body.get("nextPageToken").is_none() && body.get("kind").is_none());
    let id = &body["items"][0]["contentDetails"]["videoId"];
    assert_eq!(body["items"][0], json!({"contentDetails": {"videoId": id}}));
    let bad = servers
        .playlist(&token, &playlist, "part=id&fields=items(")
        .await;
    bad.assert_refused(400, "invalidParameter");
}

#[tokio::test]
async fn a_known_etag_gets_a_304_that_still_costs_a_unit() {
    let (servers, token) = creator().await;
    let path = "channels?part=snippet&mine=true";
    let first = servers.youtube(&token, path).await;
    let etag = first.header("etag").expect("an ETag");
    assert_eq!(format!("\"{}\"", text(&first.json()["etag"])), etag);
    let url = format!("{}/youtube/v3/{path}", servers.urls.youtube);
    let request = servers
        .http
        .get(url)
        .bearer_auth(&token)
        .header("if-none-match", etag);
    let again = send(request).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let quota = servers.state(Youtube).await["quota"][0].take();
    assert_eq!(
        (&quota["bucket"], &quota["used"]),
        (&json!("units"), &json!(2))
    );
}

#[tokio::test]
async fn answers_are_compressed_only_when_both_headers_ask() {
    let (servers, token) = creator().await;
    let url = format!(
        "{}/youtube/v3/channels?part=snippet&mine=true",
        servers.urls.youtube
    );
    let is_encoded = async |agent: &str| {
        let request = servers
            .http
            .get(&url)
            .bearer_auth(&token)
            .header("accept-encoding", "gzip");
        let response = request
            .header("user-agent", agent)
            .send()
            .await
            .expect("an answer");
        response.headers().contains_key("content-encoding")
    };
    assert!(!is_encoded("product/1").await);
    assert!(is_encoded("product/1 (gzip)").await);
}

#[tokio::test]
async fn batch_stats_have_a_bucket_and_a_shape_of_their_own() {
    let (servers, token) = creator().await;
    let ids = servers.upload_ids(&token).await[..3].join(",");
    let path = format!("videos:batchGetStats?part=id,snippet,statistics,contentDetails&id={ids}");
    let body = servers.youtube(&token, path).await.json();
    assert_eq!(body["kind"], "youtube#batchGetStatsResponse");
    assert!(body["items"][0]["snippet"]["publishTime"].is_string());
    assert!(text(&body["items"][0]["contentDetails"]["duration"]).ends_with('s'));
    let quota = servers.state(Youtube).await["quota"].take();
    let mut entries = list(&quota).iter();
    assert!(entries.any(|entry| entry["bucket"] == "batch_stats" && entry["used"] == 1));
}

#[tokio::test]
async fn categories_say_which_may_be_assigned() {
    let (servers, token) = creator().await;
    let body = servers
        .youtube(&token, "videoCategories?part=snippet&regionCode=US")
        .await
        .json();
    let assignable = |wanted: bool| {
        let items = list(&body["items"]).iter();
        items
            .filter(|item| item["snippet"]["assignable"] == wanted)
            .count()
    };
    assert!(assignable(true) > 10 && assignable(false) > 1);
}
