//! Sending events to addresses that users chose, through the guarded connector of [`download`](super::download): what is
//! dialled is what was checked, redirects are answers, and nothing that the other side says is kept but its status.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};

use super::download::{Forbidden, Guard, MediaUrl, connector};
use super::transport::retry_after;

/// Until the connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// Until the answer's head. Its body is not read.
const TOTAL: Duration = Duration::from_secs(15);

/// How an attempt ended without an answer. Carries nothing that the other side sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address breaks a rule, by its text or by what its name stands for now.
    #[error("the address may not be called: {0}")]
    Forbidden(#[from] Forbidden),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, no valid certificate, or no HTTP.
    #[error("the endpoint cannot be reached")]
    Unreachable,
}

/// What an endpoint answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// When it wants to be asked again.
    pub retry_after: Option<Duration>,
}

/// Sends events. One for the whole process: it has connections of its own.
#[derive(Clone, Debug)]
pub struct Sender {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

impl Sender {
    /// A sender under these rules.
    ///
    /// # Errors
    ///
    /// When the TLS set-up is refused, which no input can cause.
    pub fn new(guard: Guard) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(guard);
        let client = connector(&guard, CONNECT)
            // A receiver that closes idle connections must not cost a first attempt.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, guard })
    }

    /// Checks an address.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(&self, address: &str) -> Result<MediaUrl, Forbidden> {
        self.guard.check(address)
    }

    /// Posts one event.
    ///
    /// # Errors
    ///
    /// [`SendError`] when there was no answer.
    pub async fn post(
        &self,
        address: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answered, SendError> {
        let url = self.guard.check(address)?.into_url();
        let request = self
            .client
            .post(url)
            .headers(headers)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(
                USER_AGENT,
                HeaderValue::from_static("content-catalyst-engine-webhooks/1"),
            )
            .body(body);
        let response = tokio::time::timeout(TOTAL, request.send())
            .await
            .map_err(|_| SendError::Timeout)?
            .map_err(|error| classify(&error))?;
        Ok(Answered {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers(), SystemTime::now()),
        })
    }
}

fn classify(error: &reqwest::Error) -> SendError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if let Some(forbidden) = cause.downcast_ref::<Forbidden>() {
            return SendError::Forbidden(*forbidden);
        }
        source = cause.source();
    }
    if error.is_timeout() {
        SendError::Timeout
    } else {
        SendError::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A listener that answers with `head`, and counts who comes.
    async fn listener(head: &'static str) -> (u16, Arc<std::sync::atomic::AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let _ = socket.read(&mut [0; 4096]).await;
                let answer =
                    format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        (port, seen)
    }

    async fn post(guard: Guard, address: &str) -> Result<Answered, SendError> {
        Sender::new(guard)
            .unwrap()
            .post(address, HeaderMap::new(), "{}".into())
            .await
    }

    #[tokio::test]
    async fn without_a_local_stack_this_machine_is_out_of_reach() {
        let (port, seen) = listener("200 OK").await;
        for address in [
            format!("http://127.0.0.1:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
        ] {
            let sent = post(Guard::new(), &address).await;
            assert!(matches!(sent, Err(SendError::Forbidden(_))), "{address}");
        }
        // A name that stands for this machine is found out when it is dialled.
        let sent = post(Guard::new(), "https://localhost.localdomain/").await;
        assert!(sent.is_err());
        assert_eq!(seen.load(std::sync::atomic::Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn on_a_local_stack_only_this_machine_is_let_through_beside_the_internet() {
        let (port, seen) = listener("200 OK").await;
        for host in ["127.0.0.1", "localhost"] {
            let address = format!("http://{host}:{port}/");
            let answered = post(Guard::new().with_loopback(), &address).await.unwrap();
            assert_eq!(answered.status, 200, "{host}");
        }
        assert_eq!(seen.load(std::sync::atomic::Ordering::SeqCst), 2);
        for address in [
            "http://10.0.0.1/",
            "http://169.254.169.254/",
            "http://example.com/",
            "https://10.0.0.1/",
        ] {
            let sent = post(Guard::new().with_loopback(), address).await;
            assert!(matches!(sent, Err(SendError::Forbidden(_))), "{address}");
        }
    }

    #[tokio::test]
    async fn redirects_and_requests_for_patience_are_answers() {
        let (target, untouched) = listener("200 OK").await;
        let head: &'static str =
            format!("307 Elsewhere\r\nlocation: http://127.0.0.1:{target}/").leak();
        let (port, _) = listener(head).await;
        let address = format!("http://127.0.0.1:{port}/");
        let answered = post(Guard::new().with_loopback(), &address).await.unwrap();
        assert_eq!(answered.status, 307);
        assert_eq!(untouched.load(std::sync::atomic::Ordering::SeqCst), 0);

        let (port, _) = listener("429 Slowly\r\nretry-after: 120").await;
        let address = format!("http://127.0.0.1:{port}/");
        let answered = post(Guard::new().with_loopback(), &address).await.unwrap();
        assert_eq!(answered.retry_after, Some(Duration::from_secs(120)));
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let sent = post(Guard::new().with_loopback(), &address).await;
        assert_eq!(sent, Err(SendError::Unreachable));
    }
}
