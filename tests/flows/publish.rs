//! Publishing over days: at the slot, and when a fault, a quota or a person stops it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Publisher, StandIn, assert_problem_at, until};

const HOUR: u64 = 3600;

async fn pass(publisher: &Publisher, hours: u64) {
    publisher
        .stack
        .advance(Duration::from_secs(hours * HOUR))
        .await;
}

fn state_and_reason(upload: &Answer) -> (&Value, &Value) {
    (&upload.json["state"], &upload.json["reason"])
}

impl Publisher {
    /// Follows an upload until it is published or needs its owner.
    async fn settled(&self, upload: &Answer) -> Answer {
        let states = ["published", "needs_attention"];
        self.follow(&upload.id(), &states).await
    }

    /// Runs the upload's step for as long as it is due.
    async fn run_due(&self, upload: &str) {
        let due = format!(
            "select count(*) from private.steps where kind = 'upload.advance' and subject_id = '{upload}'
             and (state = 'running' or (state = 'waiting' and due_at <= private.now()))"
        );
        self.stack
            .until_sql("the end of what is due", &due, "0")
            .await;
    }
}

async fn change_by_hand(there: &Answer, mut change: Value) {
    change["id"] = there.json["youtube_video_id"].clone();
    StandIn::Youtube.control("videos", &change).await;
}

#[tokio::test]
async fn from_an_hour_before_the_slot_all_our_processes_may_be_dead() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(30).await;
    publisher.run_due(&there.id()).await;
    pass(&publisher, 29).await;
    // Nothing wakes us any more: neither the scheduler nor the clock of the stack, when it is moved.
    let asleep = publisher.stack.changed(
        "alter function private.wake_dispatcher() rename to wake_dispatcher_later;
         create function private.wake_dispatcher() returns bigint language sql as 'select null::bigint'",
        "drop function private.wake_dispatcher(); alter function private.wake_dispatcher_later() rename to wake_dispatcher",
    );
    publisher.run_due(&there.id()).await;
    let waiting = publisher.reach(&there.id(), "on_youtube").await;
    assert_eq!(waiting.json["reason"], Value::Null);
    publisher.stack.kill(|name| name.starts_with("api_"));
    let step = format!(
        "select fence from private.steps where kind = 'upload.advance' and subject_id = '{}'",
        there.id()
    );
    let fence = publisher.stack.sql(&step);
    pass(&publisher, 2).await;
    let video = publisher.only_video().await;
    assert_eq!(video["privacy"], "public");
    assert_eq!(video["public_at"], there.json["publish_at"]);
    assert_eq!(publisher.stack.sql(&step), fence, "nobody was at work");

    // We come back, and find out.
    drop(asleep);
    let published = publisher.settled(&there).await;
    assert_eq!(
        state_and_reason(&published),
        (&json!("published"), &json!("on_time"))
    );
    assert_eq!(published.json["published_at"], there.json["publish_at"]);
    publisher.only_video().await;
}

#[tokio::test]
async fn a_video_that_youtube_forgets_is_published_late() {
    let publisher = Publisher::new().await;
    publisher
        .knobs(json!({ "publish_at_is_ignored": true }))
        .await;
    let there = publisher.on_youtube(5).await;
    pass(&publisher, 6).await;
    let published = publisher.settled(&there).await;
    assert_eq!(
        state_and_reason(&published),
        (&json!("published"), &json!("published_late"))
    );
    let video = publisher.only_video().await;
    assert_eq!(
        (&video["privacy"], &video["embeddable"]),
        (&json!("public"), &json!(true))
    );
}

#[tokio::test]
async fn what_people_do_by_hand_ends_in_a_state_with_its_name() {
    for (change, state, reason) in [
        (
            json!({ "privacy": "public" }),
            "published",
            "made_public_by_hand",
        ),
        (
            json!({ "privacy": "unlisted" }),
            "needs_attention",
            "held_private",
        ),
        (
            json!({ "delete": true }),
            "needs_attention",
            "deleted_on_youtube",
        ),
    ] {
        let publisher = Publisher::new().await;
        let there = publisher.on_youtube(30).await;
        change_by_hand(&there, change).await;
        pass(&publisher, 7).await;
        let after = publisher.settled(&there).await;
        assert_eq!(
            state_and_reason(&after),
            (&json!(state), &json!(reason)),
            "{after}"
        );
        if state == "needs_attention" {
            assert!(after.text("/next_action").ends_with('.'));
        }
    }
}

#[tokio::test]
async fn case_y12_a_video_that_somebody_made_public_never_becomes_private_by_a_move() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(30).await;
    change_by_hand(&there, json!({ "privacy": "public" })).await;
    publisher.move_to(&there, publisher.hours(50).await).await;
    let after = publisher.settled(&there).await;
    assert_eq!(
        state_and_reason(&after),
        (&json!("published"), &json!("made_public_by_hand")),
        "{after}"
    );
    assert_eq!(publisher.only_video().await["privacy"], "public");
}

#[tokio::test]
async fn case_y13_a_move_changes_nothing_but_the_time() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(10).await;
    change_by_hand(&there, json!({ "embeddable": false })).await;
    let before = publisher.only_video().await;
    let at = publisher.hours(30).await;
    publisher.move_to(&there, at).await;
    let after = until("the new time", Duration::from_secs(30), async || {
        publisher.stack.dispatch().await;
        let video = publisher.only_video().await;
        if video["publish_at"] == at.to_string() {
            Ok(video)
        } else {
            Err(video.to_string())
        }
    })
    .await;
    for kept in [
        "embeddable",
        "made_for_kids",
        "synthetic",
        "privacy",
        "title",
        "description",
        "tags",
        "category_id",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(after["embeddable"], false);
}

#[tokio::test]
async fn a_deleted_video_is_uploaded_again_only_when_told_so() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(30).await;
    change_by_hand(&there, json!({ "delete": true })).await;
    pass(&publisher, 7).await;
    publisher
        .follow_field(&there.id(), "/reason", &["deleted_on_youtube"])
        .await;
    let at = publisher.hours(50).await;
    publisher.move_to(&there, at).await;
    let again = publisher.follow(&there.id(), &["on_youtube"]).await;
    assert_ne!(
        again.json["youtube_video_id"],
        there.json["youtube_video_id"]
    );
    let living = publisher
        .videos()
        .await
        .into_iter()
        .filter(|video| video["deleted"] == false)
        .count();
    assert_eq!(living, 1);
}

#[tokio::test]
async fn a_moved_video_goes_out_at_its_new_time_alone() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(10).await;
    let at = publisher.hours(30).await;
    publisher.move_to(&there, at).await;
    until(
        "YouTube knows the new time",
        Duration::from_secs(30),
        async || {
            publisher.stack.dispatch().await;
            let videos = publisher.videos().await;
            if videos[0]["publish_at"] == at.to_string() {
                Ok(())
            } else {
                Err(videos[0].to_string())
            }
        },
    )
    .await;
    pass(&publisher, 11).await;
    assert_eq!(
        publisher.videos().await[0]["privacy"],
        "private",
        "the old time has passed"
    );
    pass(&publisher, 20).await;
    let published = publisher.settled(&there).await;
    assert_eq!(published.json["reason"], "on_time", "{published}");
    assert_eq!(publisher.only_video().await["public_at"], at.to_string());
}

#[tokio::test]
async fn a_cancelled_video_never_goes_out() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(10).await;
    publisher
        .user
        .api
        .delete(&format!("/api/schedule/{}", there.id()))
        .await
        .status(202);
    publisher.follow(&there.id(), &["cancelled"]).await;
    pass(&publisher, 20).await;
    assert_eq!(publisher.only_video().await["privacy"], "private");
}

#[tokio::test]
async fn case_y05_a_day_without_quota_is_waited_out_until_midnight_in_los_angeles() {
    let publisher = Publisher::new().await;
    publisher
        .knobs(json!({ "own_quota": true, "quota_uploads": 0 }))
        .await;
    let (_, upload) = publisher.render_and_schedule(600_000, 60).await;
    let waiting = publisher
        .follow_field(&upload.id(), "/reason", &["upload_quota_used_up"])
        .await;
    assert_eq!(waiting.json["state"], "scheduled");
    let next = waiting.time("/next_attempt_at");
    let there = next.in_tz("America/Los_Angeles").expect("a zone");
    assert_eq!((there.hour(), there.minute()), (0, 0), "{waiting}");
    // What would have to go out today is refused at once.
    let soon = publisher.stack.now().await + jiff::SignedDuration::from_secs(60);
    if next > soon {
        let body = Publisher::body(publisher.seeded_render("requested"), soon, json!({}));
        let refused = publisher.user.api.post("/api/schedule", &body).await;
        assert_problem_at(&refused, 409, "upload_day_full", "/publish_at");
    }
    publisher
        .knobs(json!({ "own_quota": true, "quota_uploads": 100 }))
        .await;
    let after = jiff::SignedDuration::from_secs(30);
    publisher.stack.advance_to(next + after).await;
    publisher.follow(&upload.id(), &["on_youtube"]).await;
    publisher.only_video().await;
}

#[tokio::test]
async fn case_y05_the_channels_limit_is_waited_out_for_a_day() {
    let publisher = Publisher::new().await;
    publisher.knobs(json!({ "channel_upload_limit": 0 })).await;
    let (_, upload) = publisher.render_and_schedule(600_000, 60).await;
    publisher
        .follow_field(&upload.id(), "/reason", &["channel_upload_limit"])
        .await;
    publisher
        .knobs(json!({ "channel_upload_limit": 100 }))
        .await;
    pass(&publisher, 25).await;
    publisher.follow(&upload.id(), &["on_youtube"]).await;
    publisher.only_video().await;
}

#[tokio::test]
async fn a_session_that_expires_half_way_is_looked_for_before_a_new_one() {
    let publisher = Publisher::new().await;
    let channel = format!("/api/channels/{}", publisher.account.channel());
    publisher
        .user
        .api
        .until_field(&publisher.stack, &channel, "/sync/state", &["idle"])
        .await;
    let searches = async || {
        let calls = publisher
            .account
            .calls(StandIn::Youtube, "playlistItems.list");
        calls.await.len()
    };
    let synchronised = searches().await;
    // From the second piece on the session is unknown, and nothing of it became a video.
    publisher
        .fault(json!({ "operation": "upload.chunk", "nth": 2, "status": 404, "body": "Not Found" }))
        .await;
    let (rendered, upload) = publisher.render_and_schedule(26 * 1024 * 1024, 60).await;
    publisher
        .follow(&upload.id(), &["on_youtube", "needs_attention"])
        .await;
    let video = publisher.only_video().await;
    assert_eq!(video["sha256"], rendered.sha256);
    assert!(searches().await > synchronised, "the channel was searched");
}

#[tokio::test]
async fn a_late_session_that_may_be_complete_is_looked_for_several_times() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(900_000).await;
    publisher
        .fault(json!({ "operation": "upload.final", "status": 404, "body": "Not Found" }))
        .await;
    let upload = publisher.schedule(rendered.render, 60).await;
    let unknown = publisher.follow(&upload.id(), &["outcome_unknown"]).await;
    assert_eq!(unknown.json["reason"], "reconciling");
    for _ in 0..20 {
        publisher.stack.advance(Duration::from_secs(330)).await;
        publisher.run_due(&upload.id()).await;
        if publisher.get(&upload.id()).await.json["state"] != "outcome_unknown" {
            break;
        }
    }
    publisher
        .follow(&upload.id(), &["on_youtube", "needs_attention"])
        .await;
    publisher.only_video().await;
}

#[tokio::test]
async fn case_y12_a_slot_that_passed_before_the_upload_is_for_its_owner_to_decide() {
    let publisher = Publisher::new().await;
    let upload = publisher
        .schedule(publisher.seeded_render("queued"), 3)
        .await;
    publisher
        .follow_field(&upload.id(), "/reason", &["render_running"])
        .await;
    pass(&publisher, 5).await;
    let missed = publisher.follow(&upload.id(), &["needs_attention"]).await;
    assert_eq!(missed.json["reason"], "slot_missed");
    let at = publisher.hours(10).await;
    let moved = publisher.move_to(&upload, at).await;
    assert_eq!(moved.json["state"], "scheduled");
}

#[tokio::test]
async fn killed_before_or_after_any_call_it_still_makes_one_video() {
    for (operation, nth, when) in [
        ("upload.start", 1, "after"),
        ("upload.chunk", 2, "before"),
        ("upload.final", 1, "before"),
        ("upload.final", 1, "after"),
        ("videos.list", 1, "after"),
    ] {
        let what = format!("{operation} {nth} {when}");
        let publisher = Publisher::new().await;
        let rendered = publisher.render(17 * 1024 * 1024).await;
        let fault = json!({ "operation": operation, "nth": nth, "when": when, "delay_ms": 2500 });
        let fault = publisher.fault(fault).await;
        let upload = publisher.schedule(rendered.render, 72).await;
        until(&what, Duration::from_secs(40), async || {
            publisher.stack.dispatch().await;
            match StandIn::Youtube.hits(fault).await {
                0 => Err(publisher.get(&upload.id()).await.to_string()),
                _ => Ok(()),
            }
        })
        .await;
        assert_eq!(publisher.stack.kill_dispatchers(), 1, "{what}");
        // The call goes on at YouTube, which writes it down when it has ended.
        until("the end of the call", Duration::from_secs(40), async || {
            let calls = publisher.account.calls(StandIn::Youtube, operation).await;
            match calls.iter().any(|call| call["fault"] == fault) {
                true => Ok(()),
                false => Err(format!("{calls:?}")),
            }
        })
        .await;
        // The lease of the dead worker ends.
        publisher.stack.jump(Duration::from_secs(90)).await;
        publisher.reach(&upload.id(), "on_youtube").await;
        let video = publisher.only_video().await;
        assert_eq!(video["sha256"], rendered.sha256, "{what}");
    }
}
