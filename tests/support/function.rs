//! A function of its own, with settings that the stack does not have, and a line to the database that can be broken.

use std::{
    net::TcpListener as StdListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{Stack, plain_client, until};

/// A process of one function.
pub(crate) struct Function {
    process: Child,
    pub(crate) url: String,
    log: PathBuf,
}

impl Function {
    /// Starts a built function with these settings beside the stack's own; an empty value is none.
    pub(crate) async fn start(binary: &str, settings: &[(&str, &str)]) -> Self {
        let port = StdListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let log = std::env::temp_dir().join(format!("function-{}-{port}.log", std::process::id()));
        let output = std::fs::File::create(&log).expect("a log");
        let process = Command::new(binary)
            .env("VERCEL_DEV_PORT", port.to_string())
            .envs(settings.iter().copied())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn()
            .expect("the function starts");
        let function = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            log,
        };
        until(
            "the function listens",
            Duration::from_secs(20),
            async || {
                TcpStream::connect(("127.0.0.1", port))
                    .await
                    .map_err(|error| error.to_string())
            },
        )
        .await;
        function
    }

    /// A request to it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        plain_client().request(method, format!("{}{path}", self.url))
    }

    /// Ends it as the platform does, and waits until it is gone.
    pub(crate) fn terminate(&mut self) {
        let pid = self.process.id().to_string();
        let told = Command::new("kill").arg("-TERM").arg(pid).status();
        assert!(told.is_ok_and(|status| status.success()));
        let ended = self.process.wait().expect("the function ends");
        assert!(ended.success(), "{ended}");
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}

/// What a line does with what is sent over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Carries it.
    Whole,
    /// Closes every connection, old and new.
    Cut,
    /// Takes it and never answers.
    Silent,
    /// Answers with an error that tells more than anybody should hear.
    Failing,
}

/// A line to the stack's gateway that can be broken and mended.
pub(crate) struct Line {
    pub(crate) url: String,
    condition: watch::Sender<Condition>,
    calls: Arc<AtomicUsize>,
}

/// What a failing gateway says.
pub(crate) const CANARY: &str = "connection to server at db.internal.example port 5432 failed";

impl Line {
    /// A whole line, which counts the requests whose path holds `counted`.
    pub(crate) async fn to_gateway(stack: &Stack, counted: &'static str) -> Self {
        let target = stack
            .supabase_url
            .strip_prefix("http://")
            .expect("a local gateway")
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (condition, watched) = watch::channel(Condition::Whole);
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(carry(
                    socket,
                    target.clone(),
                    watched.clone(),
                    counted,
                    Arc::clone(&counter),
                ));
            }
        });
        Self {
            url,
            condition,
            calls,
        }
    }

    /// Breaks or mends it, for connections that are open too.
    pub(crate) fn set(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }

    /// How many requests of the counted sort went over it.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Carries one connection until it ends or the line's condition changes.
async fn carry(
    mut socket: TcpStream,
    target: String,
    mut condition: watch::Receiver<Condition>,
    counted: &'static str,
    calls: Arc<AtomicUsize>,
) {
    let now = *condition.borrow_and_update();
    let work = async {
        match now {
            Condition::Cut => {}
            Condition::Silent => std::future::pending().await,
            Condition::Failing => {
                let mut request = vec![0; 65_536];
                while socket.read(&mut request).await.is_ok_and(|n| n > 0) {
                    let body = format!("{{\"code\":\"XX000\",\"message\":\"{CANARY}\"}}");
                    let answer = format!(
                        "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if socket.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            }
            Condition::Whole => {
                let Ok(gateway) = TcpStream::connect(target).await else {
                    return;
                };
                let (mut from, mut to) = gateway.into_split();
                let (mut reader, mut writer) = socket.split();
                let upwards = async {
                    let mut piece = vec![0; 65_536];
                    loop {
                        match reader.read(&mut piece).await {
                            Ok(n) if n > 0 => {
                                let text = String::from_utf8_lossy(&piece[..n]);
                                calls.fetch_add(text.matches(counted).count(), Ordering::SeqCst);
                                if to.write_all(&piece[..n]).await.is_err() {
                                    break;
                                }
                            }
                            _ => break,
                        }
                    }
                };
                let downwards = tokio::io::copy(&mut from, &mut writer);
                tokio::select! { () = upwards => {}, _ = downwards => {} }
            }
        }
    };
    tokio::select! { () = work => {}, _ = condition.changed() => {} }
}
