use super::*;
use crate::outages::fault::CANARY;

/// A service that answers each request with its own bytes, twice.
async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 100];
                while let Ok(read @ 1..) = stream.read(&mut bytes).await {
                    let _ = stream.write_all(&bytes[..read].repeat(2)).await;
                }
            });
        }
    });
    port
}

/// What comes back until the connection ends or nothing comes for a while.
async fn ask(port: u16, text: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(text.as_bytes()).await?;
    let mut all = Vec::new();
    let mut bytes = [0; 100];
    let pause = Duration::from_millis(300);
    while let Ok(read) = tokio::time::timeout(pause, stream.read(&mut bytes)).await {
        match read? {
            0 => break,
            read => all.extend_from_slice(&bytes[..read]),
        }
    }
    Ok(all)
}

fn all(mode: Mode) -> Fault {
    Fault { mode, path: None }
}

#[tokio::test]
async fn each_fault_is_what_it_says_and_passes() {
    let proxy = Proxy::start(echo().await).unwrap();
    let port = proxy.port;
    assert_eq!(ask(port, "GET /a").await.unwrap(), b"GET /aGET /a");
    proxy.set_fault(all(Mode::Cut));
    assert_eq!(ask(port, "GET /a").await.unwrap(), b"GET /a");
    proxy.set_fault(all(Mode::Reset));
    assert!(ask(port, "GET /a").await.is_err());
    proxy.set_fault(all(Mode::Garbage));
    assert_eq!(ask(port, "GET /a").await.unwrap(), GARBAGE);
    proxy.set_fault(all(Mode::Slow));
    assert!(ask(port, "GET /a").await.unwrap().len() < 6);
    proxy.set_fault(all(Mode::Down));
    let refused = std::io::ErrorKind::ConnectionRefused;
    while ask(port, "GET /a").await.map_err(|error| error.kind()) != Err(refused) {}
    proxy.set_fault(Fault::NONE);
    while ask(port, "GET /a").await.ok().as_deref() != Some(b"GET /aGET /a") {}
}

#[tokio::test]
async fn a_fault_of_some_paths_leaves_the_others_alone() {
    let proxy = Proxy::start(echo().await).unwrap();
    proxy.set_fault(Fault {
        mode: Mode::Garbage,
        path: Some("/auth/"),
    });
    let port = proxy.port;
    assert_eq!(ask(port, "GET /auth/x ").await.unwrap(), GARBAGE);
    assert_eq!(
        ask(port, "GET /rest ").await.unwrap(),
        b"GET /rest GET /rest "
    );
}

#[test]
fn faulty_answers_carry_the_canary() {
    let text = String::from_utf8_lossy(NONSENSE);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(body.contains(CANARY) && String::from_utf8_lossy(GARBAGE).contains(CANARY));
    assert!(
        head.ends_with(&format!("content-length: {}", body.len())),
        "{head}"
    );
}
