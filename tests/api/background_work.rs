//! What a function does after its answer: the platform may suspend it once it has said that the request is over.

use reqwest::Method;
use tokio::{io::AsyncReadExt as _, net::UnixListener};
use uuid::Uuid;

use crate::support::{Answer, FaultProxy, Function, Stack};

const RECORDS: &str = "/rest/v1/rpc/record_activity";

#[tokio::test]
async fn case_s04_a_request_is_over_after_its_background_work() {
    let stack = Stack::from_env();
    let proxy = FaultProxy::to_gateway(&stack).await;
    let path = std::env::temp_dir().join(format!("platform-{}", Uuid::new_v4().simple()));
    let platform = UnixListener::bind(&path).expect("a socket");
    let socket = path.to_string_lossy();
    let settings = [("VERCEL_IPC_PATH", socket.as_ref())];
    let binary = env!("CARGO_BIN_EXE_api_me");
    let function = Function::behind(&proxy, &stack, binary, &settings).await;
    let (mut said, _) = platform.accept().await.expect("the function connects");
    std::fs::remove_file(&path).expect("the socket's name is not needed any more");
    let user = stack.sign_up().await;
    let request = function
        .request(Method::GET, "/api/me")
        .header("x-vercel-internal-invocation-id", "invocation-1")
        .header("x-vercel-internal-request-id", "7")
        .bearer_auth(&user.access_token);
    Answer::of(request).await.status(200);
    let mut messages = String::new();
    while !messages.contains("\"type\":\"end\"") {
        let mut piece = [0; 4096];
        let read = said.read(&mut piece).await.expect("a message");
        assert!(read > 0, "no end: {messages}");
        messages.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    assert_eq!(
        proxy.calls(RECORDS),
        1,
        "the end came before the record: {messages}"
    );
}
