//! Starting the stand-ins and speaking to them.

use std::time::Duration;

use fakes::{Clock, Fakes, FakesOptions, Service, Urls};
use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

pub(crate) const ALL: &str = "https://www.googleapis.com/auth/youtube.readonly https://www.googleapis.com/auth/youtube.upload \
     https://www.googleapis.com/auth/youtube.force-ssl https://www.googleapis.com/auth/yt-analytics.readonly";
pub(crate) const REDIRECT: &str = "http://localhost:3000/api/channels/callback";

/// The stand-ins and a client.
pub(crate) struct Servers {
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
        self.headers.get(name)?.to_str().ok()
    }

    /// The reason of a refusal in the shape of the Data API.
    pub(crate) fn reason(&self) -> String {
        text(&self.json()["error"]["errors"][0]["reason"]).to_owned()
    }

    #[track_caller]
    pub(crate) fn assert_oauth_error(&self, status: u16, error: &str, description: &str) {
        let body = json!({"error": error, "error_description": description});
        assert_eq!((self.status, self.json()), (status, body));
    }

    /// Checks status and reason of a refusal in the shape of the Data API.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, reason: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.reason(), reason);
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

/// The stand-ins, with an access token of the account `creator`.
pub(crate) async fn creator() -> (Servers, String) {
    let servers = Servers::start().await;
    let (token, _) = servers.connect("creator", ALL).await;
    (servers, token)
}

/// The metadata of a private video.
pub(crate) fn private(title: &str) -> Value {
    json!({"snippet": {"title": title}, "status": {"privacyStatus": "private"}})
}

/// The text that JSON holds.
pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
}

/// The list that JSON holds.
pub(crate) fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {value}"))
}

impl Servers {
    pub(crate) async fn start() -> Self {
        Self::start_with(FakesOptions {
            seed: 1,
            ..FakesOptions::default()
        })
        .await
    }

    pub(crate) async fn start_with(options: FakesOptions) -> Self {
        let fakes = Fakes::start(options).await.expect("the stand-ins start");
        let http = fakes::http_client().expect("a client");
        Self {
            urls: fakes.urls(),
            clock: fakes.clock(),
            fakes,
            http,
        }
    }

    pub(crate) fn base(&self, service: Service) -> &str {
        match service {
            Service::Google => &self.urls.google,
            Service::Youtube => &self.urls.youtube,
            Service::Gemini => &self.urls.gemini,
            Service::Revid => &self.urls.revid,
            Service::Slack => &self.urls.slack,
        }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn get(&self, url: impl AsRef<str>) -> Answer {
        send(self.http.get(url.as_ref())).await
    }

    pub(crate) async fn post(&self, url: impl AsRef<str>, body: Value) -> Answer {
        send(self.http.post(url.as_ref()).json(&body)).await
    }

    pub(crate) async fn control(&self, service: Service, path: &str, body: Value) -> Answer {
        self.post(format!("{}/_control/{path}", self.base(service)), body)
            .await
    }

    pub(crate) async fn fault(&self, service: Service, body: Value) {
        let answer = self.control(service, "faults", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }

    pub(crate) async fn knobs(&self, service: Service, body: Value) {
        let answer = self.control(service, "knobs", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Sets YouTube's knobs for the account `creator`.
    pub(crate) async fn creator_knobs(&self, mut knobs: Value) {
        knobs["account"] = json!("creator");
        self.knobs(Service::Youtube, knobs).await;
    }

    pub(crate) async fn account(&self, body: Value) -> Value {
        let answer = self.control(Service::Google, "accounts", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn state(&self, service: Service) -> Value {
        self.get(format!("{}/_state", self.base(service)))
            .await
            .json()
    }

    pub(crate) async fn calls(&self, service: Service, query: &str) -> Answer {
        self.get(format!("{}/_control/calls?{query}", self.base(service)))
            .await
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

    /// The answer of the token endpoint after a consent to everything.
    pub(crate) async fn granted(&self, account: &str, more: &[(&str, &str)]) -> Answer {
        self.exchange(&code(&self.consent(account, ALL, more).await))
            .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", "client"),
        ])
        .await
    }

    /// A new access token.
    pub(crate) async fn renewed(&self, refresh: &str) -> String {
        text(&self.refresh(refresh).await.json()["access_token"]).to_owned()
    }

    /// Consents and returns `(access token, refresh token)`.
    pub(crate) async fn connect(&self, account: &str, scope: &str) -> (String, String) {
        let consent = self.consent(account, scope, &[("prompt", "consent")]).await;
        let tokens = self.exchange(&code(&consent)).await.json();
        let text = |name: &str| text(&tokens[name]).to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// Makes another account and returns its access token.
    pub(crate) async fn another(&self, account: &str) -> String {
        self.account(json!({"account": account})).await;
        self.connect(account, ALL).await.0
    }

    pub(crate) async fn youtube(&self, token: &str, path: impl AsRef<str>) -> Answer {
        let url = format!("{}/youtube/v3/{}", self.urls.youtube, path.as_ref());
        send(self.http.get(url).bearer_auth(token)).await
    }

    /// A page of a playlist.
    pub(crate) async fn playlist(&self, token: &str, playlist: &str, query: &str) -> Answer {
        self.youtube(
            token,
            format!("playlistItems?playlistId={playlist}&{query}"),
        )
        .await
    }

    /// The first of the items that YouTube lists.
    pub(crate) async fn first_item(&self, token: &str, path: impl AsRef<str>) -> Value {
        self.youtube(token, path).await.json()["items"][0].take()
    }

    /// The id of the uploads playlist.
    pub(crate) async fn uploads(&self, token: &str) -> String {
        let channel = self
            .first_item(token, "channels?part=contentDetails&mine=true")
            .await;
        text(&channel["contentDetails"]["relatedPlaylists"]["uploads"]).to_owned()
    }

    /// The ids of all videos in the uploads, newest first.
    pub(crate) async fn upload_ids(&self, token: &str) -> Vec<String> {
        let playlist = self.uploads(token).await;
        let mut ids = Vec::new();
        let mut page = String::new();
        loop {
            let query = format!("part=contentDetails&maxResults=50&pageToken={page}");
            let body = self.playlist(token, &playlist, &query).await.json();
            let id = |item: &Value| text(&item["contentDetails"]["videoId"]).to_owned();
            ids.extend(list(&body["items"]).iter().map(id));
            match body["nextPageToken"].as_str() {
                Some(next) => page = next.to_owned(),
                None => return ids,
            }
        }
    }

    pub(crate) async fn start_upload(&self, token: &str, size: u64, metadata: &Value) -> Answer {
        let path = "upload/youtube/v3/videos?uploadType=resumable&part=snippet,status";
        let request = self
            .http
            .post(format!("{}/{path}", self.urls.youtube))
            .bearer_auth(token)
            .header("x-upload-content-length", size)
            .header("x-upload-content-type", "video/mp4");
        send(request.json(metadata)).await
    }

    /// Opens a session for a private video and returns its URI.
    pub(crate) async fn session(&self, token: &str, size: u64) -> String {
        let answer = self.start_upload(token, size, &private("A test")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.header("location").expect("a session URI").to_owned()
    }

    /// The request that sends bytes of a file, beginning with the `first` one.
    pub(crate) fn put(
        &self,
        token: &str,
        uri: &str,
        bytes: &[u8],
        first: usize,
        total: usize,
    ) -> RequestBuilder {
        let last = first + bytes.len() - 1;
        self.http
            .put(uri)
            .bearer_auth(token)
            .header("content-range", format!("bytes {first}-{last}/{total}"))
            .body(bytes.to_vec())
    }

    /// The answer to a status query.
    pub(crate) async fn ask(&self, token: &str, uri: &str, total: usize) -> Answer {
        let request = self.http.put(uri).bearer_auth(token);
        let request = request.header("content-range", format!("bytes */{total}"));
        send(request.header("content-length", 0)).await
    }

    /// Uploads a file of a thousand bytes and returns the video.
    pub(crate) async fn upload(&self, token: &str, metadata: &Value) -> Value {
        let start = self.start_upload(token, 1_000, metadata).await;
        assert_eq!(start.status, 200, "{}", start.text);
        let uri = start.header("location").expect("a session URI");
        send(self.put(token, uri, &bytes(1_000), 0, 1_000))
            .await
            .json()
    }

    /// The videos that were uploaded.
    pub(crate) async fn created(&self) -> Vec<Value> {
        list(&self.state(Service::Youtube).await["videos_created"]).to_vec()
    }
}

/// The code in a redirect.
pub(crate) fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = url::Url::parse(answer.header("location").expect("a redirect")).expect("a URL");
    let code = location.query_pairs().find(|(name, _)| name == "code");
    code.unwrap_or_else(|| panic!("no code in {location}"))
        .1
        .into_owned()
}

/// Bytes that differ from place to place.
pub(crate) fn bytes(n: usize) -> Vec<u8> {
    (0..n).map(|at| (at * 31 % 251) as u8).collect()
}
