//! Starting the stand-ins and speaking to them.

use std::time::Duration;

use fakes::{Clock, Fakes, FakesOptions, Urls};
use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

pub(crate) const ALL: &str = "https://www.googleapis.com/auth/youtube.readonly https://www.googleapis.com/auth/youtube.upload \
     https://www.googleapis.com/auth/youtube.force-ssl https://www.googleapis.com/auth/yt-analytics.readonly";
pub(crate) const REDIRECT: &str = "http://localhost:3000/api/channels/callback";

/// The stand-ins and a client.
pub(crate) struct Stand {
    pub(crate) fakes: Fakes,
    pub(crate) urls: Urls,
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Clock,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
    /// The reason in the shape of the Data API.
    pub(crate) fn reason(&self) -> String {
        self.json()["error"]["errors"][0]["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.expect("an answer")
}

pub(crate) async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer {
        status,
        headers,
        text: response.text().await?,
    })
}

impl Stand {
    pub(crate) async fn start() -> Self {
        let clock = Clock::new();
        let fakes = Fakes::start(FakesOptions {
            clock: clock.clone(),
            seed: 1,
            ..FakesOptions::default()
        })
        .await
        .expect("the stand-ins start");
        Self {
            urls: fakes.urls(),
            fakes,
            http: fakes::http_client().expect("a client"),
            clock,
        }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn post(&self, url: String, body: Value) -> Answer {
        send(self.http.post(url).json(&body)).await
    }

    pub(crate) async fn fault(&self, base: &str, body: Value) {
        let answer = self.post(format!("{base}/_control/faults"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }

    pub(crate) async fn knobs(&self, base: &str, body: Value) {
        let answer = self.post(format!("{base}/_control/knobs"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub(crate) async fn account(&self, body: Value) -> Value {
        let answer = self
            .post(format!("{}/_control/accounts", self.urls.google), body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn state(&self, base: &str) -> Value {
        send(self.http.get(format!("{base}/_state"))).await.json()
    }

    /// The consent page's answer.
    pub(crate) async fn consent(
        &self,
        account: &str,
        scope: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let mut query = vec![
            ("client_id", "client"),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", scope),
            ("access_type", "offline"),
            ("state", "s t"),
            ("login_hint", account),
        ];
        for (name, value) in more {
            query.retain(|(known, _)| known != name);
            query.push((name, value));
        }
        send(
            self.http
                .get(format!("{}/o/oauth2/v2/auth", self.urls.google))
                .query(&query),
        )
        .await
    }

    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        send(
            self.http
                .post(format!("{}/token", self.urls.google))
                .form(fields),
        )
        .await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "client"),
            ("client_secret", "x"),
            ("redirect_uri", REDIRECT),
        ])
        .await
    }

    /// Consents and returns `(access token, refresh token)`.
    pub(crate) async fn connect(&self, account: &str, scope: &str) -> (String, String) {
        let consent = self.consent(account, scope, &[("prompt", "consent")]).await;
        let tokens = self.exchange(&code(&consent)).await.json();
        let text = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    pub(crate) async fn youtube(&self, token: &str, path: &str) -> Answer {
        send(
            self.http
                .get(format!("{}/youtube/v3/{path}", self.urls.youtube))
                .bearer_auth(token),
        )
        .await
    }

    pub(crate) async fn start_upload(&self, token: &str, size: u64, metadata: &Value) -> Answer {
        let url = format!(
            "{}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status",
            self.urls.youtube
        );
        let request = self
            .http
            .post(url)
            .bearer_auth(token)
            .header("x-upload-content-length", size)
            .header("x-upload-content-type", "video/mp4");
        send(request.json(metadata)).await
    }

    /// Opens a session for a private video and returns its URI.
    pub(crate) async fn session(&self, token: &str, size: u64) -> String {
        let answer = self
            .start_upload(
                token,
                size,
                &json!({"snippet": {"title": "A test"}, "status": {"privacyStatus": "private"}}),
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.header("location").expect("a session URI").to_owned()
    }

    pub(crate) fn put(
        &self,
        token: &str,
        uri: &str,
        bytes: &[u8],
        first: u64,
        total: u64,
    ) -> RequestBuilder {
        let last = first + bytes.len() as u64 - 1;
        self.http
            .put(uri)
            .bearer_auth(token)
            .header("content-range", format!("bytes {first}-{last}/{total}"))
            .body(bytes.to_vec())
    }

    pub(crate) async fn ask(&self, token: &str, uri: &str, total: u64) -> Answer {
        send(
            self.http
                .put(uri)
                .bearer_auth(token)
                .header("content-range", format!("bytes */{total}"))
                .header("content-length", 0),
        )
        .await
    }
}

/// The code in a redirect.
pub(crate) fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = url::Url::parse(answer.header("location").expect("a redirect")).expect("a URL");
    let code = location
        .query_pairs()
        .find(|(name, _)| name == "code")
        .map(|(_, value)| value.into_owned());
    code.unwrap_or_else(|| panic!("no code in {location}"))
}

/// Bytes that differ from place to place.
pub(crate) fn bytes(n: usize) -> Vec<u8> {
    (0..n).map(|at| (at * 31 % 251) as u8).collect()
}
