//! Rules of the whole API, asked of the functions: versions and tags, keys of repeated requests, what problems name, and lists that
//! a front end is built from. `lib/src/routes/conformance.rs` checks the declarations.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Api, Receiver, SeededChannel, Stack, assert_problem};

async fn get_with(api: &Api, path: &str, etag: &str) -> Answer {
    let request = api.request(Method::GET, path);
    Answer::of(request.header("if-none-match", etag)).await
}

#[tokio::test]
async fn what_a_user_reads_is_sent_once() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    let api = &seeded.user.api;
    for path in [
        "/api/me".to_owned(),
        format!("/api/channels/{}", seeded.channel),
        format!("/api/content/{}", script.id),
        format!("/api/content?channel_id={}", seeded.channel),
        "/api/schedule".to_owned(),
        "/api/video".to_owned(),
        "/api/webhooks/endpoints".to_owned(),
        "/api/schedule/categories".to_owned(),
        "/api/video/voices".to_owned(),
    ] {
        let first = api.get(&path).await.status(200);
        let tag = first.header("etag").unwrap_or_default().to_owned();
        assert!(!tag.is_empty(), "{path} has an ETag");
        let again = get_with(api, &path, &tag).await.status(304);
        assert!(again.body.is_empty(), "{path}");
        assert_eq!(again.header("etag"), Some(tag.as_str()), "{path}");
        assert_eq!(
            get_with(api, &path, "\"other\"").await.status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_render_is_changed_only_by_who_has_seen_its_last_version() {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({"outcome": "stuck", "webhook": "never"}))
        .await;
    let running = seeded.render_until(&script, &["rendering"]).await;
    let path = format!("/api/video/{}", running.id());
    let api = &seeded.user.api;
    let seen = api.get(&path).await.status(200);
    let version = seen.version().expect("a version");
    let cancel = async |tag: &str| {
        let request = api.request(Method::DELETE, &path);
        Answer::of(request.header("if-match", tag)).await
    };
    let stale = cancel(&format!("\"v{}-0123456789abcdef\"", version - 1)).await;
    assert_problem(&stale, 412, "version_mismatch");
    cancel(seen.header("etag").expect("a tag"))
        .await
        .status(204);
    let cancelled = api.get(&path).await.status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(cancelled.version(), Some(version + 1));
}

/// Sends a request twice with one key, and gives both answers.
async fn twice(api: &Api, path: &str) -> (Answer, Answer) {
    let key = Uuid::new_v4().to_string();
    let send = async || {
        let request = api.request(Method::POST, path);
        Answer::of(request.header("idempotency-key", &key)).await
    };
    (send().await, send().await)
}

#[tokio::test]
async fn a_calendar_is_replaced_once_by_one_request() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let (first, again) = twice(&user.api, "/api/schedule/calendar").await;
    let url = first.status(201).text("/url");
    assert_eq!(again.status(201).json["url"], Value::Null);
    let path = url.find("/api/").map_or("", |at| &url[at..]);
    stack.anonymous().get(path).await.status(200);
}

#[tokio::test]
async fn a_test_of_an_endpoint_is_sent_once_by_one_request() {
    let seeded = SeededChannel::new().await;
    let receiver = Receiver::start().await;
    let endpoint = receiver.register(&seeded.user, json!({})).await;
    let (first, again) = twice(&seeded.user.api, &format!("{}/test", endpoint.path())).await;
    assert_eq!(first.status(202).id(), again.status(202).id());
    let deliveries = seeded
        .user
        .api
        .get("/api/webhooks/deliveries")
        .await
        .status(200);
    assert_eq!(deliveries.items().len(), 1);
}

#[tokio::test]
async fn a_problem_names_what_was_sent_and_what_was_meant() {
    let seeded = SeededChannel::new().await;
    let api = &seeded.user.api;
    let wrong = async |body: Value| {
        let answer = api.patch("/api/me", &body).await;
        assert_problem(&answer, 422, "invalid_body");
        answer.json["errors"][0].clone()
    };
    let misspelt = wrong(json!({"dispay_name": "Ada"})).await;
    assert_eq!(
        misspelt,
        json!({
            "pointer": "/dispay_name", "message": "is not known here; display_name is", "value": "Ada",
            "allowed": ["display_name", "time_zone"], "closest": "display_name",
        })
    );
    let typed = wrong(json!({"display_name": 7})).await;
    assert_eq!(
        typed,
        json!({"pointer": "/display_name", "message": "must be a string, not integer 7", "value": 7})
    );
    let none = wrong(json!({"time_zone": null})).await;
    assert_eq!(none["message"], "must not be null");

    let zone = wrong(json!({"time_zone": "Europe/Berln"})).await;
    assert_eq!(zone["closest"], "Europe/Berlin");

    let listed = api.get("/api/content?kind=scripts").await;
    assert_problem(&listed, 400, "invalid_query");
    assert_eq!(
        listed.json["errors"][0],
        json!({
            "parameter": "kind", "message": "must be one of ideas, titles, script, description; script comes closest",
            "value": "scripts", "allowed": ["ideas", "titles", "script", "description"], "closest": "script",
        })
    );
    let unknown = api.get("/api/videos?serch=honey").await;
    assert_eq!(unknown.json["errors"][0]["closest"], "search", "{unknown}");

    let body = json!({"channel_id": seeded.channel, "topic": "Honey"});
    let path = api.post("/api/generate/idea", &body).await;
    assert_problem(&path, 400, "invalid_id");
    assert_eq!(path.json["errors"][0]["closest"], "ideas", "{path}");
}

#[tokio::test]
async fn a_front_end_finds_the_voices_and_categories_that_it_may_offer() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let voices = user.api.get("/api/video/voices").await.status(200);
    assert!(voices.items().iter().all(|voice| voice["id"].is_string()));
    assert!(!voices.items().is_empty(), "{voices}");
    let categories = user.api.all_items("/api/schedule/categories", 4).await;
    assert_eq!(categories.len(), 15);
    assert!(categories.contains(&json!({"id": "22", "title": "People & Blogs"})));
}

#[tokio::test]
async fn a_profile_says_what_may_still_be_spent() {
    let seeded = SeededChannel::new().await;
    let before = seeded.user.api.get("/api/me").await.status(200);
    let generation = &before.json["budgets"]["generation"];
    assert_eq!(generation["remaining_micros"], generation["budget_micros"]);
    let renders = &before.json["budgets"]["renders"];
    assert_eq!(
        (&renders["used"], &renders["remaining"]),
        (&json!(0), &renders["budget"])
    );
    seeded
        .request_render(&seeded.seeded_script())
        .await
        .status(202);
    let after = seeded.user.api.get("/api/me").await.status(200);
    let (renders, credits) = (
        &after.json["budgets"]["renders"],
        &after.json["budgets"]["render_credits_today"],
    );
    let number = |budget: &Value, name: &str| budget[name].as_i64().expect("a number");
    for budget in [renders, credits] {
        let used = number(budget, "used") + number(budget, "reserved");
        let remaining = number(budget, "remaining");
        assert_eq!(
            Some(used + remaining),
            budget["budget"].as_i64(),
            "{budget}"
        );
        assert!(used > 0, "{budget}");
    }
}
