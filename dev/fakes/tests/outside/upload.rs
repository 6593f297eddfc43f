//! Resumable uploads, edits, quota.

use serde_json::{Value, json};

use crate::support::{ALL, Answer, Stand, bytes, send, try_send};

const K: usize = 262_144;

async fn created(stand: &Stand) -> Vec<Value> {
    stand.state(&stand.urls.youtube).await["videos_created"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

async fn upload(stand: &Stand, token: &str, metadata: &Value) -> Value {
    let data = bytes(1_000);
    let start = stand.start_upload(token, 1_000, metadata).await;
    assert_eq!(start.status, 200, "{}", start.text);
    let uri = start.header("location").unwrap_or_default().to_owned();
    send(stand.put(token, &uri, &data, 0, 1_000)).await.json()
}

#[tokio::test]
async fn a_start_answers_with_a_session_uri_and_no_body() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let answer = stand
        .start_upload(
            &token,
            10,
            &json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}}),
        )
        .await;
    assert_eq!(
        (
            answer.status,
            answer.text.as_str(),
            answer.header("content-length")
        ),
        (200, "", Some("0"))
    );
    assert!(
        answer
            .header("location")
            .is_some_and(|uri| uri.starts_with(&stand.urls.youtube) && uri.contains("upload_id="))
    );
    let url = format!(
        "{}/upload/youtube/v3/videos?part=snippet",
        stand.urls.youtube
    );
    let simple = send(stand.http.post(url).bearer_auth(&token).json(&json!({}))).await;
    assert_eq!(simple.status, 400, "uploadType is required");
}

#[tokio::test]
async fn bad_metadata_is_refused_at_the_start_by_the_domain_of_videos() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let cases = [
        (json!({"snippet": {"title": ""}}), "invalidTitle"),
        (
            json!({"snippet": {"title": "x".repeat(101)}}),
            "invalidTitle",
        ),
        (json!({"snippet": {"title": "a < b"}}), "invalidTitle"),
        (
            json!({"snippet": {"title": "x", "description": "é".repeat(2501)}}),
            "invalidDescription",
        ),
        (
            json!({"snippet": {"title": "x", "tags": ["y".repeat(501)]}}),
            "invalidTags",
        ),
        (
            json!({"snippet": {"title": "x", "categoryId": "18"}}),
            "invalidCategoryId",
        ),
        (
            json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "unlisted", "publishAt": "2030-01-01T00:00:00Z"}}),
            "invalidPublishAt",
        ),
        (
            json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private", "publishAt": "soon"}}),
            "invalidPublishAt",
        ),
    ];
    for (body, reason) in cases {
        let answer = stand.start_upload(&token, 10, &body).await;
        assert_eq!((answer.status, answer.reason().as_str()), (400, reason));
        assert_eq!(
            answer.json()["error"]["errors"][0]["domain"],
            "youtube.video"
        );
    }
}

#[tokio::test]
async fn chunks_are_acknowledged_with_308_and_a_range_and_the_last_with_201() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let data = bytes(2 * K + 100);
    let total = data.len() as u64;
    let uri = stand.session(&token, total).await;
    let nothing = stand.ask(&token, &uri, total).await;
    assert_eq!((nothing.status, nothing.header("range")), (308, None));
    let first = send(stand.put(&token, &uri, &data[..K], 0, total)).await;
    assert_eq!(
        (
            first.status,
            first.header("range"),
            first.header("location")
        ),
        (308, Some("bytes=0-262143"), None)
    );
    assert_eq!(first.header("content-length"), Some("0"));
    let second = send(stand.put(&token, &uri, &data[K..2 * K], K as u64, total)).await;
    assert_eq!(second.header("range"), Some("bytes=0-524287"));
    let last = send(stand.put(&token, &uri, &data[2 * K..], 2 * K as u64, total)).await;
    assert_eq!(last.status, 201);
    assert_eq!(last.json()["status"]["uploadStatus"], "uploaded");
    assert_eq!(last.json()["kind"], "youtube#video");
    for _ in 0..3 {
        let again = stand.ask(&token, &uri, total).await;
        assert_eq!(
            (again.status, again.text.as_str()),
            (201, last.text.as_str())
        );
    }
    let created = created(&stand).await;
    assert_eq!(created.len(), 1);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &data);
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        (created[0]["bytes"].as_u64(), created[0]["sha256"].as_str()),
        (Some(total), Some(hex.as_str()))
    );
    assert_eq!(
        stand.state(&stand.urls.youtube).await["violations"],
        json!([])
    );
}

#[tokio::test]
async fn a_whole_file_may_be_sent_in_one_request_and_the_final_status_can_be_200() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "final_status": 200}),
        )
        .await;
    let uri = stand.session(&token, 1_000).await;
    let answer = send(stand.http.put(&uri).bearer_auth(&token).body(bytes(1_000))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["id"].is_string());
}

#[tokio::test]
async fn of_an_interrupted_chunk_whole_blocks_are_kept() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let data = bytes(4 * K);
    let total = data.len() as u64;
    let uri = stand.session(&token, total).await;
    stand.fault(&stand.urls.youtube, json!({"operation": "upload.chunk", "account": "creator", "after_bytes": 2 * K + 5_000, "cut": true})).await;
    assert!(
        try_send(stand.put(&token, &uri, &data, 0, total))
            .await
            .is_err()
    );
    let asked = stand.ask(&token, &uri, total).await;
    assert_eq!(
        (asked.status, asked.header("range")),
        (308, Some("bytes=0-524287"))
    );
    let rest = send(stand.put(&token, &uri, &data[2 * K..], 2 * K as u64, total)).await;
    assert_eq!(rest.status, 201);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &data);
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(created(&stand).await[0]["sha256"], hex);
}

#[tokio::test]
async fn what_a_client_sent_before_it_died_counts() {
    use tokio::io::AsyncWriteExt as _;
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let data = bytes(4 * K);
    let total = data.len();
    let uri = stand.session(&token, total as u64).await;
    let path = uri.strip_prefix(&stand.urls.youtube).unwrap_or_default();
    let address = stand
        .urls
        .youtube
        .strip_prefix("http://")
        .unwrap_or_default();
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {total}\r\ncontent-range: bytes 0-{}/{total}\r\n\r\n",
        total - 1
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
        .write_all(&data[..2 * K + 1_000])
        .await
        .expect("sent");
    stream.flush().await.expect("sent");
    drop(stream);
    let mut range = None;
    for _ in 0..100 {
        range = stand
            .ask(&token, &uri, total as u64)
            .await
            .header("range")
            .map(str::to_owned);
        if range.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(range.as_deref(), Some("bytes=0-524287"));
    let rest = send(stand.put(&token, &uri, &data[2 * K..], 2 * K as u64, total as u64)).await;
    assert_eq!(rest.status, 201);
    assert_eq!(
        stand.state(&stand.urls.youtube).await["violations"],
        json!([])
    );
}

#[tokio::test]
async fn an_answer_lost_after_the_last_byte_leaves_exactly_one_video() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let data = bytes(1_000);
    let uri = stand.session(&token, 1_000).await;
    stand.fault(&stand.urls.youtube, json!({"operation": "upload.final", "account": "creator", "when": "after", "cut": true})).await;
    assert!(
        try_send(stand.put(&token, &uri, &data, 0, 1_000))
            .await
            .is_err()
    );
    let asked = stand.ask(&token, &uri, 1_000).await;
    assert_eq!(asked.status, 201);
    assert_eq!(created(&stand).await.len(), 1);
}

#[tokio::test]
async fn the_last_chunk_may_be_answered_308_although_all_is_stored() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let uri = stand.session(&token, 1_000).await;
    stand
        .fault(
            &stand.urls.youtube,
            json!({"operation": "upload.final", "answer": "308"}),
        )
        .await;
    let answer = send(stand.put(&token, &uri, &bytes(1_000), 0, 1_000)).await;
    assert_eq!(
        (answer.status, answer.header("range")),
        (308, Some("bytes=0-999"))
    );
    assert_eq!(stand.ask(&token, &uri, 1_000).await.status, 201);
}

#[tokio::test]
async fn a_chunk_that_is_no_multiple_of_256_kib_is_refused_and_noted() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let uri = stand.session(&token, 1_000_000).await;
    assert_eq!(
        send(stand.put(&token, &uri, &bytes(1_000), 0, 1_000_000))
            .await
            .status,
        400
    );
    let violations = stand.state(&stand.urls.youtube).await["violations"].clone();
    assert_eq!(
        violations[0]["what"],
        "a chunk that is not a multiple of 256 KiB"
    );
}

#[tokio::test]
async fn a_gap_or_an_overlap_stores_nothing() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let data = bytes(4 * K);
    let total = data.len() as u64;
    let uri = stand.session(&token, total).await;
    send(stand.put(&token, &uri, &data[..2 * K], 0, total)).await;
    for first in [K, 3 * K] {
        assert_eq!(
            send(stand.put(&token, &uri, &data[first..first + K], first as u64, total))
                .await
                .status,
            503
        );
        assert_eq!(
            stand.ask(&token, &uri, total).await.header("range"),
            Some("bytes=0-524287")
        );
    }
    stand
        .knobs(&stand.urls.youtube, json!({"gap_status": 400}))
        .await;
    assert_eq!(
        send(stand.put(&token, &uri, &data[..K], 0, total))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_status_query_needs_a_length() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let uri = stand.session(&token, 1_000).await;
    let path = uri.strip_prefix(&stand.urls.youtube).unwrap_or_default();
    let address = stand
        .urls
        .youtube
        .strip_prefix("http://")
        .unwrap_or_default();
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let request = format!(
        "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-range: bytes */1000\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("received");
    assert!(text.starts_with("HTTP/1.1 411"), "{text}");
}

#[tokio::test]
async fn an_expired_or_forgotten_session_is_not_found() {
    let stand = Stand::start().await;
    let (token, refresh) = stand.connect("creator", ALL).await;
    let done = stand.session(&token, 1_000).await;
    send(stand.put(&token, &done, &bytes(1_000), 0, 1_000)).await;
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "forget_completed_sessions": true}),
        )
        .await;
    assert_eq!(
        stand.ask(&token, &done, 1_000).await.status,
        404,
        "the video exists, and only a look at the uploads can tell"
    );
    assert_eq!(created(&stand).await.len(), 1);
    let open = stand.session(&token, 1_000).await;
    assert_eq!(
        stand.ask(&token, &(open.clone() + "x"), 1_000).await.status,
        308,
        "the last parameter is `part`"
    );
    assert_eq!(
        stand
            .ask(&token, &open.replace("upload_id=", "upload_id=x"), 1_000)
            .await
            .status,
        404
    );
    stand.advance(604_801);
    let fresh = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await
        .json();
    assert_eq!(
        stand
            .ask(
                fresh["access_token"].as_str().unwrap_or_default(),
                &open,
                1_000
            )
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_token_that_dies_in_the_middle_is_renewed_and_the_session_goes_on() {
    let stand = Stand::start().await;
    let (token, refresh) = stand.connect("creator", ALL).await;
    let data = bytes(K + 10);
    let total = data.len() as u64;
    let uri = stand.session(&token, total).await;
    send(stand.put(&token, &uri, &data[..K], 0, total)).await;
    stand.advance(3_600);
    assert_eq!(
        send(stand.put(&token, &uri, &data[K..], K as u64, total))
            .await
            .reason(),
        "authError"
    );
    let fresh = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await
        .json();
    let token = fresh["access_token"].as_str().unwrap_or_default();
    assert_eq!(
        stand.ask(token, &uri, total).await.header("range"),
        Some("bytes=0-262143")
    );
    assert_eq!(
        send(stand.put(token, &uri, &data[K..], K as u64, total))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn transient_failures_come_where_they_are_ordered() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let faults = json!([
        {"operation": "upload.start", "status": 500},
        {"operation": "upload.status", "status": 503, "headers": {"retry-after": "2"}},
        {"operation": "upload.chunk", "error": "html502"},
    ]);
    stand.fault(&stand.urls.youtube, faults).await;
    let metadata = json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}});
    assert_eq!(
        stand.start_upload(&token, 1_000, &metadata).await.status,
        500
    );
    let uri = stand.session(&token, 1_000).await;
    let asked = stand.ask(&token, &uri, 1_000).await;
    assert_eq!(
        (asked.status, asked.header("retry-after")),
        (503, Some("2"))
    );
    let chunk = send(stand.put(&token, &uri, &bytes(1_000), 0, 1_000)).await;
    assert!(chunk.status == 502 && chunk.text.starts_with("<!DOCTYPE"));
    assert_eq!(
        stand.ask(&token, &uri, 1_000).await.header("range"),
        None,
        "a failure before the effect stores nothing"
    );
    assert_eq!(
        send(stand.put(&token, &uri, &bytes(1_000), 0, 1_000))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn a_308_may_name_a_new_location_and_clients_that_fear_308_get_200() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand
        .knobs(&stand.urls.youtube, json!({"new_location_on_308": true}))
        .await;
    let total = 2 * K as u64;
    let uri = stand.session(&token, total).await;
    let moved = send(stand.put(&token, &uri, &bytes(K), 0, total)).await;
    let location = moved.header("location").expect("a new URI").to_owned();
    assert_ne!(location, uri);
    assert_eq!(
        stand.ask(&token, &location, total).await.header("range"),
        Some("bytes=0-262143")
    );
    let no308 = send(
        stand
            .http
            .put(&location)
            .bearer_auth(&token)
            .header("content-range", format!("bytes */{total}"))
            .header("x-guploader-no-308", "yes")
            .header("content-length", 0),
    )
    .await;
    assert_eq!(
        (no308.status, no308.header("x-http-status-code-override")),
        (200, Some("308"))
    );
}

#[tokio::test]
async fn the_channels_limit_and_an_empty_bucket_are_told_apart() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "channel_upload_limit": 0}),
        )
        .await;
    let metadata = json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}});
    let channel = stand.start_upload(&token, 10, &metadata).await;
    assert_eq!(
        (channel.status, channel.reason()),
        (400, "uploadLimitExceeded".to_owned())
    );
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "own_quota": true, "quota_uploads": 0}),
        )
        .await;
    let project = stand.start_upload(&token, 10, &metadata).await;
    assert_eq!(
        (project.status, project.reason()),
        (429, "rateLimitExceeded".to_owned())
    );
    assert!(
        project.json()["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("'Video Uploads per day'"))
    );
}

#[tokio::test]
async fn an_empty_pool_of_units_is_403_and_too_many_a_minute_is_429() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "quota_units": 2, "own_quota": true}),
        )
        .await;
    let read = async || stand.youtube(&token, "channels?part=id&mine=true").await;
    assert_eq!((read().await.status, read().await.status), (200, 200));
    let empty = read().await;
    assert_eq!(
        (empty.status, empty.reason()),
        (403, "quotaExceeded".to_owned())
    );
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "exhausted_units_status": 429}),
        )
        .await;
    assert_eq!(read().await.status, 429);
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "quota_units": 100, "queries_per_minute": 0}),
        )
        .await;
    let fast = read().await;
    assert!(fast.status == 429 && fast.text.contains("Queries per minute per user"));
}

#[tokio::test]
async fn every_call_costs_a_unit_and_the_day_ends_at_midnight_in_california() {
    let stand = Stand::start().await;
    let (token, refresh) = stand.connect("creator", ALL).await;
    assert_eq!(stand.youtube(&token, "channels?part=id").await.status, 400);
    stand.youtube(&token, "videos?part=id&id=x").await;
    let used = async || {
        let state = stand.state(&stand.urls.youtube).await;
        let day = state["quota_day"].clone();
        let entry = state["quota"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|entry| entry["day"] == day && entry["bucket"] == "units")
            .cloned();
        entry.map_or(0, |entry| entry["used"].as_u64().unwrap_or(0))
    };
    assert_eq!(used().await, 2);
    stand.advance(25 * 3_600);
    assert_eq!(used().await, 0);
    let fresh = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await
        .json();
    stand
        .youtube(
            fresh["access_token"].as_str().unwrap_or_default(),
            "videos?part=id&id=x",
        )
        .await;
    assert_eq!(used().await, 1);
}

#[tokio::test]
async fn a_scheduled_video_goes_public_by_itself_and_without_privacy_it_is_public_at_once() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let at = stand
        .clock
        .now()
        .checked_add(jiff::SignedDuration::from_mins(30))
        .expect("a time")
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let video = upload(&stand, &token, &json!({"snippet": {"title": "later"}, "status": {"privacyStatus": "private", "publishAt": at}})).await;
    assert_eq!(
        (
            video["status"]["privacyStatus"].as_str(),
            video["status"]["publishAt"].as_str()
        ),
        (Some("private"), Some(at.as_str()))
    );
    let id = video["id"].as_str().unwrap_or_default();
    let status = async || {
        stand
            .youtube(&token, &format!("videos?part=status&id={id}"))
            .await
            .json()["items"][0]["status"]
            .clone()
    };
    stand.advance(29 * 60);
    assert_eq!(status().await["privacyStatus"], "private");
    stand.advance(61);
    assert_eq!(status().await["privacyStatus"], "public");
    assert!(status().await.get("publishAt").is_none());
    let open = upload(
        &stand,
        &token,
        &json!({"snippet": {"title": "now"}, "status": {}}),
    )
    .await;
    assert_eq!(open["status"]["privacyStatus"], "public");
    let past = upload(&stand, &token, &json!({"snippet": {"title": "past"}, "status": {"privacyStatus": "private", "publishAt": "2020-01-01T00:00:00Z"}})).await;
    assert_eq!(past["status"]["privacyStatus"], "public");
}

#[tokio::test]
async fn a_publication_that_youtube_forgets_can_be_had_too() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "publish_at_is_ignored": true}),
        )
        .await;
    let at = stand
        .clock
        .now()
        .checked_add(jiff::SignedDuration::from_mins(1))
        .expect("a time")
        .to_string();
    upload(&stand, &token, &json!({"snippet": {"title": "later"}, "status": {"privacyStatus": "private", "publishAt": at}})).await;
    stand.advance(300);
    assert_eq!(created(&stand).await[0]["privacy"], "private");
}

#[tokio::test]
async fn a_new_video_leads_the_uploads_at_once_or_after_a_while() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let first = upload(
        &stand,
        &token,
        &json!({"snippet": {"title": "one"}, "status": {"privacyStatus": "private"}}),
    )
    .await;
    let channel = stand
        .youtube(&token, "channels?part=contentDetails&mine=true")
        .await
        .json();
    let playlist = channel["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let top = async || {
        stand
            .youtube(
                &token,
                &format!("playlistItems?part=contentDetails&playlistId={playlist}&maxResults=1"),
            )
            .await
            .json()["items"][0]["contentDetails"]
            .clone()
    };
    let shown = top().await;
    assert_eq!(shown["videoId"], first["id"]);
    assert!(shown.get("videoPublishedAt").is_none());
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "visibility_delay_seconds": 60}),
        )
        .await;
    stand.advance(61);
    let second = upload(
        &stand,
        &token,
        &json!({"snippet": {"title": "two"}, "status": {"privacyStatus": "private"}}),
    )
    .await;
    assert_eq!(top().await["videoId"], first["id"]);
    stand.advance(61);
    assert_eq!(top().await["videoId"], second["id"]);
    stand.account(json!({"account": "other"})).await;
    let (other, _) = stand.connect("other", ALL).await;
    let id = first["id"].as_str().unwrap_or_default();
    assert_eq!(
        stand
            .youtube(&other, &format!("videos?part=id&id={id}"))
            .await
            .json()["items"],
        json!([]),
        "private to everybody else"
    );
}

#[tokio::test]
async fn processing_advances_with_polls_or_time_and_can_fail() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let metadata = json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}});
    let poll = async |id: &Value| {
        let id = id.as_str().unwrap_or_default();
        stand
            .youtube(
                &token,
                &format!("videos?part=status,processingDetails,contentDetails,fileDetails&id={id}"),
            )
            .await
            .json()["items"][0]
            .clone()
    };
    let video = upload(&stand, &token, &metadata).await;
    for _ in 0..2 {
        let item = poll(&video["id"]).await;
        assert_eq!(
            (
                item["status"]["uploadStatus"].as_str(),
                item["processingDetails"]["processingStatus"].as_str()
            ),
            (Some("uploaded"), Some("processing"))
        );
        assert!(item["contentDetails"].get("duration").is_none());
        assert_eq!(item["fileDetails"]["fileSize"], "1000");
    }
    let item = poll(&video["id"]).await;
    assert_eq!(
        (
            item["status"]["uploadStatus"].as_str(),
            item["processingDetails"]["processingStatus"].as_str()
        ),
        (Some("processed"), Some("succeeded"))
    );
    let second = upload(&stand, &token, &metadata).await;
    stand.advance(601);
    assert_eq!(
        poll(&second["id"]).await["status"]["uploadStatus"],
        "processed"
    );
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"processing_outcome": "rejected:duplicate", "processing_polls": 0}),
        )
        .await;
    let third = upload(&stand, &token, &metadata).await;
    let item = poll(&third["id"]).await;
    assert_eq!(
        (
            item["status"]["uploadStatus"].as_str(),
            item["status"]["rejectionReason"].as_str()
        ),
        (Some("rejected"), Some("duplicate"))
    );
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"processing_outcome": "failed:codec"}),
        )
        .await;
    assert_eq!(poll(&third["id"]).await["status"]["failureReason"], "codec");
}

async fn update(stand: &Stand, token: &str, part: &str, body: Value) -> Answer {
    send(
        stand
            .http
            .put(format!(
                "{}/youtube/v3/videos?part={part}",
                stand.urls.youtube
            ))
            .bearer_auth(token)
            .json(&body),
    )
    .await
}

#[tokio::test]
async fn an_update_replaces_every_field_of_the_parts_it_names() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let video = upload(&stand, &token, &json!({"snippet": {"title": "x", "tags": ["a"]}, "status": {"privacyStatus": "private", "publishAt": "2036-01-01T00:00:00Z"}})).await;
    let id = video["id"].clone();
    let status = update(
        &stand,
        &token,
        "status",
        json!({"id": id, "status": {"privacyStatus": "private"}}),
    )
    .await
    .json()["status"]
        .clone();
    assert_eq!(
        (
            status["embeddable"].as_bool(),
            status["publicStatsViewable"].as_bool()
        ),
        (Some(false), Some(false))
    );
    assert!(status.get("publishAt").is_none());
    let nothing = update(
        &stand,
        &token,
        "status",
        json!({"id": id, "privacyStatus": "public"}),
    )
    .await;
    assert_eq!(
        (
            nothing.status,
            nothing.json()["status"]["privacyStatus"].as_str()
        ),
        (200, Some("private")),
        "silently nothing"
    );
    assert_eq!(
        update(
            &stand,
            &token,
            "snippet",
            json!({"id": id, "snippet": {"title": "y"}})
        )
        .await
        .reason(),
        "invalidVideoMetadata"
    );
    let snippet = update(
        &stand,
        &token,
        "snippet",
        json!({"id": id, "snippet": {"title": "y", "categoryId": "22"}}),
    )
    .await
    .json()["snippet"]
        .clone();
    assert!(snippet["title"] == "y" && snippet.get("tags").is_none());
    assert_eq!(
        update(
            &stand,
            &token,
            "status",
            json!({"id": "nope", "status": {}})
        )
        .await
        .reason(),
        "videoNotFound"
    );
    let public = update(
        &stand,
        &token,
        "status",
        json!({"id": id, "status": {"privacyStatus": "public"}}),
    )
    .await;
    assert_eq!(public.json()["status"]["privacyStatus"], "public");
    let again = update(&stand, &token, "status", json!({"id": id, "status": {"privacyStatus": "private", "publishAt": "2036-01-01T00:00:00Z"}})).await;
    assert_eq!(again.reason(), "invalidPublishAt", "it was public once");
}

#[tokio::test]
async fn a_video_is_deleted_once() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let video = upload(
        &stand,
        &token,
        &json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}}),
    )
    .await;
    let url = format!(
        "{}/youtube/v3/videos?id={}",
        stand.urls.youtube,
        video["id"].as_str().unwrap_or_default()
    );
    let delete = || send(stand.http.delete(&url).bearer_auth(&token));
    let first = delete().await;
    assert_eq!((first.status, first.text.as_str()), (204, ""));
    let second = delete().await;
    assert_eq!(
        (second.status, second.reason()),
        (404, "videoNotFound".to_owned())
    );
}

#[tokio::test]
async fn thumbnails_are_set_or_refused_in_three_ways() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let video = upload(
        &stand,
        &token,
        &json!({"snippet": {"title": "x"}, "status": {"privacyStatus": "private"}}),
    )
    .await;
    let url = format!(
        "{}/upload/youtube/v3/thumbnails/set?videoId={}&uploadType=media",
        stand.urls.youtube,
        video["id"].as_str().unwrap_or_default()
    );
    let set = |mime: &'static str| {
        send(
            stand
                .http
                .post(&url)
                .bearer_auth(&token)
                .header("content-type", mime)
                .body(bytes(2_000)),
        )
    };
    let done = set("image/jpeg").await;
    assert_eq!(
        (done.status, done.json()["kind"].as_str()),
        (200, Some("youtube#thumbnailSetResponse"))
    );
    assert!(done.json()["items"][0]["default"]["url"].is_string());
    assert_eq!(created(&stand).await[0]["thumbnail_bytes"], 2_000);
    assert_eq!(set("text/plain").await.reason(), "invalidImage");
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "thumbnails": "forbidden"}),
        )
        .await;
    assert_eq!(set("image/png").await.reason(), "forbidden");
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "thumbnails": "throttled"}),
        )
        .await;
    let throttled = set("image/png").await;
    assert_eq!(
        (throttled.status, throttled.reason()),
        (429, "uploadRateLimitExceeded".to_owned())
    );
}
