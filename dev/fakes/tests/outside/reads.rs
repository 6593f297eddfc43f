//! Reads: channels, uploads, videos, counters, reports.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{ALL, Stand, send};

async fn uploads(stand: &Stand, token: &str) -> String {
    let channel = stand
        .youtube(token, "channels?part=contentDetails&mine=true")
        .await
        .json();
    channel["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// All video ids of the uploads, in order.
async fn all(stand: &Stand, token: &str) -> Vec<String> {
    let playlist = uploads(stand, token).await;
    let mut ids = Vec::new();
    let mut page = String::new();
    loop {
        let body = stand.youtube(token, &format!("playlistItems?part=contentDetails&playlistId={playlist}&maxResults=50&pageToken={page}")).await.json();
        for item in body["items"].as_array().into_iter().flatten() {
            ids.push(
                item["contentDetails"]["videoId"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
        match body["nextPageToken"].as_str() {
            Some(next) => page = next.to_owned(),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn an_account_without_a_channel_has_no_items_at_all() {
    let stand = Stand::start().await;
    stand
        .account(json!({"account": "viewer", "no_channel": true}))
        .await;
    let (token, _) = stand.connect("viewer", ALL).await;
    let answer = stand.youtube(&token, "channels?part=id&mine=true").await;
    assert_eq!(answer.status, 200);
    let expected = json!({"kind": "youtube#channelListResponse", "etag": "RuuXzTIr0OoDqI4S0RU6n4FqKEM", "pageInfo": {"totalResults": 0, "resultsPerPage": 5}});
    assert_eq!(answer.json(), expected);
    let upload = stand
        .start_upload(&token, 10, &json!({"snippet": {"title": "x"}}))
        .await;
    assert_eq!(
        (upload.status, upload.reason()),
        (401, "youtubeSignupRequired".to_owned())
    );
}

#[tokio::test]
async fn no_filter_and_two_filters_are_invalid_criteria() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    for query in ["channels?part=id", "channels?part=id&mine=true&id=UCx"] {
        assert_eq!(
            stand.youtube(&token, query).await.reason(),
            "invalidCriteria"
        );
    }
}

#[tokio::test]
async fn pages_hold_five_unless_told_and_the_last_one_names_no_next() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let playlist = uploads(&stand, &token).await;
    let first = stand
        .youtube(
            &token,
            &format!("playlistItems?part=snippet&playlistId={playlist}"),
        )
        .await
        .json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(5));
    assert_eq!(
        first["pageInfo"],
        json!({"totalResults": 120, "resultsPerPage": 5})
    );
    assert_eq!(first["items"][0]["snippet"]["position"], 0);
    assert!(first["nextPageToken"].is_string());
    let ids = all(&stand, &token).await;
    assert_eq!(ids.len(), 120);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 120);
    assert!(ids.iter().all(|id| id.len() == 11));
    let large = stand
        .youtube(
            &token,
            &format!("playlistItems?part=id&playlistId={playlist}&maxResults=51"),
        )
        .await
        .json();
    assert_eq!(large["items"].as_array().map(Vec::len), Some(50));
    stand
        .knobs(&stand.urls.youtube, json!({"refuse_large_pages": true}))
        .await;
    assert_eq!(
        stand
            .youtube(
                &token,
                &format!("playlistItems?part=id&playlistId={playlist}&maxResults=51")
            )
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_page_may_be_short_in_the_middle() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand
        .knobs(&stand.urls.youtube, json!({"short_pages": true}))
        .await;
    assert_eq!(all(&stand, &token).await.len(), 120);
    let playlist = uploads(&stand, &token).await;
    let page = async |token_of_page: &str| {
        let path = format!(
            "playlistItems?part=id&playlistId={playlist}&maxResults=50&pageToken={token_of_page}"
        );
        stand.youtube(&token, &path).await.json()
    };
    let first = page("").await;
    let second = page(first["nextPageToken"].as_str().unwrap_or_default()).await;
    assert_eq!(second["items"].as_array().map(Vec::len), Some(25));
    assert!(second["nextPageToken"].is_string());
    let calls = send(stand.http.get(format!(
        "{}/_control/calls?operation=playlistItems.list&account=creator",
        stand.urls.youtube
    )))
    .await
    .json();
    assert_eq!(calls["count"], 5);
}

#[tokio::test]
async fn a_bad_page_token_is_refused() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let playlist = uploads(&stand, &token).await;
    for page in ["nonsense", "UFQ6NQ"] {
        let answer = stand
            .youtube(
                &token,
                &format!("playlistItems?part=id&playlistId={playlist}&pageToken={page}"),
            )
            .await;
        assert_eq!(
            (answer.status, answer.reason()),
            (400, "invalidPageToken".to_owned())
        );
    }
}

#[tokio::test]
async fn an_unknown_playlist_is_not_found_and_a_new_channels_uploads_may_be_too() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let answer = stand
        .youtube(&token, "playlistItems?part=id&playlistId=UUnothing")
        .await;
    assert_eq!(
        (answer.status, answer.reason()),
        (404, "playlistNotFound".to_owned())
    );
    assert_eq!(
        answer.json()["error"]["errors"][0]["location"],
        "playlistId"
    );
    let playlist = uploads(&stand, &token).await;
    stand
        .knobs(
            &stand.urls.youtube,
            json!({"account": "creator", "uploads_playlist_missing": true}),
        )
        .await;
    assert_eq!(
        stand
            .youtube(
                &token,
                &format!("playlistItems?part=id&playlistId={playlist}")
            )
            .await
            .reason(),
        "playlistNotFound"
    );
}

#[tokio::test]
async fn more_than_fifty_ids_are_invalid_filters_and_unknown_ones_are_left_out() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let ids = all(&stand, &token).await;
    let answer = stand
        .youtube(
            &token,
            &format!("videos?part=id&id={}", ids[..51].join(",")),
        )
        .await;
    assert_eq!(
        (answer.status, answer.reason()),
        (400, "invalidFilters".to_owned())
    );
    assert_eq!(
        answer.json()["error"]["errors"][0]["domain"],
        "youtube.parameter"
    );
    let some = stand
        .youtube(
            &token,
            &format!("videos?part=id&id={},doesnotexist,{}", ids[0], ids[1]),
        )
        .await
        .json();
    assert_eq!(some["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        stand
            .youtube(&token, &format!("videos?part=id&id={}&pageToken=x", ids[0]))
            .await
            .reason(),
        "invalidFilters"
    );
}

#[tokio::test]
async fn only_requested_parts_come_and_counters_are_text() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let ids = all(&stand, &token).await;
    let item = stand
        .youtube(&token, &format!("videos?part=statistics&id={}", ids[0]))
        .await
        .json()["items"][0]
        .clone();
    assert!(item["statistics"]["viewCount"].is_string());
    assert!(item.get("snippet").is_none() && item.get("status").is_none());
    let full = stand
        .youtube(
            &token,
            &format!("videos?part=snippet,contentDetails,status&id={}", ids[0]),
        )
        .await
        .json()["items"][0]
        .clone();
    assert!(
        full["contentDetails"]["duration"]
            .as_str()
            .is_some_and(|text| text.starts_with("PT"))
    );
    assert_eq!(full["status"]["uploadStatus"], "processed");
    assert_eq!(
        stand
            .youtube(&token, &format!("videos?part=nonsense&id={}", ids[0]))
            .await
            .reason(),
        "unknownPart"
    );
    stand
        .knobs(&stand.urls.youtube, json!({"omit_some_stats": true}))
        .await;
    let many = stand
        .youtube(
            &token,
            &format!("videos?part=statistics&id={}", ids[..50].join(",")),
        )
        .await
        .json();
    assert!(
        many["items"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|item| item["statistics"].get("likeCount").is_none())
    );
}

#[tokio::test]
async fn details_of_the_file_are_for_the_owner() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    stand.account(json!({"account": "other"})).await;
    let (other, _) = stand.connect("other", ALL).await;
    let ids = all(&stand, &token).await;
    assert_eq!(
        stand
            .youtube(&token, &format!("videos?part=fileDetails&id={}", ids[0]))
            .await
            .status,
        200
    );
    let answer = stand
        .youtube(&other, &format!("videos?part=fileDetails&id={}", ids[0]))
        .await;
    assert_eq!(
        (answer.status, answer.reason()),
        (403, "forbidden".to_owned())
    );
}

#[tokio::test]
async fn fields_prune_the_answer_and_leave_out_the_next_page_unless_named() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let playlist = uploads(&stand, &token).await;
    let body = stand.youtube(&token, &format!("playlistItems?part=contentDetails,snippet&playlistId={playlist}&fields=items(contentDetails/videoId)")).await.json();
    assert!(body.get("nextPageToken").is_none() && body.get("kind").is_none());
    assert_eq!(
        body["items"][0].as_object().map(serde_json::Map::len),
        Some(1)
    );
    assert_eq!(
        stand
            .youtube(
                &token,
                &format!("playlistItems?part=id&playlistId={playlist}&fields=items(")
            )
            .await
            .reason(),
        "invalidParameter"
    );
}

#[tokio::test]
async fn a_known_etag_gets_a_304_that_still_costs_a_unit() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let first = stand
        .youtube(&token, "channels?part=snippet&mine=true")
        .await;
    let etag = first.header("etag").expect("an ETag").to_owned();
    assert_eq!(
        format!("\"{}\"", first.json()["etag"].as_str().unwrap_or_default()),
        etag
    );
    let url = format!(
        "{}/youtube/v3/channels?part=snippet&mine=true",
        stand.urls.youtube
    );
    let again = send(
        stand
            .http
            .get(url)
            .bearer_auth(&token)
            .header("if-none-match", &etag),
    )
    .await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let quota = stand.state(&stand.urls.youtube).await["quota"][0].clone();
    assert_eq!(
        (quota["bucket"].as_str(), quota["used"].as_u64()),
        (Some("units"), Some(2))
    );
}

#[tokio::test]
async fn answers_are_compressed_only_when_both_headers_ask() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let url = format!(
        "{}/youtube/v3/channels?part=snippet&mine=true",
        stand.urls.youtube
    );
    let encoding = async |agent: &str| {
        let response = stand
            .http
            .get(&url)
            .bearer_auth(&token)
            .header("accept-encoding", "gzip")
            .header("user-agent", agent)
            .send()
            .await
            .expect("an answer");
        response.headers().get("content-encoding").is_some()
    };
    assert!(!encoding("product/1").await);
    assert!(encoding("product/1 (gzip)").await);
}

#[tokio::test]
async fn batch_stats_have_a_bucket_and_a_shape_of_their_own() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let ids = all(&stand, &token).await;
    let body = stand
        .youtube(
            &token,
            &format!(
                "videos:batchGetStats?part=id,snippet,statistics,contentDetails&id={}",
                ids[..3].join(",")
            ),
        )
        .await
        .json();
    assert_eq!(body["kind"], "youtube#batchGetStatsResponse");
    assert!(body["items"][0]["snippet"]["publishTime"].is_string());
    assert!(
        body["items"][0]["contentDetails"]["duration"]
            .as_str()
            .is_some_and(|text| text.ends_with('s'))
    );
    let quota = stand.state(&stand.urls.youtube).await["quota"].clone();
    assert!(
        quota
            .as_array()
            .into_iter()
            .flatten()
            .any(|entry| entry["bucket"] == "batch_stats" && entry["used"] == 1)
    );
}

#[tokio::test]
async fn categories_say_which_may_be_assigned() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let body = stand
        .youtube(&token, "videoCategories?part=snippet&regionCode=US")
        .await
        .json();
    let assignable = |wanted: bool| {
        body["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|item| item["snippet"]["assignable"] == wanted)
            .count()
    };
    assert!(assignable(true) > 10 && assignable(false) > 1);
}

// ---------------------------------------------------------------------------------------------------------------

async fn report(stand: &Stand, token: &str, query: &str) -> crate::support::Answer {
    send(
        stand
            .http
            .get(format!(
                "{}/v2/reports?ids=channel==MINE&{query}",
                stand.urls.youtube
            ))
            .bearer_auth(token),
    )
    .await
}

#[tokio::test]
async fn a_report_has_headers_in_the_order_asked_and_numbers() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let answer = report(&stand, &token, "startDate=2020-01-01&endDate=2030-01-01&dimensions=video&metrics=likes,views,averageViewPercentage&sort=-views&maxResults=10").await;
    let body = answer.json();
    let names: Vec<&str> = body["columnHeaders"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|header| header["name"].as_str())
        .collect();
    assert_eq!(names, ["video", "likes", "views", "averageViewPercentage"]);
    let rows = body["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 10);
    assert!(rows[0][2].is_u64() && rows[0][3].is_f64());
    assert!(
        rows.windows(2)
            .all(|pair| pair[0][2].as_u64() >= pair[1][2].as_u64())
    );
}

#[tokio::test]
async fn days_of_a_video_add_up_to_its_counter_and_the_newest_are_missing() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let ids = all(&stand, &token).await;
    let id = &ids[10];
    let video = stand
        .youtube(&token, &format!("videos?part=statistics,snippet&id={id}"))
        .await
        .json()["items"][0]
        .clone();
    let body = report(&stand, &token, &format!("startDate=2020-01-01&endDate=2030-01-01&dimensions=day&metrics=views&filters=video=={id}")).await.json();
    let rows = body["rows"].as_array().expect("rows");
    let sum: u64 = rows.iter().filter_map(|row| row[1].as_u64()).sum();
    assert_eq!(
        Some(sum.to_string().as_str()),
        video["statistics"]["viewCount"].as_str()
    );
    let last = rows
        .last()
        .and_then(|row| row[0].as_str())
        .unwrap_or_default();
    let today = stand.clock.now().strftime("%Y-%m-%d").to_string();
    assert!(last < today.as_str());
    assert_eq!(
        stand
            .clock
            .now()
            .duration_since(format!("{last}T12:00:00Z").parse().expect("a time"))
            .as_hours()
            / 24,
        3
    );
    assert!(
        rows[0][1].as_u64() > rows[5][1].as_u64(),
        "most of it early"
    );
}

#[tokio::test]
async fn no_data_means_no_rows() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let body = report(
        &stand,
        &token,
        "startDate=2010-01-01&endDate=2010-02-01&dimensions=day&metrics=views",
    )
    .await
    .json();
    assert_eq!(body["kind"], "youtubeAnalytics#resultTable");
    assert!(body.get("rows").is_none());
}

#[tokio::test]
async fn impossible_reports_and_impressions_are_not_supported() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let days = "startDate=2026-01-01&endDate=2026-02-01";
    for query in [
        "dimensions=video&metrics=views",
        "dimensions=video&metrics=views&sort=views&maxResults=10",
        "dimensions=video&metrics=views&sort=-views&maxResults=201",
        "metrics=videoThumbnailImpressions",
        "dimensions=video,day&metrics=views",
        "dimensions=day&metrics=views&filters=age==1",
    ] {
        let answer = report(&stand, &token, &format!("{days}&{query}")).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["message"].as_str()),
            (400, Some("The query is not supported.")),
            "{query}"
        );
    }
    assert_eq!(
        report(&stand, &token, &format!("{days}&metrics=nonsense"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn another_channels_report_is_forbidden() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let url = format!(
        "{}/v2/reports?ids=channel==UCsomebody&startDate=2026-01-01&endDate=2026-02-01&metrics=views",
        stand.urls.youtube
    );
    assert_eq!(
        send(stand.http.get(url).bearer_auth(&token)).await.status,
        403
    );
}

#[tokio::test]
async fn shorts_and_the_rest_can_be_told_apart() {
    let stand = Stand::start().await;
    let (token, _) = stand.connect("creator", ALL).await;
    let query = "startDate=2020-01-01&endDate=2030-01-01&dimensions=video,creatorContentType&metrics=views&sort=-views&maxResults=200";
    let rows = report(&stand, &token, query).await.json()["rows"].clone();
    let kinds: BTreeSet<&str> = rows
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row[1].as_str())
        .collect();
    assert_eq!(kinds, BTreeSet::from(["shorts", "videoOnDemand"]));
}

#[tokio::test]
async fn reach_reports_come_after_two_days_and_one_day_comes_twice() {
    let stand = Stand::start().await;
    let (token, refresh) = stand.connect("creator", ALL).await;
    let jobs = format!("{}/v1/jobs", stand.urls.youtube);
    let make = |token: String| {
        send(
            stand
                .http
                .post(&jobs)
                .bearer_auth(token)
                .json(&json!({"reportTypeId": "channel_reach_basic_a1", "name": "reach"})),
        )
    };
    let job = make(token.clone()).await;
    assert_eq!(job.status, 200);
    assert_eq!(make(token.clone()).await.status, 409);
    let id = job.json()["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        send(
            stand
                .http
                .get(format!("{jobs}/{id}/reports"))
                .bearer_auth(&token)
        )
        .await
        .json(),
        json!({})
    );
    stand.advance(4 * 86_400);
    let fresh = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await
        .json();
    let token = fresh["access_token"].as_str().unwrap_or_default();
    let reports = send(
        stand
            .http
            .get(format!("{jobs}/{id}/reports"))
            .bearer_auth(token),
    )
    .await
    .json()["reports"]
        .clone();
    let list: Vec<&Value> = reports.as_array().into_iter().flatten().collect();
    let days: BTreeSet<&str> = list
        .iter()
        .filter_map(|report| report["startTime"].as_str())
        .collect();
    assert_eq!(list.len(), days.len() + 1);
    let csv = send(
        stand
            .http
            .get(list[0]["downloadUrl"].as_str().unwrap_or_default())
            .bearer_auth(token),
    )
    .await
    .text;
    assert!(csv.starts_with(
        "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n"
    ));
    let first = csv.lines().nth(1).unwrap_or_default();
    assert!(first.split(',').next().is_some_and(|date| date.len() == 8));
    assert!(
        csv.lines().any(|line| line.contains(",,")),
        "a deleted item has no id"
    );
}
