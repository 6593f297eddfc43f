//! Answers that are given again: to whom, for how long, and never to anybody else.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Api, Stack, TokenSigner, assert_problem, until};

/// A seeded user with a channel of one video, who has never changed anything through the API.
struct SeededReader {
    id: Uuid,
    channel: Uuid,
    video: Uuid,
    api: Api,
}

impl SeededReader {
    fn new(stack: &Stack) -> Self {
        let id = stack.seeded_user();
        let mut reader = Self {
            id,
            channel: stack.seeded_channel(id),
            video: Uuid::nil(),
            api: stack.api(Some(&TokenSigner::of(stack).token(id))),
        };
        reader.video = reader.seeded_video(stack);
        reader
    }

    fn seeded_video(&self, stack: &Stack) -> Uuid {
        let video = Uuid::new_v4();
        stack.sql(&format!(
            "insert into public.videos (id, channel_id, youtube_video_id, title) values ('{video}', '{}', 'v-{video}', 'Of {}')",
            self.channel, self.id
        ));
        video
    }
}

async fn get_with(api: &Api, path: &str, etag: &str) -> Answer {
    let request = api.request(Method::GET, path).header("if-none-match", etag);
    Answer::of(request).await
}

/// Asks until the instance gives an answer again: two calls may meet two instances.
async fn hit(api: &Api, path: &str) -> Answer {
    until("a kept answer", Duration::from_secs(60), async || {
        let answer = api.get(path).await.status(200);
        match answer.header("x-cache") {
            Some("HIT") => Ok(answer),
            _ => Err(answer.to_string()),
        }
    })
    .await
}

#[tokio::test]
async fn an_answer_is_cached_for_a_few_seconds_and_no_longer() {
    let stack = Stack::from_env();
    let reader = SeededReader::new(&stack);
    let first = reader.api.get("/api/videos").await.status(200);
    assert_eq!(first.header("x-cache"), Some("MISS"));
    assert_eq!(first.header("cache-control"), Some("private, max-age=5"));
    let vary: Vec<_> = first
        .headers
        .get_all("vary")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect();
    assert!(vary.contains(&"authorization"), "{vary:?}");
    let again = hit(&reader.api, "/api/videos").await;
    assert_eq!(
        (&again.body, again.header("etag")),
        (&first.body, first.header("etag"))
    );
    assert_eq!(again.header("content-type"), Some("application/json"));
    assert!(
        again
            .header("age")
            .is_some_and(|age| age.parse::<u64>().is_ok_and(|age| age <= 5))
    );
    assert!(
        again.header("ratelimit").is_some(),
        "the limit counts kept answers too"
    );
    // Another address of the same user is another answer.
    let other = reader.api.get("/api/videos?limit=3").await.status(200);
    assert_eq!(other.header("x-cache"), Some("MISS"));

    let late = reader.seeded_video(&stack);
    until("the new video", Duration::from_secs(30), async || {
        let answer = reader.api.get("/api/videos").await.status(200);
        if answer.to_string().contains(&late.to_string()) {
            Ok(())
        } else {
            Err(answer.to_string())
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_the_answer_of_another() {
    let stack = Stack::from_env();
    let (one, other) = (SeededReader::new(&stack), SeededReader::new(&stack));
    let paths = [
        "/api/videos".to_owned(),
        format!("/api/videos/{}", one.video),
        format!("/api/channels/{}/insights", one.channel),
    ];
    for path in &paths {
        let own = hit(&one.api, path).await;
        let etag = own.header("etag").expect("a tag").to_owned();
        let names_one = |answer: &Answer| {
            let text = answer.to_string();
            text.contains(&one.id.to_string()) || text.contains(&one.video.to_string())
        };
        for attempt in [
            other.api.get(path).await,
            other.api.get(path).await,
            get_with(&other.api, path, &etag).await,
            get_with(&other.api, path, "*").await,
        ] {
            assert_ne!(attempt.body, own.body, "{path}");
            assert!(
                !names_one(&attempt) || attempt.status == 404,
                "{path}: {attempt}"
            );
            if path == "/api/videos" {
                assert!(matches!(attempt.status, 200 | 304), "{attempt}");
            } else {
                assert_problem(&attempt, 404, "not_found");
                assert_eq!(attempt.header("cache-control"), Some("no-store"));
            }
        }
        // Headers by which caches elsewhere have been misled.
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-original-url", path.as_str()),
            ("x-user-id", &one.id.to_string()),
            ("cookie", "sb-access-token=x"),
        ] {
            let request = other.api.request(Method::GET, path).header(name, value);
            assert_ne!(Answer::of(request).await.body, own.body, "{name} at {path}");
        }
        let nobody = stack.anonymous().get(path).await;
        assert_problem(&nobody, 401, "token_missing");
        let signer = TokenSigner::of(&stack);
        let mut claims = signer.claims(one.id);
        claims["exp"] = json!(jiff::Timestamp::now().as_second() - 3600);
        let late = stack
            .api(Some(&signer.sign(&signer.header(), &claims)))
            .get(path)
            .await;
        assert_problem(&late, 401, "token_expired");
    }
}

#[tokio::test]
async fn a_change_is_seen_at_once_by_its_user_whichever_function_took_it() {
    let stack = Stack::from_env();
    let reader = SeededReader::new(&stack);
    hit(&reader.api, "/api/videos").await;
    // Another function, another instance: it knows nothing of what the first one keeps.
    let change = json!({"display_name": "Ada"});
    reader.api.patch("/api/me", &change).await.status(200);
    let late = reader.seeded_video(&stack);
    for _ in 0..3 {
        let answer = reader.api.get("/api/videos").await.status(200);
        assert_eq!(answer.header("x-cache"), Some("MISS"));
        assert!(answer.to_string().contains(&late.to_string()), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_that_a_client_has_already_is_not_sent_again() {
    let stack = Stack::from_env();
    let reader = SeededReader::new(&stack);
    for path in [
        "/api/channels",
        "/api/content",
        "/api/video",
        "/api/schedule",
        "/api/videos",
    ] {
        let first = reader.api.get(path).await.status(200);
        let etag = first.header("etag").expect("a tag").to_owned();
        assert!(
            first
                .header("cache-control")
                .is_some_and(|c| c.starts_with("private")),
            "{first}"
        );
        let same = get_with(&reader.api, path, &format!("\"x\", W/{etag}"))
            .await
            .status(304);
        assert!(same.body.is_empty());
        assert_eq!(same.header("etag"), Some(etag.as_str()));
        assert_eq!(same.header("content-type"), None);
        assert!(same.header("x-request-id").is_some());
        get_with(&reader.api, path, "\"something-else\"")
            .await
            .status(200);
    }
    let before = reader.api.get("/api/channels").await;
    let etag = before.header("etag").expect("a tag").to_owned();
    stack.sql(&format!(
        "update public.channels set title = 'Renamed' where id = '{}'",
        reader.channel
    ));
    let after = get_with(&reader.api, "/api/channels", &etag)
        .await
        .status(200);
    assert!(after.to_string().contains("Renamed"));
}

#[tokio::test]
async fn an_answer_that_must_not_be_kept_says_so() {
    let stack = Stack::from_env();
    let reader = SeededReader::new(&stack);
    for (path, control) in [
        ("/api/me", "private, no-cache"),
        ("/api/me/export", "no-store"),
        (
            &format!("/api/channels/{}", reader.channel),
            "private, no-cache",
        ),
    ] {
        let answer = reader.api.get(path).await.status(200);
        assert_eq!(answer.header("cache-control"), Some(control), "{path}");
        assert_eq!(answer.header("x-cache"), None, "{path}");
    }
}
