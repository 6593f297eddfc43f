//! Local times, and the next free slots.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Answer, Publisher, assert_problem};

impl Publisher {
    /// Schedules a render at a local time, in a zone or in the channel's.
    async fn schedule_locally(&self, local: &str, zone: Option<&str>) -> Answer {
        let render = self.seeded_render("requested");
        let when = json!({ "publish_at": null, "local_time": local, "time_zone": zone });
        let body = Self::body(render, Timestamp::UNIX_EPOCH, when);
        let answer = self.user.api.post("/api/schedule", &body).await;
        answer.status(201)
    }

    /// Changes the channel's settings.
    async fn change_channel(&self, settings: &Value) {
        let path = format!("/api/channels/{}", self.account.channel());
        self.user.api.patch(&path, settings).await.status(200);
    }
}

#[tokio::test]
async fn a_local_time_is_understood_in_its_zone() {
    let publisher = Publisher::new().await;
    for (local, instant, shown) in [
        (
            "2027-03-12T09:00",
            "2027-03-12T14:00:00Z",
            "2027-03-12T09:00:00",
        ),
        (
            "2027-03-15T09:00",
            "2027-03-15T13:00:00Z",
            "2027-03-15T09:00:00",
        ),
        // The clocks skip it.
        (
            "2027-03-14T02:30",
            "2027-03-14T07:30:00Z",
            "2027-03-14T03:30:00",
        ),
        // The clocks show it twice.
        (
            "2027-11-07T01:30",
            "2027-11-07T05:30:00Z",
            "2027-11-07T01:30:00",
        ),
    ] {
        let zone = Some("America/New_York");
        let upload = publisher.schedule_locally(local, zone).await;
        assert_eq!(
            (upload.text("/publish_at"), upload.text("/local_time")),
            (instant.into(), shown.into()),
            "{local}"
        );
        assert_eq!(upload.json["time_zone"], "America/New_York");
    }
}

#[tokio::test]
async fn a_local_time_without_a_zone_is_in_the_channels() {
    let publisher = Publisher::new().await;
    publisher
        .change_channel(&json!({ "time_zone": "Europe/Berlin" }))
        .await;
    let upload = publisher.schedule_locally("2027-01-10T09:00", None).await;
    assert_eq!(upload.json["publish_at"], "2027-01-10T08:00:00Z");
    let path = format!("/api/schedule/{}", upload.id());
    let time = json!({ "local_time": "2027-07-10T09:00" });
    let moved = publisher.user.api.patch(&path, &time).await.status(200);
    assert_eq!(moved.json["publish_at"], "2027-07-10T07:00:00Z");
}

#[tokio::test]
async fn free_slots_follow_the_channel_and_leave_out_what_is_taken() {
    let publisher = Publisher::new().await;
    let channel = publisher.account.channel();
    let path =
        format!("/api/schedule/slots?channel_id={channel}&limit=3&from=2027-03-11T00:00:00Z");
    let usual = publisher.user.api.get(&path).await.status(200);
    assert_eq!(usual.json["items"][0]["basis"], "default");
    let slots = json!([{ "weekday": 5, "time": "09:00" }, { "weekday": 1, "time": "09:00" }]);
    publisher
        .change_channel(&json!({ "time_zone": "America/New_York", "posting_slots": slots }))
        .await;
    let free = publisher.user.api.get(&path).await.status(200);
    assert_eq!(free.json["items"][0]["basis"], "channel");
    let instants = |free: &Answer| -> Vec<String> {
        free.items()
            .iter()
            .filter_map(|slot| slot["publish_at"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(
        instants(&free),
        [
            "2027-03-12T14:00:00Z",
            "2027-03-15T13:00:00Z",
            "2027-03-19T13:00:00Z"
        ]
    );
    assert_eq!(free.items()[1]["local_time"], "2027-03-15T09:00:00");

    let body = Publisher::body(
        publisher.seeded_render("requested"),
        "2027-03-15T13:30:00Z".parse().expect("a time"),
        json!({}),
    );
    publisher
        .user
        .api
        .post("/api/schedule", &body)
        .await
        .status(201);
    let free = publisher.user.api.get(&path).await.status(200);
    assert_eq!(
        instants(&free),
        [
            "2027-03-12T14:00:00Z",
            "2027-03-19T13:00:00Z",
            "2027-03-22T13:00:00Z"
        ]
    );
}

#[tokio::test]
async fn the_pages_of_free_slots_follow_each_other_and_end() {
    let publisher = Publisher::new().await;
    let channel = publisher.account.channel();
    let path = format!("/api/schedule/slots?channel_id={channel}");
    let slots = publisher.user.api.all_items(&path, 25).await;
    let instants: Vec<_> = slots
        .iter()
        .map(|slot| slot["publish_at"].as_str())
        .collect();
    assert!(instants.is_sorted() && instants.len() > 100, "{instants:?}");
}

#[tokio::test]
async fn slots_are_of_one_channel_and_not_too_many() {
    let publisher = Publisher::new().await;
    let channel = publisher.account.channel();
    for query in [String::new(), format!("?channel_id={channel}&limit=101")] {
        let path = format!("/api/schedule/slots{query}");
        let answer = publisher.user.api.get(&path).await;
        assert_problem(&answer, 400, "invalid_query");
    }
}
