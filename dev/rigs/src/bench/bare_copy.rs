//! The bytes of a render's file streamed into an upload session, with nothing in between.

use std::time::{Duration, Instant};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use catalyst_cli::error::{Error, Result};
use futures_util::StreamExt;
use serde_json::json;
use stack::{controls, http_client};
use uuid::Uuid;

use super::testbed::Testbed;

/// The account whose channel is published to.
pub(super) const ACCOUNT: &str = "bench-publish";
/// The size of the file.
pub(super) const BYTES: u64 = 200_000_000;
const TIMEOUT: Duration = Duration::from_secs(90);

/// MB a second of one copy.
pub(super) async fn measure(testbed: &Testbed, render: Uuid) -> Result<f64> {
    let http = http_client::with_timeout(TIMEOUT)?;
    let url = file_of(testbed, render).await?;
    let token = access_token(testbed, &http).await?;
    let session = open_session(testbed, &http, &token).await?;
    let began = Instant::now();
    let download = http
        .get(url)
        .send()
        .await
        .map_err(|error| Error::setup("the bare copy broke off", error.to_string()))?;
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
    let job: String =
        sqlx::query_scalar("select provider_job_id from public.renders where id = $1")
            .bind(render)
            .fetch_one(&testbed.database)
            .await
            .map_err(Error::database("cannot read the render"))?;
    let state = controls::state(&testbed.addresses.revid).await?;
    state["renders"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|render| render["pid"] == job.as_str())
        .and_then(|render| render["video_url"].as_str())
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::setup("the render is not at the stand-in", job))
}

/// The address of a new upload session.
async fn open_session(testbed: &Testbed, http: &reqwest::Client, token: &str) -> Result<String> {
    let url = format!(
        "{}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status",
        testbed.addresses.youtube
    );
    let answer = http
        .post(url)
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

/// An access token of the account, by a consent of its own.
async fn access_token(testbed: &Testbed, http: &reqwest::Client) -> Result<String> {
    let verifier = Uuid::new_v4().simple().to_string().repeat(2);
    let redirect = format!("{}/api/channels/callback", testbed.addresses.api);
    let code = authorization_code(testbed, http, &verifier, &redirect).await?;
    let exchange = http
        .post(format!("{}/token", testbed.variable("GOOGLE_OAUTH_URL")))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &redirect),
            ("client_id", testbed.variable("GOOGLE_CLIENT_ID")),
            ("client_secret", testbed.variable("GOOGLE_CLIENT_SECRET")),
            ("code_verifier", &verifier),
        ]);
    let answer = http_client::send(exchange).await?;
    answer["access_token"]
        .as_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::setup("no access token", answer.to_string()))
}

async fn authorization_code(
    testbed: &Testbed,
    http: &reqwest::Client,
    verifier: &str,
    redirect: &str,
) -> Result<String> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest);
    let scope =
        "https://www.googleapis.com/auth/youtube.upload https://www.googleapis.com/auth/youtube";
    let consent = http
        .get(format!("{}/o/oauth2/v2/auth", testbed.addresses.google))
        .query(&[
            ("client_id", testbed.variable("GOOGLE_CLIENT_ID")),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("scope", scope),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("state", "bench"),
            ("login_hint", ACCOUNT),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .send()
        .await
        .map_err(|error| Error::setup("consent does not answer", error.to_string()))?;
    let back = http_client::location(&consent).and_then(|url| url::Url::parse(url).ok());
    back.as_ref()
        .and_then(|url| url.query_pairs().find(|(name, _)| name == "code"))
        .map(|(_, code)| code.into_owned())
        .ok_or_else(|| Error::setup("consent gave no code", consent.status().to_string()))
}
