//! `GET /api/videos`, `GET /api/videos/{id}`, `GET /api/channels/{id}/insights`, and the step that scores a channel.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use uuid::Uuid;

use crate::support::{PATIENCE, Stack, User, assert_problem, assert_problem_at, until};

/// A seeded channel with 30 long videos, two days apart, of about 1,000 views; the newest 40 days old, with 8,000. One has the
/// format of a Short, one is three days old, one is gone.
async fn seeded_catalogue(stack: &Arc<Stack>) -> (User, Uuid) {
    let user = stack.sign_up().await;
    user.api.get("/api/videos").await.status(200);
    let channel = Uuid::new_v4();
    let youtube_id = format!("UC{}", &channel.simple().to_string()[..22]);
    stack.sql(&format!(
        "insert into public.channels (id, youtube_channel_id, title, time_zone, last_synced_at)
           values ('{channel}', '{youtube_id}', 'Kitchen', 'Europe/Berlin', private.now());
         insert into public.channel_members (channel_id, user_id, role) values ('{channel}', '{user}', 'owner');
         insert into public.videos (channel_id, youtube_video_id, title, published_at, format, privacy, views, likes, comments, counted_at, gone_at)
         select '{channel}', 'v' || lpad(i::text, 2, '0'), 'Recipe ' || i, private.now() - make_interval(days => 40 + 2 * i),
           case when i = 4 then 'short' else 'long' end, 'public', case when i = 0 then 8000 else 1000 + 10 * i end, 40, 2, private.now(),
           case when i = 5 then private.now() end
         from generate_series(0, 29) i;
         insert into public.videos (channel_id, youtube_video_id, title, published_at, format, privacy, views, likes, comments, counted_at)
         values ('{channel}', 'v99', 'Fresh', private.now() - interval '3 days', 'long', 'public', 90, 1, 0, private.now());
         insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views, likes, comments)
         select id, channel_id, 'public_views', private.now(), extract(epoch from private.now() - published_at) / 3600, views, likes, comments
         from public.videos where channel_id = '{channel}';",
        user = user.id
    ));
    score(stack, channel).await;
    (user, channel)
}

/// Has the channel scored as a synchronisation does, and waits for it.
async fn score(stack: &Arc<Stack>, channel: Uuid) {
    let step = stack.sql(&format!(
        "select private.enqueue_step('score', 'channel.score', '{channel}', '{channel}')"
    ));
    let state = format!("select state from private.steps where id = '{step}'");
    stack.until_sql("the scores", &state, "done").await;
}

fn titles(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["title"].as_str())
        .collect()
}

#[tokio::test]
async fn videos_are_listed_by_time_and_by_score() {
    let stack = Stack::from_env();
    let (user, channel) = seeded_catalogue(&stack).await;
    let newest = user
        .api
        .get(&format!("/api/videos?channel_id={channel}&limit=3"))
        .await
        .ok();
    assert_eq!(titles(&newest.json), ["Fresh", "Recipe 0", "Recipe 1"]);
    let best = user.api.get("/api/videos?sort=score&limit=1").await.ok();
    let item = &best.json["items"][0];
    assert_eq!(item["title"], "Recipe 0");
    assert_eq!(item["youtube"]["views"], 8000);
    let score = &item["score"];
    assert_eq!(
        score["notice"],
        "Content Catalyst score, not a YouTube metric"
    );
    assert_eq!(score["model_version"], "cce-score/2");
    assert_eq!(
        (&score["label"], &score["basis"]),
        (&"outlier".into(), &"lifetime".into())
    );
    assert_eq!(score["n"], 20);
    assert!(
        score["multiplier"]
            .as_f64()
            .is_some_and(|times| times > 5.0),
        "{score}"
    );
    assert_eq!(item["scores_shown"], true);
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps() {
    let stack = Stack::from_env();
    let (user, _) = seeded_catalogue(&stack).await;
    for sort in ["newest", "score"] {
        let path = format!("/api/videos?sort={sort}");
        let videos = user.api.all_items(&path, 7).await;
        let titles: BTreeSet<&str> = videos
            .iter()
            .filter_map(|video| video["title"].as_str())
            .collect();
        assert_eq!(
            (videos.len(), titles.len()),
            (30, 30),
            "{sort}: nothing comes twice, and what is gone does not come"
        );
    }
}

#[tokio::test]
async fn lists_are_filtered() {
    let stack = Stack::from_env();
    let (user, channel) = seeded_catalogue(&stack).await;
    let shorts = user
        .api
        .get(&format!("/api/videos?channel_id={channel}&format=short"))
        .await
        .ok();
    assert_eq!(titles(&shorts.json), ["Recipe 4"]);
    assert_eq!(shorts.json["items"][0]["score"]["withheld"], "too_few");
    let recent = user.api.get("/api/videos?label=too_recent").await.ok();
    assert_eq!(titles(&recent.json), ["Fresh"]);
    assert!(recent.json["items"][0]["score"]["score"].is_null());
    for (query, found) in [
        ("search=FRESH", vec!["Fresh"]),
        ("search=14%20reci", vec!["Recipe 14"]),
        ("search=recipe%20fresh", vec![]),
        ("search=%25", vec![]),
        ("search=14%20reci&sort=score", vec!["Recipe 14"]),
        ("to=2000-01-01T00:00:00Z", vec![]),
        ("from=2100-01-01T00:00:00Z&sort=score", vec![]),
    ] {
        let videos = user.api.get(&format!("/api/videos?{query}")).await.ok();
        assert_eq!(titles(&videos.json), found, "{query}");
    }
    let fresh = user.api.get("/api/videos?search=fresh").await.ok();
    let published = fresh.json["items"][0]["published_at"]
        .as_str()
        .expect("a time");
    let since = user
        .api
        .get(&format!("/api/videos?from={published}"))
        .await
        .ok();
    assert_eq!(titles(&since.json), ["Fresh"], "from is inclusive");
    let before = user
        .api
        .get(&format!("/api/videos?to={published}&limit=1"))
        .await
        .ok();
    assert_eq!(titles(&before.json), ["Recipe 0"], "to is exclusive");
    let nothing = user
        .api
        .get(&format!("/api/videos?channel_id={}", Uuid::new_v4()))
        .await
        .ok();
    assert!(titles(&nothing.json).is_empty());
}

#[tokio::test]
async fn a_video_explains_its_score() {
    let stack = Stack::from_env();
    let (user, _) = seeded_catalogue(&stack).await;
    let best = user.api.get("/api/videos?sort=score&limit=1").await.ok();
    let id = best.text("/items/0/id");
    let video = user.api.get(&format!("/api/videos/{id}")).await.ok();
    let summary = video.text("/explanation/summary");
    assert!(
        summary.contains("an outlier. 8,000 views against 1,"),
        "{summary}"
    );
    assert!(
        summary.ends_with("for the channel's last 20 long videos."),
        "{summary}"
    );
    assert_eq!(video.json["baseline"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        video.json["baseline"][0]["title"], "Recipe 1",
        "the newest comes first"
    );
    assert_eq!(video.json["series"][0]["basis"], "public_views");
    assert!(video.json["components"]["reach"]["m"].is_number());
    assert!(video.json["components"]["velocity"].is_null());
    assert!(
        video.json["explanation"]["reasons"]
            .as_array()
            .is_some_and(|reasons| reasons.len() >= 2),
        "{video}"
    );
}

#[tokio::test]
async fn insights_say_what_is_usual() {
    let stack = Stack::from_env();
    let (user, channel) = seeded_catalogue(&stack).await;
    let insights = user
        .api
        .get(&format!("/api/channels/{channel}/insights"))
        .await
        .ok();
    let long = &insights.json["formats"][0];
    assert_eq!(
        (&long["format"], &long["videos"], &long["outliers"]),
        (&"long".into(), &29.into(), &1.into())
    );
    let usual = &insights.json["baselines"][0];
    let typical = usual["typical_views"].as_f64().expect("a number");
    assert!((1050.0..1200.0).contains(&typical), "{usual}");
    assert!(
        usual["usual_from"].as_f64() < Some(typical) && usual["usual_to"].as_f64() > Some(typical)
    );
    assert_eq!(insights.json["outliers"][0]["title"], "Recipe 0");
    let times = &insights.json["best_times"];
    assert_eq!(
        (&times["basis"], &times["time_zone"]),
        (&"default".into(), &"Europe/Berlin".into())
    );
    assert_eq!(times["slots"].as_array().map(Vec::len), Some(7));
}

#[tokio::test]
async fn scoring_again_changes_nothing() {
    let stack = Stack::from_env();
    let (_, channel) = seeded_catalogue(&stack).await;
    let rows = || {
        stack.sql(&format!(
            "select count(*), max(updated_at), md5(string_agg(s::text, '' order by video_id)) from public.performance_scores s
             where channel_id = '{channel}'"
        ))
    };
    let before = rows();
    assert!(before.starts_with("30|"), "{before}");
    score(&stack, channel).await;
    assert_eq!(rows(), before);
}

#[tokio::test]
async fn a_stranger_finds_nothing() {
    let stack = Stack::from_env();
    let (user, channel) = seeded_catalogue(&stack).await;
    let id = user
        .api
        .get("/api/videos?limit=1")
        .await
        .ok()
        .text("/items/0/id");
    let stranger = stack.sign_up().await;
    assert!(
        titles(
            &stranger
                .api
                .get(&format!("/api/videos?channel_id={channel}"))
                .await
                .ok()
                .json
        )
        .is_empty()
    );
    let foreign = stranger.api.get(&format!("/api/videos/{id}")).await;
    assert_problem(&foreign, 404, "not_found");
    let absent = stranger
        .api
        .get(&format!("/api/videos/{}", Uuid::new_v4()))
        .await;
    assert_problem(&absent, 404, "not_found");
    assert_eq!(
        foreign.json["detail"], absent.json["detail"],
        "a foreign video looks like an absent one"
    );
    assert_problem(
        &stranger
            .api
            .get(&format!("/api/channels/{channel}/insights"))
            .await,
        404,
        "not_found",
    );
    assert_problem(
        &stranger
            .api
            .get(&format!("/api/channels/{}/insights", Uuid::new_v4()))
            .await,
        404,
        "not_found",
    );
}

#[tokio::test]
async fn a_query_that_is_wrong_is_refused_with_its_parameter() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    for (query, pointer) in [
        ("limit=0", "?limit"),
        ("limit=many", "?limit"),
        ("sort=views", "?sort"),
        ("label=great", "?label"),
        ("format=rendered", "?format"),
        ("channel_id=mine", "?channel_id"),
        ("cursor=abc", "?cursor"),
        ("limit=1&limit=2", "?limit"),
    ] {
        let answer = user.api.get(&format!("/api/videos?{query}")).await;
        assert_problem_at(&answer, 400, "invalid_query", pointer);
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_order() {
    let stack = Stack::from_env();
    let (user, _) = seeded_catalogue(&stack).await;
    let page = user.api.get("/api/videos?sort=score&limit=2").await.ok();
    let cursor = page.text("/next_cursor");
    let answer = user
        .api
        .get(&format!("/api/videos?limit=2&cursor={cursor}"))
        .await;
    assert_problem_at(&answer, 400, "invalid_query", "?cursor");
}

#[tokio::test]
async fn a_connected_channel_has_same_age_scores_on_day_one() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let channel = user.connect_channel(40).await.channel();
    stack.dispatch().await;
    let insights = until("a scored channel", PATIENCE, || async {
        let insights = user
            .api
            .get(&format!("/api/channels/{channel}/insights"))
            .await
            .ok();
        if insights.json["last_scored_at"].is_string() {
            Ok(insights)
        } else {
            Err(insights.to_string())
        }
    })
    .await;
    let baselines = insights.json["baselines"].as_array().expect("a list");
    assert!(
        baselines
            .iter()
            .any(|usual| usual["basis"] == "engaged_views"
                && usual["checkpoint_hours"].as_i64() >= Some(168)),
        "past curves give scores at one age: {insights}"
    );
    assert!(
        insights.json["best_times"]["videos"].as_i64() > Some(0),
        "and results to tell the best times from: {insights}"
    );
    let best = user.api.get("/api/videos?sort=score&limit=1").await.ok();
    let video = user
        .api
        .get(&format!("/api/videos/{}", best.text("/items/0/id")))
        .await
        .ok();
    assert!(
        video.json["series"]
            .as_array()
            .is_some_and(|series| series.len() > 3),
        "{video}"
    );
    assert!(!video.text("/explanation/summary").is_empty());
}
