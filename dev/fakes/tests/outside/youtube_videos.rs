//! What becomes of an uploaded video: processing, publication, edits.

use fakes::Service::Youtube;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Answer, Servers, bytes, creator, private, send, text};

/// The metadata of a video that is to go public at this time.
fn scheduled(at: &str) -> Value {
    json!({"snippet": {"title": "later"}, "status": {"privacyStatus": "private", "publishAt": at}})
}

#[tokio::test]
async fn a_scheduled_video_goes_public_by_itself() {
    let (servers, token) = creator().await;
    let at = servers.clock.now() + SignedDuration::from_mins(30);
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let video = servers.upload(&token, &scheduled(&at)).await;
    assert_eq!(video["status"]["privacyStatus"], "private");
    assert_eq!(video["status"]["publishAt"], at);
    let path = format!("videos?part=status&id={}", text(&video["id"]));
    let status = async || servers.first_item(&token, &path).await["status"].take();
    servers.advance(29 * 60);
    assert_eq!(status().await["privacyStatus"], "private");
    servers.advance(61);
    assert_eq!(status().await["privacyStatus"], "public");
    assert!(status().await.get("publishAt").is_none());
}

#[tokio::test]
async fn without_a_privacy_or_with_a_past_time_a_video_is_public_at_once() {
    let (servers, token) = creator().await;
    let open = json!({"snippet": {"title": "now"}, "status": {}});
    for metadata in [open, scheduled("2020-01-01T00:00:00Z")] {
        let video = servers.upload(&token, &metadata).await;
        assert_eq!(video["status"]["privacyStatus"], "public");
    }
}

#[tokio::test]
async fn a_publication_that_youtube_forgets_can_be_had_too() {
    let (servers, token) = creator().await;
    servers
        .creator_knobs(json!({"publish_at_is_ignored": true}))
        .await;
    let at = servers.clock.now() + SignedDuration::from_mins(1);
    servers.upload(&token, &scheduled(&at.to_string())).await;
    servers.advance(300);
    assert_eq!(servers.created().await[0]["privacy"], "private");
}

#[tokio::test]
async fn a_new_video_leads_the_uploads_at_once_or_after_a_while() {
    let (servers, token) = creator().await;
    let first = servers.upload(&token, &private("one")).await;
    let playlist = servers.uploads(&token).await;
    let path = format!("playlistItems?part=contentDetails&playlistId={playlist}&maxResults=1");
    let newest = async || servers.first_item(&token, &path).await["contentDetails"].take();
    let shown = newest().await;
    assert_eq!(shown["videoId"], first["id"]);
    assert!(shown.get("videoPublishedAt").is_none());
    servers
        .creator_knobs(json!({"visibility_delay_seconds": 60}))
        .await;
    servers.advance(61);
    let second = servers.upload(&token, &private("two")).await;
    assert_eq!(newest().await["videoId"], first["id"]);
    servers.advance(61);
    assert_eq!(newest().await["videoId"], second["id"]);
}

#[tokio::test]
async fn a_private_video_is_not_there_for_others() {
    let (servers, token) = creator().await;
    let video = servers.upload(&token, &private("one")).await;
    let other = servers.another("other").await;
    let path = format!("videos?part=id&id={}", text(&video["id"]));
    assert_eq!(
        servers.youtube(&other, path).await.json()["items"],
        json!([])
    );
}

/// The state of a video's processing, in two words, and the video itself.
async fn poll(servers: &Servers, token: &str, video: &Value) -> (String, Value) {
    let id = text(&video["id"]);
    let path = format!("videos?part=status,processingDetails,contentDetails,fileDetails&id={id}");
    let item = servers.first_item(token, path).await;
    let upload = text(&item["status"]["uploadStatus"]);
    let processing = text(&item["processingDetails"]["processingStatus"]);
    (format!("{upload} {processing}"), item)
}

#[tokio::test]
async fn processing_advances_with_polls_or_time() {
    let (servers, token) = creator().await;
    let video = servers.upload(&token, &private("x")).await;
    for _ in 0..2 {
        let (state, item) = poll(&servers, &token, &video).await;
        assert_eq!(state, "uploaded processing");
        assert!(item["contentDetails"].get("duration").is_none());
        assert_eq!(item["fileDetails"]["fileSize"], "1000");
    }
    assert_eq!(
        poll(&servers, &token, &video).await.0,
        "processed succeeded"
    );
    let second = servers.upload(&token, &private("x")).await;
    servers.advance(601);
    assert_eq!(
        poll(&servers, &token, &second).await.0,
        "processed succeeded"
    );
}

#[tokio::test]
async fn processing_can_fail() {
    let (servers, token) = creator().await;
    let video = servers.upload(&token, &private("x")).await;
    for (outcome, state, field) in [
        (
            "rejected:duplicate",
            "rejected terminated",
            "rejectionReason",
        ),
        ("failed:codec", "failed failed", "failureReason"),
    ] {
        let knobs = json!({"processing_outcome": outcome, "processing_polls": 0});
        servers.knobs(Youtube, knobs).await;
        let (shown, item) = poll(&servers, &token, &video).await;
        assert_eq!(shown, state);
        assert!(outcome.ends_with(text(&item["status"][field])));
    }
}

async fn update(servers: &Servers, token: &str, part: &str, body: Value) -> Answer {
    let url = format!("{}/youtube/v3/videos?part={part}", servers.urls.youtube);
    send(servers.http.put(url).bearer_auth(token).json(&body)).await
}

#[tokio::test]
async fn an_update_replaces_every_field_of_the_parts_it_names() {
    let (servers, token) = creator().await;
    let metadata = json!({"snippet": {"title": "x", "tags": ["a"]}, "status": {"privacyStatus": "private", "publishAt": "2036-01-01T00:00:00Z"}});
    let id = servers.upload(&token, &metadata).await["id"].take();
    let body = json!({"id": id, "status": {"privacyStatus": "private"}});
    let status = update(&servers, &token, "status", body).await.json()["status"].take();
    assert_eq!(
        (&status["embeddable"], &status["publicStatsViewable"]),
        (&json!(false), &json!(false))
    );
    assert!(status.get("publishAt").is_none());
    let body = json!({"id": id, "privacyStatus": "public"});
    let nothing = update(&servers, &token, "status", body).await;
    assert_eq!(nothing.status, 200);
    assert_eq!(
        nothing.json()["status"]["privacyStatus"],
        "private",
        "silently nothing"
    );
    let body = json!({"id": id, "snippet": {"title": "y", "categoryId": "22"}});
    let snippet = update(&servers, &token, "snippet", body).await.json()["snippet"].take();
    assert!(snippet["title"] == "y" && snippet.get("tags").is_none());
}

#[tokio::test]
async fn an_update_keeps_the_rules() {
    let (servers, token) = creator().await;
    let id = servers.upload(&token, &private("x")).await["id"].take();
    let body = json!({"id": id, "snippet": {"title": "y"}});
    let no_category = update(&servers, &token, "snippet", body).await;
    no_category.assert_refused(400, "invalidVideoMetadata");
    let unknown = update(
        &servers,
        &token,
        "status",
        json!({"id": "nope", "status": {}}),
    )
    .await;
    unknown.assert_refused(404, "videoNotFound");
    let body = json!({"id": id, "status": {"privacyStatus": "public"}});
    let public = update(&servers, &token, "status", body).await;
    assert_eq!(public.json()["status"]["privacyStatus"], "public");
    let body = json!({"id": id, "status": {"privacyStatus": "private", "publishAt": "2036-01-01T00:00:00Z"}});
    let again = update(&servers, &token, "status", body).await;
    again.assert_refused(400, "invalidPublishAt");
}

#[tokio::test]
async fn a_video_is_deleted_once() {
    let (servers, token) = creator().await;
    let video = servers.upload(&token, &private("x")).await;
    let url = format!(
        "{}/youtube/v3/videos?id={}",
        servers.urls.youtube,
        text(&video["id"])
    );
    let delete = || send(servers.http.delete(&url).bearer_auth(&token));
    let first = delete().await;
    assert_eq!((first.status, first.text.as_str()), (204, ""));
    delete().await.assert_refused(404, "videoNotFound");
}

#[tokio::test]
async fn thumbnails_are_set_or_refused_in_three_ways() {
    let (servers, token) = creator().await;
    let video = servers.upload(&token, &private("x")).await;
    let (base, id) = (&servers.urls.youtube, text(&video["id"]));
    let url = format!("{base}/upload/youtube/v3/thumbnails/set?videoId={id}&uploadType=media");
    let set = |mime: &'static str| {
        let request = servers.http.post(&url).bearer_auth(&token);
        send(request.header("content-type", mime).body(bytes(2_000)))
    };
    let done = set("image/jpeg").await;
    assert_eq!(done.status, 200);
    assert_eq!(done.json()["kind"], "youtube#thumbnailSetResponse");
    assert!(done.json()["items"][0]["default"]["url"].is_string());
    assert_eq!(servers.created().await[0]["thumbnail_bytes"], 2_000);
    set("text/plain").await.assert_refused(400, "invalidImage");
    servers
        .creator_knobs(json!({"thumbnails": "forbidden"}))
        .await;
    set("image/png").await.assert_refused(403, "forbidden");
    servers
        .creator_knobs(json!({"thumbnails": "throttled"}))
        .await;
    set("image/png")
        .await
        .assert_refused(429, "uploadRateLimitExceeded");
}
