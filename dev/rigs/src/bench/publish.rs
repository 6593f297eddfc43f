//! A file of 200 MB from the render service to YouTube, both stand-ins, beside a bare copy of the same bytes.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::report::{Must, Report, Row, Runs};
use super::server::{Function, Server, Side};
use super::sync;
use super::testbed::{Testbed, call};
use super::wire::Request;
use crate::rig;

const RUNS: usize = 7;
const BYTES: u64 = 200_000_000;
const PATIENCE: Duration = Duration::from_secs(60);
const DISPATCHER: Function = Function {
    binary: "api_cron",
    peer: "",
};

pub(super) async fn measure(bed: &Testbed, report: &mut Report) -> Result {
    let knobs = |service: &str| format!("{service}/_control/knobs");
    let plenty = 1_000_000_000;
    let (youtube, revid) = (&bed.addresses.youtube, &bed.addresses.revid);
    bed.control(
        knobs(youtube),
        json!({"quota_units": plenty, "quota_uploads": plenty, "processing_polls": 0}),
    )
    .await?;
    bed.control(
        knobs(revid),
        json!({"file_bytes": BYTES, "ready_after_real_ms": 1}),
    )
    .await?;
    let channel = sync::connect(
        bed,
        "bench-publish",
        json!({"title": "Publish", "rows": []}),
    )
    .await?;
    let channel: Uuid = channel
        .parse()
        .map_err(|_| Error::setup("a channel without an id", channel.clone()))?;
    bed.be_quiet().await?;
    sqlx::query("update public.channels set minimum_gap_minutes = 0 where id = $1")
        .bind(channel)
        .execute(&bed.database)
        .await
        .map_err(Error::database("cannot prepare the channel"))?;

    let server = Server::start(bed, Side::Ours, DISPATCHER).await?;
    let (mut ours, mut bare) = (Runs::default(), Runs::default());
    for _ in 0..RUNS {
        let render = render(bed, &server, channel).await?;
        ours.push(publish(bed, &server, render).await?);
        bare.push(copy(bed, render).await?);
    }
    let memory = server.memory_peak();
    server.stop().await;
    report.add(
        Row::new("publish of a file of 200 MB", "MB/s", ours)
            .limit(bare)
            .must(Must::LimitAtLeast(0.7))
            .note("from the wake-up to the last byte; limit: a download streamed into one upload session"),
    );
    report.add(
        Row::new(
            "publish: the most memory of the dispatcher",
            "MB",
            Runs::once(memory),
        )
        .must(Must::AtMost(32.0)),
    );
    Ok(())
}

/// A finished render of a large file.
async fn render(bed: &Testbed, server: &Server, channel: Uuid) -> Result<Uuid> {
    let request = rig::video_request();
    let render: Uuid = sqlx::query_scalar("select bench.ask_for_render($1, $2, $3, $4)")
        .bind(channel)
        .bind(bed.user.id)
        .bind(format!("mark{}", Uuid::new_v4().simple()))
        .bind(sqlx::types::Json(request))
        .fetch_one(&bed.database)
        .await
        .map_err(Error::database("cannot ask for a render"))?;
    until(
        bed,
        server,
        "select state = 'ready' from public.renders where id = $1",
        render,
    )
    .await?;
    Ok(render)
}

/// Schedules the render and lets it be uploaded: MB a second from the wake-up to the end of the session.
async fn publish(bed: &Testbed, server: &Server, render: Uuid) -> Result<f64> {
    let upload = bed
        .api(
            &bed.user,
            Method::POST,
            "/api/schedule",
            Some(super::routes::entry(render)),
        )
        .await?;
    let upload: Uuid = upload["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::setup("an upload without an id", upload.to_string()))?;
    let began = Instant::now();
    until(
        bed,
        server,
        "select youtube_video_id is not null from public.scheduled_uploads where id = $1",
        upload,
    )
    .await?;
    Ok(BYTES as f64 / 1e6 / began.elapsed().as_secs_f64())
}

/// Wakes the dispatcher until the database says that something is so.
async fn until(bed: &Testbed, server: &Server, question: &'static str, id: Uuid) -> Result {
    let secret = format!("Bearer {}", bed.variable("CRON_SECRET"));
    let wake = Request::new(
        "POST",
        "/api/cron/dispatch",
        &[("authorization", &secret)],
        b"{}",
    );
    let mut door = server.connect().await?;
    let (began, mut woken) = (Instant::now(), Instant::now());
    door.expect(&wake).await?;
    while began.elapsed() < PATIENCE {
        let so: Option<bool> = sqlx::query_scalar(question)
            .bind(id)
            .fetch_optional(&bed.database)
            .await
            .map_err(Error::database(question))?;
        if so == Some(true) {
            return Ok(());
        }
        if woken.elapsed() > Duration::from_millis(500) {
            woken = Instant::now();
            door.expect(&wake).await?;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(Error::setup(
        format!("not so within {} s: {question}", PATIENCE.as_secs()),
        id.to_string(),
    ))
}

/// The same bytes from the render's file into an upload session, streamed, with nothing in between.
async fn copy(bed: &Testbed, render: Uuid) -> Result<f64> {
    let job: String =
        sqlx::query_scalar("select provider_job_id from public.renders where id = $1")
            .bind(render)
            .fetch_one(&bed.database)
            .await
            .map_err(Error::database("cannot read the render"))?;
    let world = call(bed.http.get(format!("{}/_state", bed.addresses.revid))).await?;
    let url = world["renders"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|render| render["pid"] == job.as_str())
        .and_then(|render| render["video_url"].as_str())
        .ok_or_else(|| Error::setup("the render is not at the stand-in", job.clone()))?
        .to_owned();
    let token = token(bed).await?;
    let session = open_session(bed, &token).await?;
    let failed = |error: reqwest::Error| Error::setup("the bare copy broke off", error.to_string());
    let began = Instant::now();
    let download = bed.http.get(url).send().await.map_err(failed)?;
    let stream = download
        .bytes_stream()
        .map(|piece| piece.map_err(std::io::Error::other));
    let answer = bed
        .http
        .put(session)
        .bearer_auth(token)
        .header("content-length", BYTES)
        .header("content-type", "video/mp4")
        .header("content-range", format!("bytes 0-{}/{BYTES}", BYTES - 1))
        .body(reqwest::Body::wrap_stream(stream))
        .send()
        .await
        .map_err(failed)?;
    let (status, text) = (answer.status(), answer.text().await.map_err(failed)?);
    if !status.is_success() {
        return Err(Error::setup(
            format!("the bare copy was answered with {status}"),
            text,
        ));
    }
    Ok(BYTES as f64 / 1e6 / began.elapsed().as_secs_f64())
}

/// A session of the stand-in, opened with a token that it gives for a consent of its own.
async fn open_session(bed: &Testbed, token: &str) -> Result<String> {
    let answer = bed
        .http
        .post(format!(
            "{}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status",
            bed.addresses.youtube
        ))
        .bearer_auth(token)
        .header("x-upload-content-length", BYTES)
        .header("x-upload-content-type", "video/mp4")
        .json(&json!({
            "snippet": {"title": "A bare copy", "categoryId": "22"}, "status": {"privacyStatus": "private", "selfDeclaredMadeForKids": false},
        }))
        .send()
        .await
        .map_err(|error| Error::setup("no upload session", error.to_string()))?;
    let location = answer
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    match location {
        Some(location) => Ok(location),
        None => Err(Error::setup(
            "no upload session",
            answer.text().await.unwrap_or_default(),
        )),
    }
}

/// An access token of the account whose channel is published to.
async fn token(bed: &Testbed) -> Result<String> {
    let scope =
        "https://www.googleapis.com/auth/youtube.upload https://www.googleapis.com/auth/youtube";
    let verifier = Uuid::new_v4().simple().to_string().repeat(2);
    let challenge = {
        use base64::Engine as _;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(digest)
    };
    let redirect = format!("{}/api/channels/callback", bed.addresses.api);
    let client = bed.variable("GOOGLE_CLIENT_ID").to_owned();
    let consent = bed
        .http
        .get(format!("{}/o/oauth2/v2/auth", bed.addresses.google))
        .query(&[
            ("client_id", client.as_str()),
            ("redirect_uri", &redirect),
            ("response_type", "code"),
            ("scope", scope),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("state", "bench"),
            ("login_hint", "bench-publish"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .send()
        .await
        .map_err(|error| Error::setup("consent does not answer", error.to_string()))?;
    let back = consent
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|url| url::Url::parse(url).ok());
    let code = back
        .as_ref()
        .and_then(|url| url.query_pairs().find(|(name, _)| name == "code"))
        .map(|(_, code)| code.into_owned());
    let Some(code) = code else {
        return Err(Error::setup(
            "consent gave no code",
            consent.text().await.unwrap_or_default(),
        ));
    };
    let answer: Value = call(
        bed.http
            .post(format!("{}/token", bed.variable("GOOGLE_OAUTH_URL")))
            .form(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", &redirect),
                ("client_id", &client),
                ("client_secret", bed.variable("GOOGLE_CLIENT_SECRET")),
                ("code_verifier", &verifier),
            ]),
    )
    .await?;
    answer["access_token"]
        .as_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::setup("no access token", answer.to_string()))
}
