//! A file of 200 MB from the render service to YouTube, both stand-ins, beside a bare copy of the same bytes.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use serde_json::json;
use stack::{api_client, controls};
use uuid::Uuid;

use super::bare_copy::{self, ACCOUNT, BYTES};
use super::dispatcher::{DISPATCHER, wake};
use super::report::Report;
use super::routes;
use super::row::{Bound, Row};
use super::runs::Runs;
use super::server::{Server, Side};
use super::testbed::Testbed;
use crate::video_request::video_request;

const RUNS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(60);
const WAKE_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn measure(testbed: &Testbed, report: &mut Report) -> Result {
    let channel = prepare(testbed).await?;
    let server = Server::start(testbed, Side::Ours, DISPATCHER).await?;
    let (mut ours, mut bare) = (Runs::default(), Runs::default());
    for _ in 0..RUNS {
        let render = render(testbed, &server, channel).await?;
        ours.push(publish(testbed, &server, render).await?);
        bare.push(bare_copy::measure(testbed, render).await?);
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
    let plenty = 1_000_000_000;
    controls::set(
        &testbed.addresses.youtube,
        "knobs",
        json!({"quota_units": plenty, "quota_uploads": plenty, "processing_polls": 0}),
    )
    .await?;
    controls::set(
        &testbed.addresses.revid,
        "knobs",
        json!({"file_bytes": BYTES, "ready_after_real_ms": 1}),
    )
    .await?;
    controls::create_account(
        &testbed.addresses.google,
        ACCOUNT,
        json!({"title": "Publish", "rows": []}),
    )
    .await?;
    let channel = testbed.user.connect(ACCOUNT).await?;
    testbed.stop_scheduler().await?;
    testbed.allow_any_schedule(channel).await?;
    Ok(channel)
}

/// A finished render of a large file.
async fn render(testbed: &Testbed, server: &Server, channel: Uuid) -> Result<Uuid> {
    let render: Uuid = sqlx::query_scalar("select bench.ask_for_render($1, $2, $3, $4)")
        .bind(channel)
        .bind(testbed.user.id())
        .bind(format!("mark{}", Uuid::new_v4().simple()))
        .bind(sqlx::types::Json(video_request()))
        .fetch_one(&testbed.database)
        .await
        .map_err(Error::database("cannot ask for a render"))?;
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
    let wake = wake(testbed);
    let mut connection = server.connect().await?;
    let (began, mut woken) = (Instant::now(), Instant::now());
    connection.expect(&wake).await?;
    while began.elapsed() < PATIENCE {
        let so: Option<bool> = sqlx::query_scalar(question)
            .bind(id)
            .fetch_optional(&testbed.database)
            .await
            .map_err(Error::database(question))?;
        if so == Some(true) {
            return Ok(());
        }
        if woken.elapsed() > WAKE_EVERY {
            woken = Instant::now();
            connection.expect(&wake).await?;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(Error::setup(
        format!("not so within {} s: {question}", PATIENCE.as_secs()),
        id.to_string(),
    ))
}
