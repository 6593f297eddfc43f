//! A file of 200 MB from the render service to YouTube, both stand-ins, beside a bare copy of the same bytes.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use futures_util::StreamExt;
use serde_json::json;
use sqlx::types::Json;
use stack::{api_client, controls, http_client};
use uuid::Uuid;

use super::row::{Bound, Row, Runs};
use super::server::{Server, Side};
use super::{report::Report, routes, testbed::Testbed};
use crate::database::{rows, value};
use crate::patience::until;
use crate::stand_ins::{connect, lift_quota, list, turn, video_request};

/// The account whose channel is published to.
const ACCOUNT: &str = "bench-publish";
/// The size of the file.
const BYTES: u64 = 200_000_000;
const RUNS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(60);
const WAKE_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    let channel = prepare(testbed).await?;
    let server = Server::start(testbed, Side::Ours, routes::DISPATCHER).await?;
    let (mut ours, mut bare) = (Runs::default(), Runs::default());
    for _ in 0..RUNS {
        let render = render(testbed, &server, channel).await?;
        ours.push(publish(testbed, &server, render).await?);
        bare.push(copy(testbed, render).await?);
    }
    let memory = Runs::once(server.memory_peak());
    server.stop().await;
    report.add(
        Row::new("publish of a file of 200 MB", "MB/s", ours)
            .limit(bare)
            .must(Bound::LimitAtLeast(0.7))
            .note("from the wake-up to the last byte; limit: a download streamed into one upload session"),
    );
    report.add(
        Row::new("publish: the most memory of the dispatcher", "MB", memory)
            .must(Bound::AtMost(32.0)),
    );
    Ok(())
}

/// A channel to publish to, and stand-ins that render large files at once and refuse no upload.
async fn prepare(testbed: &Testbed) -> Result<Uuid> {
    let addresses = &testbed.addresses;
    lift_quota(&addresses.youtube, 0).await?;
    let renders = json!({"file_bytes": BYTES, "ready_after_real_ms": 1});
    turn(&addresses.revid, renders).await?;
    let channel = json!({"title": "Publish", "rows": []});
    let channel = connect(addresses, &testbed.user, ACCOUNT, channel).await?;
    testbed.stop_scheduler().await?;
    testbed.allow_any_schedule(channel).await?;
    Ok(channel)
}

/// A finished render of a large file.
async fn render(testbed: &Testbed, server: &Server, channel: Uuid) -> Result<Uuid> {
    let mark = format!("mark{}", Uuid::new_v4().simple());
    let wanted = (channel, testbed.user.id(), mark, Json(video_request()));
    let ask = "select rig.ask_for_render($1, $2, $3, $4)";
    let render = value(&testbed.database, ask, wanted).await?;
    let ready = "select state = 'ready' from public.renders where id = $1";
    wake_until(testbed, server, ready, render).await?;
    Ok(render)
}

/// Schedules the render and lets it be uploaded: MB a second from the wake-up to the end of the session.
async fn publish(testbed: &Testbed, server: &Server, render: Uuid) -> Result<f64> {
    let upload = testbed
        .user
        .post("/api/schedule", routes::entry(render))
        .await?;
    let uploaded =
        "select youtube_video_id is not null from public.scheduled_uploads where id = $1";
    let began = Instant::now();
    wake_until(testbed, server, uploaded, api_client::id(&upload)?).await?;
    Ok(BYTES as f64 / 1e6 / began.elapsed().as_secs_f64())
}

/// Wakes the dispatcher until the database says that something is so.
async fn wake_until(
    testbed: &Testbed,
    server: &Server,
    question: &'static str,
    id: Uuid,
) -> Result {
    let wake = routes::wake(testbed);
    let mut connection = server.connect().await?;
    connection.expect(&wake).await?;
    let mut woken = Instant::now();
    until(question, PATIENCE, Duration::from_millis(5), async || {
        if woken.elapsed() > WAKE_EVERY {
            woken = Instant::now();
            connection.expect(&wake).await?;
        }
        let found: Vec<(bool,)> = rows(&testbed.database, question, (id,)).await?;
        Ok(found == [(true,)])
    })
    .await
}

/// MB a second of the same bytes streamed into an upload session, with nothing in between.
async fn copy(testbed: &Testbed, render: Uuid) -> Result<f64> {
    let http = http_client::with_timeout(Duration::from_secs(90))?;
    let url = file_of(testbed, render).await?;
    let token = access_token(testbed, &http).await?;
    let session = open_session(testbed, &http, &token).await?;
    let broken = |error: reqwest::Error| Error::setup("the bare copy broke off", error.to_string());
    let began = Instant::now();
    let download = http.get(url).send().await.map_err(broken)?;
    let stream = download
        .bytes_stream()
        .map(|piece| piece.map_err(std::io::Error::other));
    let upload = http
        .put(session)
        .bearer_auth(token)
        .header("content-length", BYTES)
        .header("content-type", "video/mp4")
        .header("content-range", format!("bytes 0-{}/{BYTES}", BYTES - 1))
        .body(reqwest::Body::wrap_stream(stream));
    http_client::send(upload).await?;
    Ok(BYTES as f64 / 1e6 / began.elapsed().as_secs_f64())
}

/// Where the render service has the file.
async fn file_of(testbed: &Testbed, render: Uuid) -> Result<String> {
    let job = "select provider_job_id from public.renders where id = $1";
    let job: String = value(&testbed.database, job, (render,)).await?;
    let state = controls::state(&testbed.addresses.revid).await?;
    let render = list(&state, "renders")
        .iter()
        .find(|render| render["pid"] == job.as_str());
    let url = render.and_then(|render| render["video_url"].as_str());
    url.map(str::to_owned)
        .ok_or_else(|| Error::setup("the render is not at the stand-in", job))
}

/// The address of a new upload session.
async fn open_session(testbed: &Testbed, http: &reqwest::Client, token: &str) -> Result<String> {
    let youtube = &testbed.addresses.youtube;
    let answer = http
        .post(format!("{youtube}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status"))
        .bearer_auth(token)
        .header("x-upload-content-length", BYTES)
        .header("x-upload-content-type", "video/mp4")
        .json(&json!({
            "snippet": {"title": "A bare copy", "categoryId": "22"}, "status": {"privacyStatus": "private", "selfDeclaredMadeForKids": false},
        }))
        .send()
        .await
        .map_err(|error| Error::setup("no upload session", error.to_string()))?;
    http_client::location(&answer)
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::setup("no upload session", answer.status().to_string()))
}

/// An access token of the account, by a consent whose code is exchanged here instead of by the product.
async fn access_token(testbed: &Testbed, http: &reqwest::Client) -> Result<String> {
    turn(
        &testbed.addresses.google,
        json!({"account": ACCOUNT, "enforce_pkce": false}),
    )
    .await?;
    let consent = testbed.user.consent(ACCOUNT).await?;
    let (redirect, query) = consent.split_once('?').unwrap_or((&consent, ""));
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let code = pairs
        .into_iter()
        .find(|(name, _)| name == "code")
        .unwrap_or_default()
        .1;
    let exchange = http
        .post(format!("{}/token", testbed.variable("GOOGLE_OAUTH_URL")))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect),
            ("client_id", testbed.variable("GOOGLE_CLIENT_ID")),
            ("client_secret", testbed.variable("GOOGLE_CLIENT_SECRET")),
        ]);
    let answer = http_client::send(exchange).await?;
    let token = answer["access_token"].as_str().map(str::to_owned);
    token.ok_or_else(|| Error::setup("no access token", answer.to_string()))
}
