//! Reports of the Analytics and Reporting APIs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{ALL, Answer, Servers, creator, list, send, text};

const ALL_TIME: &str = "startDate=2020-01-01&endDate=2030-01-01";

async fn report(servers: &Servers, token: &str, query: &str) -> Answer {
    let url = format!(
        "{}/v2/reports?ids=channel==MINE&{query}",
        servers.urls.youtube
    );
    send(servers.http.get(url).bearer_auth(token)).await
}

#[tokio::test]
async fn a_report_has_headers_in_the_order_asked_and_numbers() {
    let (servers, token) = creator().await;
    let query = format!(
        "{ALL_TIME}&dimensions=video&metrics=likes,views,averageViewPercentage&sort=-views&maxResults=10"
    );
    let body = report(&servers, &token, &query).await.json();
    let headers = list(&body["columnHeaders"]).iter();
    let names: Vec<&str> = headers.map(|header| text(&header["name"])).collect();
    assert_eq!(names, ["video", "likes", "views", "averageViewPercentage"]);
    let rows = list(&body["rows"]);
    assert_eq!(rows.len(), 10);
    assert!(rows[0][2].is_u64() && rows[0][3].is_f64());
    assert!(rows.is_sorted_by(|a, b| a[2].as_u64() >= b[2].as_u64()));
}

#[tokio::test]
async fn days_of_a_video_add_up_to_its_counter_and_the_newest_are_missing() {
    let (servers, token) = creator().await;
    let id = servers.upload_ids(&token).await.swap_remove(10);
    let video = servers
        .first_item(&token, format!("videos?part=statistics&id={id}"))
        .await;
    let query = format!("{ALL_TIME}&dimensions=day&metrics=views&filters=video=={id}");
    let body = report(&servers, &token, &query).await.json();
    let rows = list(&body["rows"]);
    let views = |row: &Value| row[1].as_u64().expect("a number");
    let sum: u64 = rows.iter().map(views).sum();
    assert_eq!(video["statistics"]["viewCount"], sum.to_string());
    let last = text(&rows[rows.len() - 1][0]);
    let last: jiff::civil::Date = last.parse().expect("a day");
    let now = servers.clock.now().in_tz("America/Los_Angeles");
    let today = now.expect("a zone").date();
    assert_eq!((today - last).get_days(), 3, "{last} on {today}");
    assert!(views(&rows[0]) > views(&rows[5]), "most of it early");
}

#[tokio::test]
async fn no_data_means_no_rows() {
    let (servers, token) = creator().await;
    let query = "startDate=2010-01-01&endDate=2010-02-01&dimensions=day&metrics=views";
    let body = report(&servers, &token, query).await.json();
    assert_eq!(body["kind"], "youtubeAnalytics#resultTable");
    assert!(body.get("rows").is_none());
}

#[tokio::test]
async fn impossible_reports_and_impressions_are_not_supported() {
    let (servers, token) = creator().await;
    for query in [
        "dimensions=video&metrics=views",
        "dimensions=video&metrics=views&sort=views&maxResults=10",
        "dimensions=video&metrics=views&sort=-views&maxResults=201",
        "metrics=videoThumbnailImpressions",
        "dimensions=video,day&metrics=views",
        "dimensions=day&metrics=views&filters=age==1",
    ] {
        let answer = report(&servers, &token, &format!("{ALL_TIME}&{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(
            answer.json()["error"]["message"],
            "The query is not supported.",
            "{query}"
        );
    }
    let unknown = report(&servers, &token, &format!("{ALL_TIME}&metrics=nonsense")).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn another_channels_report_is_forbidden() {
    let (servers, token) = creator().await;
    let base = &servers.urls.youtube;
    let url = format!("{base}/v2/reports?ids=channel==UCsomebody&{ALL_TIME}&metrics=views");
    assert_eq!(
        send(servers.http.get(url).bearer_auth(&token)).await.status,
        403
    );
}

#[tokio::test]
async fn shorts_and_the_rest_can_be_told_apart() {
    let (servers, token) = creator().await;
    let by_video = "video,creatorContentType&sort=-views&maxResults=200";
    for dimensions in [by_video, "day,creatorContentType"] {
        let query = format!("{ALL_TIME}&metrics=views&dimensions={dimensions}");
        let body = report(&servers, &token, &query).await.json();
        let kinds: BTreeSet<&str> = list(&body["rows"])
            .iter()
            .map(|row| text(&row[1]))
            .collect();
        assert_eq!(kinds, BTreeSet::from(["shorts", "videoOnDemand"]));
    }
}

#[tokio::test]
async fn months_and_content_types_add_up_to_the_total() {
    let (servers, token) = creator().await;
    let sum = async |dimensions: &str| {
        let query = format!("{ALL_TIME}&metrics=views{dimensions}");
        let body = report(&servers, &token, &query).await.json();
        let last = |row: &Value| list(row).last().and_then(Value::as_u64).expect("a number");
        list(&body["rows"]).iter().map(last).sum::<u64>()
    };
    let total = sum("").await;
    assert!(total > 0);
    for dimensions in [
        "&dimensions=month",
        "&dimensions=creatorContentType",
        "&dimensions=day",
    ] {
        assert_eq!(sum(dimensions).await, total, "{dimensions}");
    }
}

#[tokio::test]
async fn reach_reports_come_after_two_days_and_one_day_comes_twice() {
    let servers = Servers::start().await;
    let (token, refresh) = servers.connect("creator", ALL).await;
    let jobs = format!("{}/v1/jobs", servers.urls.youtube);
    let new = json!({"reportTypeId": "channel_reach_basic_a1", "name": "reach"});
    let make = || send(servers.http.post(&jobs).bearer_auth(&token).json(&new));
    let job = make().await;
    assert_eq!(job.status, 200);
    assert_eq!(make().await.status, 409);
    let url = format!("{jobs}/{}/reports", text(&job.json()["id"]));
    let get = async |url: &str, token: &str| send(servers.http.get(url).bearer_auth(token)).await;
    assert_eq!(get(&url, &token).await.json(), json!({}));
    servers.advance(4 * 86_400);
    let token = servers.renewed(&refresh).await;
    let reports = get(&url, &token).await.json()["reports"].take();
    let days = list(&reports)
        .iter()
        .map(|report| text(&report["startTime"]));
    assert_eq!(
        list(&reports).len(),
        days.collect::<BTreeSet<_>>().len() + 1
    );
    let csv = get(text(&reports[0]["downloadUrl"]), &token).await.text;
    assert!(csv.starts_with(
        "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n"
    ));
    let first = csv.lines().nth(1).expect("a line");
    assert_eq!(first.find(','), Some(8), "the date has eight digits");
    assert!(
        csv.lines().any(|line| line.contains(",,")),
        "a deleted item has no id"
    );
}
