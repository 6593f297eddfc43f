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
