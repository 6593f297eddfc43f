//! A function of its own, with settings that the stack does not have.

use std::{
    net::TcpListener as StdListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use tokio::net::TcpStream;

use super::{FaultProxy, PATIENCE, Stack, plain_client, until};

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

    /// Starts one that reaches the stack's gateway through a proxy.
    pub(crate) async fn behind(
        proxy: &FaultProxy,
        stack: &Stack,
        binary: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        let issuer = format!("{}/auth/v1", stack.supabase_url);
        let mut all = vec![
            ("SUPABASE_URL", proxy.url.as_str()),
            ("SUPABASE_JWT_ISSUER", issuer.as_str()),
        ];
        all.extend(settings);
        Self::start(binary, &all).await
    }

    /// A request to it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        plain_client().request(method, format!("{}{path}", self.url))
    }

    /// Ends it as the platform does, and waits until it is gone: what it had left to do is done.
    pub(crate) async fn terminate(&mut self) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").arg("-TERM").arg(pid).status();
        assert!(sent.is_ok_and(|status| status.success()));
        let process = Mutex::new(&mut self.process);
        let ended = until("the end of the function", PATIENCE, async || {
            let mut process = process.lock().unwrap_or_else(PoisonError::into_inner);
            match process.try_wait().expect("a process") {
                Some(status) => Ok(status),
                None => Err("it runs".to_owned()),
            }
        })
        .await;
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
