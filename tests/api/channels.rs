//! Connecting, seeing, changing and disconnecting channels.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::live_grants;
use crate::connecting::{Creator, client};
use crate::support::{Account, Answer, Stack, StandIn, assert_problem, assert_problem_at, until};

// --------------------------------------------------------------------------------------------------- the good way --

#[tokio::test]
async fn a_channel_is_connected_and_seen_by_its_owner_alone() {
    let creator = Creator::new().await;
    let stranger = Creator::new().await;
    creator
        .user
        .api
        .patch("/api/me", &json!({"time_zone": "Europe/Berlin"}))
        .await
        .ok();
    let account = creator.connect(5).await;
    let path = format!("/api/channels/{}", account.channel());

    let channel = creator.user.api.get(&path).await.status(200);
    assert_eq!(
        channel.json["youtube_channel_id"],
        account.youtube_channel_id
    );
    assert_eq!(channel.json["state"], "connected");
    assert_eq!(channel.json["time_zone"], "Europe/Berlin");
    assert_eq!(
        channel.json["features"],
        json!({"read": true, "upload": true, "manage": true, "analytics": true})
    );
    assert_eq!(channel.json["attention"], json!([]));
    assert!(channel.header("etag").is_some());
    let listed = creator.user.api.get("/api/channels").await.status(200);
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(1));

    assert_eq!(
        stranger.user.api.get("/api/channels").await.ok().json["items"],
        json!([])
    );
    let foreign = stranger.user.api.get(&path).await;
    let absent = stranger
        .user
        .api
        .get(&format!("/api/channels/{}", Uuid::new_v4()))
        .await;
    assert_problem(&foreign, 404, "not_found");
    assert_eq!(without_id(&foreign), without_id(&absent));
}

fn without_id(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    body["request_id"] = Value::Null;
    body
}

#[tokio::test]
async fn channels_come_in_pages() {
    let creator = Creator::new().await;
    for _ in 0..3 {
        creator.connect(1).await;
    }
    let first = creator
        .user
        .api
        .get("/api/channels?limit=2")
        .await
        .status(200);
    let cursor = first.text("/next_cursor");
    let second = creator
        .user
        .api
        .get(&format!("/api/channels?limit=2&cursor={cursor}"))
        .await
        .status(200);
    assert!(second.json["next_cursor"].is_null());
    let ids: std::collections::BTreeSet<String> = [&first, &second]
        .iter()
        .flat_map(|page| page.json["items"].as_array().unwrap().clone())
        .map(|channel| channel["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 3);
    for query in [
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?cursor=x",
        "?order=title",
        "?limit=1&limit=2",
    ] {
        let answer = creator.user.api.get(&format!("/api/channels{query}")).await;
        assert_problem(&answer, 400, "invalid_query");
    }
}

#[tokio::test]
async fn a_browser_gets_a_page_and_no_state_works_twice() {
    let creator = Creator::new().await;
    let account = Account::create(
        &json!({"title": "<script>alert(1)</script>", "generated": {"videos": 1, "seed": 1}}),
    )
    .await;
    let page = creator.begin(&json!({})).await;
    let back = creator.approve(&page, &account.name).await;
    let landed = Answer::of(client().get(&back).header("accept", "text/html,*/*"))
        .await
        .status(200);
    assert!(
        landed
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
    assert!(landed.header("content-security-policy").is_some());
    let html = String::from_utf8_lossy(&landed.body);
    assert!(
        html.contains("is connected") && !html.contains("<script>alert"),
        "{html}"
    );

    assert_problem(&creator.land(&back).await, 400, "state_expired");
    let page = Answer::of(client().get(&back)).await.status(400);
    assert!(String::from_utf8_lossy(&page.body).contains("Connect the channel again"));
}

#[tokio::test]
async fn reconnecting_keeps_settings_and_refuses_another_channel() {
    let creator = Creator::new().await;
    let account = creator.connect(3).await;
    let other = Account::create(&json!({"generated": {"videos": 1, "seed": 1}})).await;
    let path = format!("/api/channels/{}", account.channel());
    creator
        .user
        .api
        .patch(&path, &json!({"banned_topics": ["politics"]}))
        .await
        .status(200);

    let body = json!({"channel_id": account.channel()});
    let refused = creator.consent(&other.name, &body).await;
    assert_problem(&refused, 409, "channel_mismatch");
    assert_eq!(
        creator.user.api.get("/api/channels").await.json["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let again = creator.consent(&account.name, &body).await.status(200);
    assert_eq!(again.id(), account.channel().to_string());
    assert_eq!(again.json["banned_topics"], json!(["politics"]));
}

#[tokio::test]
async fn settings_are_changed_by_version() {
    let creator = Creator::new().await;
    let account = creator.connect(1).await;
    let api = &creator.user.api;
    let path = format!("/api/channels/{}", account.channel());
    let etag = api.get(&path).await.ok().header("etag").unwrap().to_owned();
    let settings = json!({
        "time_zone": "America/New_York", "minimum_gap_minutes": 120,
        "posting_slots": [{"weekday": 2, "time": "18:00"}, {"weekday": 5, "time": "09:30"}],
        "brand_voice": {"register": "calm", "phrases_to_avoid": ["smash that button"]}, "banned_topics": ["politics"]
    });
    let changed = api.patch_if(&path, &etag, &settings).await.status(200);
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&changed.json[name], value, "{name}");
    }
    assert_eq!(changed.json["brand_voice_version"], 2);
    assert_problem(
        &api.patch_if(&path, &etag, &settings).await,
        412,
        "version_mismatch",
    );
    assert_problem(
        &api.patch_if(&path, "\"nonsense\"", &settings).await,
        412,
        "version_mismatch",
    );
}

// -------------------------------------------------------------------------------------------------- what is refused --

#[tokio::test]
async fn every_route_wants_a_token() {
    let stack = Stack::from_env();
    let id = Uuid::new_v4();
    for (method, path) in [
        (Method::GET, "/api/channels".to_owned()),
        (Method::POST, "/api/channels/connect".to_owned()),
        (Method::GET, format!("/api/channels/{id}")),
        (Method::PATCH, format!("/api/channels/{id}")),
        (Method::DELETE, format!("/api/channels/{id}")),
        (Method::POST, format!("/api/channels/{id}/sync")),
    ] {
        let answer = Answer::of(
            stack
                .anonymous()
                .request(method.clone(), &path)
                .json(&json!({})),
        )
        .await;
        assert_problem(&answer, 401, "token_missing");
        let answer = Answer::of(
            stack
                .api(Some("not.a.token"))
                .request(method, &path)
                .json(&json!({})),
        )
        .await;
        assert_problem(&answer, 401, "token_invalid");
    }
}

#[tokio::test]
async fn a_foreign_channel_can_be_neither_changed_nor_synchronised_nor_erased() {
    let creator = Creator::new().await;
    let stranger = Creator::new().await;
    let account = creator.connect(1).await;
    let path = format!("/api/channels/{}", account.channel());
    let api = &stranger.user.api;
    assert_problem(
        &api.patch(&path, &json!({"time_zone": "UTC"})).await,
        404,
        "not_found",
    );
    assert_problem(&api.delete(&path).await, 404, "not_found");
    assert_problem(
        &api.post(&format!("{path}/sync"), &json!({})).await,
        404,
        "not_found",
    );
    let reconnect = api
        .post(
            "/api/channels/connect",
            &json!({"channel_id": account.channel()}),
        )
        .await;
    assert_problem(&reconnect, 404, "not_found");
    let taken = stranger.consent(&account.name, &json!({})).await;
    assert_problem(&taken, 409, "channel_taken");
    assert!(!taken.to_string().contains(&creator.user.email));
}

#[tokio::test]
async fn viewers_look_and_editors_change_but_only_owners_erase() {
    let creator = Creator::new().await;
    let member = Creator::new().await;
    let account = creator.connect(1).await;
    member.user.api.get("/api/me").await.ok();
    let path = format!("/api/channels/{}", account.channel());
    let api = &member.user.api;
    let role = |role: &str| {
        creator.stack.sql(&format!(
            "insert into public.channel_members (channel_id, user_id, role) values ('{}', '{}', '{role}')
             on conflict (channel_id, user_id) do update set role = excluded.role",
            account.channel(), member.user.id
        ))
    };
    role("viewer");
    api.get(&path).await.status(200);
    assert_problem(
        &api.patch(&path, &json!({"time_zone": "UTC"})).await,
        403,
        "role_too_low",
    );
    assert_problem(
        &api.post(&format!("{path}/sync"), &json!({})).await,
        403,
        "role_too_low",
    );
    role("editor");
    api.patch(&path, &json!({"time_zone": "UTC"}))
        .await
        .status(200);
    api.post(&format!("{path}/sync"), &json!({}))
        .await
        .status(202);
    assert_problem(&api.delete(&path).await, 403, "role_too_low");
    assert_problem(
        &api.post(
            "/api/channels/connect",
            &json!({"channel_id": account.channel()}),
        )
        .await,
        403,
        "role_too_low",
    );
}

#[tokio::test]
async fn unsound_requests_are_refused_with_their_field() {
    let creator = Creator::new().await;
    let account = creator.connect(1).await;
    let api = &creator.user.api;
    let path = format!("/api/channels/{}", account.channel());
    for (body, pointer) in [
        (json!({"time_zone": "Europe/Atlantis"}), "/time_zone"),
        (
            json!({"minimum_gap_minutes": 20000}),
            "/minimum_gap_minutes",
        ),
        (json!({"minimum_gap_minutes": "60"}), "/minimum_gap_minutes"),
        (
            json!({"posting_slots": [{"weekday": 8, "time": "18:00"}]}),
            "/posting_slots/0/weekday",
        ),
        (
            json!({"posting_slots": [{"weekday": 1, "time": "6pm"}]}),
            "/posting_slots/0/time",
        ),
        (
            json!({"brand_voice": {"structure": [""]}}),
            "/brand_voice/structure/0",
        ),
        (
            json!({"banned_topics": ["x".repeat(101)]}),
            "/banned_topics/0",
        ),
        (json!({}), ""),
    ] {
        assert_problem_at(&api.patch(&path, &body).await, 422, "invalid_body", pointer);
    }
    for (body, pointer) in [
        (json!({"channel_id": "x"}), "/channel_id"),
        (json!({"return_to": "//evil.example"}), "/return_to"),
        (json!({"return_to": "https://evil.example"}), "/return_to"),
        (json!({"login_hint": ""}), "/login_hint"),
    ] {
        assert_problem_at(
            &api.post("/api/channels/connect", &body).await,
            422,
            "invalid_body",
            pointer,
        );
    }
    assert_problem(
        &api.post("/api/channels/connect", &json!({"state": "x"}))
            .await,
        422,
        "invalid_body",
    );
    assert_problem(
        &api.post_raw(
            "/api/channels/connect",
            "application/json",
            b"{\"a\":\xff}".to_vec(),
        )
        .await,
        400,
        "invalid_json",
    );
    assert_problem(
        &api.post_raw("/api/channels/connect", "text/plain", b"{}".to_vec())
            .await,
        415,
        "unsupported_media_type",
    );
    assert_problem(
        &api.post(
            "/api/channels/connect",
            &json!({"return_to": format!("/{}", "x".repeat(70_000))}),
        )
        .await,
        413,
        "body_too_large",
    );
    assert_problem(&api.get("/api/channels/not-an-id").await, 400, "invalid_id");
    assert_problem(
        &api.post("/api/channels/not-an-id/sync", &json!({})).await,
        400,
        "invalid_id",
    );
    assert_problem(
        &api.post(&format!("{path}/sync"), &json!({"full": true}))
            .await,
        422,
        "invalid_body",
    );
}

#[tokio::test]
async fn each_consent_that_fails_says_what_to_do() {
    let creator = Creator::new().await;
    let account = |body: Value| async move {
        let name = format!("acct-{}", Uuid::new_v4().simple());
        let mut body = body;
        body["account"] = json!(name);
        StandIn::Google.control("accounts", &body).await;
        name
    };
    let refuses = account(json!({"channel": {}, "refuses": true})).await;
    assert_problem(
        &creator.consent(&refuses, &json!({})).await,
        403,
        "consent_refused",
    );
    let nothing = account(json!({"no_channel": true})).await;
    assert_problem(
        &creator.consent(&nothing, &json!({})).await,
        422,
        "no_channel",
    );
    let scope = |name: &str| format!("https://www.googleapis.com/auth/{name}");
    let upload_only =
        account(json!({"channel": {}, "scopes_granted": [scope("youtube.upload")]})).await;
    assert_problem(
        &creator.consent(&upload_only, &json!({})).await,
        400,
        "consent_failed",
    );
    assert_eq!(
        creator.user.api.get("/api/channels").await.json["items"],
        json!([])
    );

    for back in [
        "",
        "?code=x",
        "?state=unknown&code=x",
        "?error=access_denied",
    ] {
        let address = format!("{}/api/channels/callback{back}", creator.stack.api_url);
        assert_problem(&creator.land(&address).await, 400, "state_expired");
    }
    let page = creator.begin(&json!({})).await;
    let state = reqwest::Url::parse(&page)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    let forged = format!(
        "{}/api/channels/callback?state={state}&code=forged",
        creator.stack.api_url
    );
    assert_problem(&creator.land(&forged).await, 400, "consent_failed");

    let partly = account(json!({"channel": {}, "scopes_granted": [scope("youtube.readonly"), scope("youtube.upload")]})).await;
    let channel = creator.consent(&partly, &json!({})).await.status(200);
    assert_eq!(
        channel.json["features"],
        json!({"read": true, "upload": true, "manage": false, "analytics": false})
    );
    let codes: Vec<&Value> = channel.json["attention"]
        .as_array()
        .unwrap()
        .iter()
        .map(|need| &need["code"])
        .collect();
    assert_eq!(
        codes,
        ["permission_manage_missing", "permission_analytics_missing"]
    );
}

#[tokio::test]
async fn a_state_belongs_to_the_user_who_started_it() {
    let creator = Creator::new().await;
    let thief = Creator::new().await;
    let account = Account::create(&json!({"generated": {"videos": 1, "seed": 1}})).await;
    let page = creator.begin(&json!({})).await;
    let back = creator.approve(&page, &account.name).await;
    let with = |token: &str| {
        client()
            .get(&back)
            .header("accept", "application/json")
            .bearer_auth(token)
    };
    assert_problem(
        &Answer::of(with(&thief.user.access_token)).await,
        400,
        "state_expired",
    );
    assert_problem(&Answer::of(with("not.a.token")).await, 401, "token_invalid");
    let channel = Answer::of(with(&creator.user.access_token))
        .await
        .status(200);
    assert_eq!(
        channel.json["youtube_channel_id"],
        account.youtube_channel_id
    );
}

#[tokio::test]
async fn tokens_of_google_are_stored_encrypted_only() {
    let creator = Creator::new().await;
    let account = creator.connect(1).await;
    let stored = creator.stack.sql(&format!(
        "select refresh_token || ' ' || access_token from private.channel_credentials where channel_id = '{}'", account.channel()
    ));
    assert!(
        stored.split(' ').all(|token| token.starts_with("v1.")),
        "{stored}"
    );
    assert!(!stored.contains("fake-"), "{stored}");
}

// ------------------------------------------------------------------------------------------------------------ the end --

#[tokio::test]
async fn disconnecting_revokes_at_google_and_erases() {
    let creator = Creator::new().await;
    let account = creator.connect(10).await;
    creator.synced(account.channel(), &["idle"]).await;
    let path = format!("/api/channels/{}", account.channel());
    creator.user.api.delete(&path).await.status(204);
    assert_problem(&creator.user.api.get(&path).await, 404, "not_found");
    assert_problem(&creator.user.api.delete(&path).await, 404, "not_found");
    assert_eq!(live_grants(&account).await, 0);
    assert_eq!(
        creator.count(&format!(
            "select count(*) from public.videos where channel_id = '{}'",
            account.channel()
        )),
        0
    );
    let anew = creator.consent(&account.name, &json!({})).await.status(200);
    assert_eq!(anew.id(), account.channel().to_string());
}

#[tokio::test]
async fn an_erasure_that_google_delays_is_finished_in_the_background() {
    let creator = Creator::new().await;
    let account = creator.connect(2).await;
    let path = format!("/api/channels/{}", account.channel());
    account
        .fault(
            StandIn::Google,
            json!({"operation": "revoke", "error": "unavailable", "times": 4}),
        )
        .await;
    let answer = creator.user.api.delete(&path).await;
    assert!(matches!(answer.status, 202 | 204), "{answer}");
    until(
        "the end of the erasure",
        Duration::from_secs(60),
        async || {
            creator.stack.dispatch().await;
            let answer = creator.user.api.get(&path).await;
            if answer.status == 404 {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        },
    )
    .await;
    assert_eq!(live_grants(&account).await, 0);
}
