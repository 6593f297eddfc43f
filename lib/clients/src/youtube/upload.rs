//! Resumable upload: open a session, send pieces, ask how far it has come.
//!
//! YouTube knows no idempotency key, so nothing here is ever repeated blindly. What comes back from a session is an
//! [`Outcome`]; on any doubt the session is asked ([`YouTube::ask_session`]) before another byte is sent, and the next
//! offset is taken from its answer, never from our own arithmetic.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{AccessToken, ApiError, Error, ErrorKind, SERVICE, YouTube, error, lenient::Item};
use crate::transport::{Answer, CallPolicy, DecodeError, TransportError};

/// Every piece but the last is a multiple of this many bytes.
pub const GRANULE: u64 = 262_144;

/// Longest time for one piece.
const PIECE_TIMEOUT: Duration = Duration::from_secs(120);

/// What a new video is told to be.
#[derive(Clone, Debug)]
pub struct NewVideo<'a> {
    /// Title.
    pub title: &'a str,
    /// Description.
    pub description: &'a str,
    /// Tags, our marker among them.
    pub tags: Vec<&'a str>,
    /// YouTube's category.
    pub category_id: &'a str,
    /// Language of title and description.
    pub language: Option<&'a str>,
    /// When YouTube shall publish it.
    pub publish_at: Timestamp,
    /// Whether it is made for kids.
    pub made_for_kids: bool,
    /// Whether it shows realistic altered or synthetic content.
    pub altered_content: bool,
    /// Whether subscribers are told when it is published.
    pub notify_subscribers: bool,
    /// Name of the file.
    pub file_name: &'a str,
    /// Media type of the file.
    pub content_type: &'a str,
    /// Size of the file.
    pub bytes_total: u64,
}

/// Address of an upload session. Who knows it can finish the upload, so it is shown nowhere.
#[derive(Clone, Debug)]
pub struct SessionUri(SecretString);

impl SessionUri {
    /// Wraps an address that was stored.
    #[must_use]
    pub fn new(uri: impl Into<SecretString>) -> Self {
        Self(uri.into())
    }

    /// The address itself, to be encrypted or asked.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What a session says about its upload.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It has everything before `next`.
    Incomplete {
        /// The first byte it does not have. Equal to the size when it has all bytes and is not done yet.
        next: u64,
        /// Its new address, if it gave one.
        moved: Option<SessionUri>,
    },
    /// The upload is complete and is this video.
    Complete {
        /// YouTube's id of the video.
        video: String,
    },
    /// The session is expired or unknown. This does not say that there is no video.
    Gone,
    /// The upload has failed for good; asking again gives the same answer.
    Permanent(ApiError),
    /// No answer, or one that passes: ask the session before anything else.
    Transient {
        /// How long YouTube asks to wait.
        after: Option<Duration>,
        /// A short name for logs and stored errors.
        code: String,
    },
    /// The access token is not accepted: refresh it, then ask the session.
    Unauthorized,
}

impl YouTube {
    /// Opens a session. Nothing of the file is sent, so a failure here, however it looks, has made no video.
    ///
    /// # Errors
    ///
    /// Refused metadata, an exhausted quota and the channel's own limit all show here, before the first byte.
    pub async fn start_upload(
        &self,
        token: &AccessToken,
        video: &NewVideo<'_>,
        deadline: Instant,
    ) -> Result<SessionUri, Error> {
        let policy = CallPolicy::unsafe_to_repeat(SERVICE, "videos.insert")
            .attempts(1)
            .deadline(deadline);
        let url = self.data_url("/upload/youtube/v3/videos");
        let body = resource(video).to_string();
        let answer = self
            .call(&policy, |http| {
                http.post(&url)
                    .query(&[
                        ("uploadType", "resumable"),
                        ("part", "snippet,status"),
                        (
                            "notifySubscribers",
                            if video.notify_subscribers {
                                "true"
                            } else {
                                "false"
                            },
                        ),
                    ])
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_TYPE, "application/json; charset=UTF-8")
                    .header("x-upload-content-length", video.bytes_total)
                    .header("x-upload-content-type", video.content_type)
                    .header("slug", video.file_name)
                    .body(body.clone())
            })
            .await?;
        let location = answer
            .headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        location
            .and_then(|location| self.session_uri(location))
            .ok_or_else(|| {
                Error::Decode(DecodeError {
                    path: "Location".into(),
                    line: 0,
                    column: 0,
                })
            })
    }

    /// Sends one piece of `range`, as it comes. All but the last must be a multiple of [`GRANULE`].
    ///
    /// # Panics
    ///
    /// When a piece that is not the last has another length, or reaches beyond the end: both would be bugs that could
    /// spoil the video.
    pub async fn send_piece<S, E>(
        &self,
        token: &AccessToken,
        session: &SessionUri,
        piece: S,
        range: Range<u64>,
        total: u64,
        deadline: Instant,
    ) -> Outcome
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let length = range.end - range.start;
        assert!(
            range.end <= total && length > 0,
            "a piece lies within the file"
        );
        assert!(
            range.end == total || length.is_multiple_of(GRANULE),
            "a piece is a multiple of 256 KiB"
        );
        let policy = piece_policy("videos.insert.piece", deadline);
        let range = format!("bytes {}-{}/{total}", range.start, range.end - 1);
        // There is one attempt, so the stream is asked for once.
        let piece = Mutex::new(Some(reqwest::Body::wrap_stream(piece)));
        let answer = self
            .transport()
            .call(&policy, |http| {
                let piece = piece.lock().unwrap_or_else(PoisonError::into_inner).take();
                http.put(session.expose())
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_LENGTH, length)
                    .header(header::CONTENT_RANGE, &range)
                    .body(piece.unwrap_or_default())
            })
            .await;
        self.outcome(answer, total)
    }

    /// Asks a session how far it has come. Changes nothing; a complete upload answers with its video again.
    pub async fn ask_session(
        &self,
        token: &AccessToken,
        session: &SessionUri,
        total: u64,
        deadline: Instant,
    ) -> Outcome {
        let policy = piece_policy("videos.insert.ask", deadline);
        let answer = self
            .transport()
            .call(&policy, |http| {
                http.put(session.expose())
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_LENGTH, 0)
                    .header(header::CONTENT_RANGE, format!("bytes */{total}"))
            })
            .await;
        self.outcome(answer, total)
    }

    fn outcome(&self, answer: Result<Answer, TransportError>, total: u64) -> Outcome {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return Outcome::Transient {
                    after: None,
                    code: error.kind().to_owned(),
                };
            }
        };
        let transient = |code: &str| Outcome::Transient {
            after: answer.retry_after(),
            code: code.to_owned(),
        };
        // The header stands where a proxy cannot pass a 308 on.
        let overridden = answer
            .headers
            .get("x-http-status-code-override")
            .is_some_and(|value| value == "308");
        if answer.status == StatusCode::PERMANENT_REDIRECT
            || (answer.status.is_success() && overridden)
        {
            let location = answer
                .headers
                .get(header::LOCATION)
                .and_then(|value| value.to_str().ok());
            let moved = location.map(|location| self.session_uri(location));
            return match (next_offset(&answer.headers, total), moved) {
                (Some(_), Some(None)) => transient("foreign_location"),
                (Some(next), moved) => Outcome::Incomplete {
                    next,
                    moved: moved.flatten(),
                },
                (None, _) => transient("unexpected_range"),
            };
        }
        if answer.status.is_success() {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            return match Item(&body).string("/id") {
                Some(video) => Outcome::Complete { video },
                None => transient("unexpected_answer"),
            };
        }
        let Some(error) = error::classify(&answer) else {
            return transient("unexpected_answer");
        };
        match (answer.status.as_u16(), error.kind) {
            (404 | 410, _) => Outcome::Gone,
            (_, ErrorKind::Unauthorized) => Outcome::Unauthorized,
            (300..=399, _) => transient("unexpected_redirect"),
            (_, kind) if kind.is_transient() => Outcome::Transient {
                after: error.retry_after,
                code: error.reason,
            },
            _ => Outcome::Permanent(error),
        }
    }

    /// A session's address is sent the access token, so it must be Google's (or where we were told YouTube is).
    fn session_uri(&self, location: &str) -> Option<SessionUri> {
        let url = Url::parse(location).ok()?;
        let home = Url::parse(&self.data_url("")).ok()?;
        let google = |host: &str| host == "googleapis.com" || host.ends_with(".googleapis.com");
        let host = url.host_str()?;
        let at_home =
            url.scheme() == home.scheme() && url.host() == home.host() && url.port() == home.port();
        (at_home || (url.scheme() == "https" && google(host)))
            .then(|| SessionUri::new(location.to_owned()))
    }
}

fn piece_policy(operation: &'static str, deadline: Instant) -> CallPolicy {
    CallPolicy::unsafe_to_repeat(SERVICE, operation)
        .attempts(1)
        .attempt_timeout(PIECE_TIMEOUT)
        .deadline(deadline)
}

fn resource(video: &NewVideo<'_>) -> Value {
    let mut snippet = json!({
        "title": video.title,
        "description": video.description,
        "tags": video.tags,
        "categoryId": video.category_id,
    });
    if let Some(language) = video.language {
        snippet["defaultLanguage"] = language.into();
    }
    json!({
        "snippet": snippet,
        "status": {
            // Left out, it would mean public.
            "privacyStatus": "private",
            "publishAt": super::manage::instant(video.publish_at),
            "selfDeclaredMadeForKids": video.made_for_kids,
            "containsSyntheticMedia": video.altered_content,
            "embeddable": true,
            "license": "youtube",
            "publicStatsViewable": true,
        },
    })
}

/// The first byte that is missing: after `Range: bytes=0-N`, or 0 when nothing is stored. None when it makes no sense.
fn next_offset(headers: &HeaderMap, total: u64) -> Option<u64> {
    let Some(range) = headers.get(header::RANGE) else {
        return Some(0);
    };
    let range = range.to_str().ok()?.trim();
    let last = range
        .strip_prefix("bytes=0-")
        .or_else(|| range.strip_prefix("bytes 0-"))?;
    let digits = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let next = last
        .parse::<u64>()
        .ok()
        .filter(|_| digits)?
        .checked_add(1)?;
    (next <= total).then_some(next)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::transport::Transport;

    const TOTAL: u64 = 2 * GRANULE + 5;

    fn piece(bytes: &'static [u8]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
        futures_util::stream::iter([Ok(Bytes::from_static(bytes))])
    }

    fn client(base: &str) -> YouTube {
        YouTube::at(Transport::new(), base.parse().unwrap())
    }

    fn judged(status: u16, headers: &[(&'static str, &str)], body: &str) -> Outcome {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: map,
            body: body.to_owned().into(),
            attempts: 1,
        };
        client("https://www.googleapis.com/").outcome(Ok(answer), TOTAL)
    }

    #[test]
    fn an_answer_says_where_to_go_on() {
        let full = format!("bytes=0-{}", TOTAL - 1);
        for (status, headers, expected) in [
            (308, vec![("range", "bytes=0-262143")], Some(GRANULE)),
            (308, vec![], Some(0)),
            (308, vec![("range", full.as_str())], Some(TOTAL)),
            (
                200,
                vec![
                    ("x-http-status-code-override", "308"),
                    ("range", "bytes=0-262143"),
                ],
                Some(GRANULE),
            ),
            // Beyond the end, from elsewhere, or not a number: not believed.
            (308, vec![("range", "bytes=0-9999999999")], None),
            (308, vec![("range", "bytes=5-262143")], None),
            (308, vec![("range", "bytes=0-")], None),
            (308, vec![("range", "bytes=0-+7")], None),
            (308, vec![("range", "bytes=0-18446744073709551615")], None),
        ] {
            match (judged(status, &headers, ""), expected) {
                (Outcome::Incomplete { next, moved: None }, Some(expected)) => {
                    assert_eq!(next, expected);
                }
                (Outcome::Transient { .. }, None) => {}
                other => panic!("{status} {headers:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_new_address_is_adopted_when_it_is_googles() {
        let moved = |location: &str| {
            judged(
                308,
                &[("range", "bytes=0-262143"), ("location", location)],
                "",
            )
        };
        match moved("https://upload.googleapis.com/x?upload_id=2") {
            Outcome::Incomplete {
                moved: Some(uri), ..
            } => assert!(uri.expose().ends_with("upload_id=2")),
            other => panic!("{other:?}"),
        }
        for foreign in [
            "https://example.com/x",
            "http://www.googleapis.com/x",
            "https://googleapis.com.example.com/",
            "nonsense",
        ] {
            assert!(
                matches!(moved(foreign), Outcome::Transient { .. }),
                "{foreign}"
            );
        }
    }

    #[test]
    fn every_answer_has_one_meaning() {
        let complete =
            r#"{"kind":"youtube#video","id":"abc","status":{"uploadStatus":"uploaded"}}"#;
        for status in [200, 201] {
            assert!(
                matches!(judged(status, &[], complete), Outcome::Complete { video } if video == "abc")
            );
        }
        assert!(matches!(judged(200, &[], "{}"), Outcome::Transient { .. }));
        assert!(matches!(
            judged(200, &[], "<html>"),
            Outcome::Transient { .. }
        ));
        assert!(matches!(judged(404, &[], "Not Found"), Outcome::Gone));
        assert!(matches!(judged(410, &[], ""), Outcome::Gone));
        assert!(matches!(judged(401, &[], ""), Outcome::Unauthorized));
        assert!(matches!(
            judged(307, &[("location", "https://www.googleapis.com/")], ""),
            Outcome::Transient { .. }
        ));
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert!(
                matches!(judged(status, &[], ""), Outcome::Transient { .. }),
                "{status}"
            );
        }
        match judged(503, &[("retry-after", "2")], "") {
            Outcome::Transient { after, .. } => assert_eq!(after, Some(Duration::from_secs(2))),
            other => panic!("{other:?}"),
        }
        let refused = r#"{"error":{"code":400,"errors":[{"reason":"invalidTitle"}]}}"#;
        assert!(
            matches!(judged(400, &[], refused), Outcome::Permanent(error) if error.reason == "invalidTitle")
        );
        let no_channel = r#"{"error":{"code":401,"errors":[{"reason":"youtubeSignupRequired"}]}}"#;
        assert!(matches!(
            judged(401, &[], no_channel),
            Outcome::Permanent(_)
        ));
        let day = r#"{"error":{"code":429,"message":"limit 'Video Uploads per day'","errors":[{"reason":"rateLimitExceeded"}]}}"#;
        assert!(
            matches!(judged(429, &[], day), Outcome::Permanent(error) if error.kind == ErrorKind::DailyQuota)
        );
    }

    proptest! {
        #[test]
        fn no_answer_breaks_the_reading(status in 200_u16..600, range in "\\PC{0,40}", body in "\\PC{0,80}") {
            if let Ok(value) = range.parse::<http::HeaderValue>() {
                let mut headers = HeaderMap::new();
                headers.insert(header::RANGE, value);
                let answer = Answer {
                    status: StatusCode::from_u16(status).unwrap(), headers, body: body.into(), attempts: 1,
                };
                if let Outcome::Incomplete { next, .. } = client("https://www.googleapis.com/").outcome(Ok(answer), TOTAL) {
                    prop_assert!(next <= TOTAL);
                }
            }
        }

        #[test]
        fn a_stored_range_is_read_back(last in 0_u64..TOTAL) {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, format!("bytes=0-{last}").parse().unwrap());
            prop_assert_eq!(next_offset(&headers, TOTAL), Some(last + 1));
        }
    }

    /// Answers each connection with the next text and keeps what was asked.
    async fn serve(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (sink, own) = (Arc::clone(&seen), address.clone());
        tokio::spawn(async move {
            for answer in answers {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 65536];
                let read = socket.read(&mut request).await.unwrap();
                sink.lock()
                    .unwrap()
                    .push(String::from_utf8_lossy(&request[..read]).into_owned());
                socket
                    .write_all(answer.replace("{own}", &own).as_bytes())
                    .await
                    .unwrap();
            }
        });
        (address, seen)
    }

    fn answer(head: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn on_the_wire_it_is_as_the_guide_says() {
        let (address, seen) = serve(vec![
            answer(
                "200 OK\r\nlocation: {own}/upload/youtube/v3/videos?upload_id=1",
                "",
            ),
            answer("308 Resume Incomplete\r\nrange: bytes=0-2", ""),
            answer("201 Created", r#"{"id":"abc"}"#),
        ])
        .await;
        let youtube = client(&address);
        let token = AccessToken::new("token".to_owned());
        let deadline = Instant::now() + Duration::from_secs(5);
        let video = NewVideo {
            title: "Title",
            description: "Text",
            tags: vec!["a", "cce-1"],
            category_id: "22",
            language: None,
            publish_at: "2026-12-01T15:00:00.4Z".parse().unwrap(),
            made_for_kids: false,
            altered_content: true,
            notify_subscribers: false,
            file_name: "cce-1.mp4",
            content_type: "video/mp4",
            bytes_total: 5,
        };
        let session = youtube
            .start_upload(&token, &video, deadline)
            .await
            .unwrap();
        let asked = youtube.ask_session(&token, &session, 5, deadline).await;
        assert!(
            matches!(asked, Outcome::Incomplete { next: 3, .. }),
            "{asked:?}"
        );
        let sent = youtube
            .send_piece(&token, &session, piece(b"45"), 3..5, 5, deadline)
            .await;
        assert!(matches!(sent, Outcome::Complete { .. }), "{sent:?}");
        assert!(!format!("{session:?}").contains("upload_id"));

        let seen = seen.lock().unwrap();
        assert!(seen[0].starts_with(
            "POST /upload/youtube/v3/videos?uploadType=resumable&part=snippet%2Cstatus&notifySubscribers=false HTTP/1.1"
        ));
        for expected in [
            "x-upload-content-length: 5",
            "x-upload-content-type: video/mp4",
            "slug: cce-1.mp4",
            r#""privacyStatus":"private""#,
            r#""publishAt":"2026-12-01T15:00:00Z""#,
            r#""selfDeclaredMadeForKids":false"#,
            r#""containsSyntheticMedia":true"#,
        ] {
            assert!(seen[0].contains(expected), "{expected} in {}", seen[0]);
        }
        assert!(
            seen[1].starts_with("PUT ") && seen[1].contains("content-range: bytes */5"),
            "{}",
            seen[1]
        );
        assert!(seen[1].contains("content-length: 0"), "{}", seen[1]);
        assert_eq!(seen[1].to_lowercase().matches("content-length").count(), 1);
        assert!(
            seen[2].contains("content-range: bytes 3-4/5") && seen[2].contains("content-length: 2"),
            "{}",
            seen[2]
        );
    }

    #[tokio::test]
    async fn a_cut_connection_is_doubt_not_failure() {
        let (address, _) = serve(vec![String::new()]).await;
        let youtube = client(&address);
        let session = SessionUri::new(format!("{address}/x"));
        let token = AccessToken::new("token".to_owned());
        let deadline = Instant::now() + Duration::from_secs(5);
        let outcome = youtube
            .send_piece(&token, &session, piece(b"12345"), 0..5, 5, deadline)
            .await;
        assert!(matches!(outcome, Outcome::Transient { .. }), "{outcome:?}");
    }
}
