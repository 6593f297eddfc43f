//! YouTube's quota and the limits of a channel.

use fakes::Service::Youtube;
use serde_json::json;

use crate::support::{ALL, Servers, creator, list, private, text};

const READ: &str = "channels?part=id&mine=true";

#[tokio::test]
async fn the_channels_limit_and_an_empty_bucket_are_told_apart() {
    let (servers, token) = creator().await;
    servers
        .creator_knobs(json!({"channel_upload_limit": 0}))
        .await;
    let channel = servers.start_upload(&token, 10, &private("x")).await;
    channel.assert_refused(400, "uploadLimitExceeded");
    servers
        .creator_knobs(json!({"own_quota": true, "quota_uploads": 0}))
        .await;
    let project = servers.start_upload(&token, 10, &private("x")).await;
    project.assert_refused(429, "rateLimitExceeded");
    assert!(text(&project.json()["error"]["message"]).contains("'Video Uploads per day'"));
}

#[tokio::test]
async fn an_empty_pool_of_units_is_403_and_too_many_a_minute_is_429() {
    let (servers, token) = creator().await;
    servers
        .creator_knobs(json!({"quota_units": 2, "own_quota": true}))
        .await;
    let read = async || servers.youtube(&token, READ).await;
    assert_eq!((read().await.status, read().await.status), (200, 200));
    read().await.assert_refused(403, "quotaExceeded");
    servers
        .creator_knobs(json!({"exhausted_units_status": 429}))
        .await;
    assert_eq!(read().await.status, 429);
    servers
        .creator_knobs(json!({"quota_units": 100, "queries_per_minute": 0}))
        .await;
    let fast = read().await;
    assert!(fast.status == 429 && fast.text.contains("Queries per minute per user"));
}

#[tokio::test]
async fn every_call_costs_a_unit_and_the_day_ends_at_midnight_in_california() {
    let servers = Servers::start().await;
    let (token, refresh) = servers.connect("creator", ALL).await;
    assert_eq!(
        servers.youtube(&token, "channels?part=id").await.status,
        400
    );
    servers.youtube(&token, "videos?part=id&id=x").await;
    let used = async || {
        let state = servers.state(Youtube).await;
        let mut entries = list(&state["quota"]).iter();
        let entry =
            entries.find(|entry| entry["day"] == state["quota_day"] && entry["bucket"] == "units");
        entry.map_or(0, |entry| entry["used"].as_u64().expect("a number"))
    };
    assert_eq!(used().await, 2);
    servers.advance(25 * 3_600);
    assert_eq!(used().await, 0);
    let token = servers.renewed(&refresh).await;
    servers.youtube(&token, "videos?part=id&id=x").await;
    assert_eq!(used().await, 1);
}
