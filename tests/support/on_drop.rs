//! Changes of the shared stack that are taken back when a guard goes out of scope, whether or not the test has passed.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdin, Stdio},
    time::Duration,
};

use serde_json::Value;
use uuid::Uuid;

use super::{PATIENCE, Stack, until};

/// Work for the end of a test. It must not panic: a test that fails is unwinding already.
pub(crate) struct OnDrop(Option<Box<dyn FnOnce() -> Result<(), String> + Send>>);

impl OnDrop {
    pub(crate) fn new(work: impl FnOnce() -> Result<(), String> + Send + 'static) -> Self {
        Self(Some(Box::new(work)))
    }

    /// A call under `/_control` of a stand-in, made without a runtime: there may be none any more.
    pub(super) fn control(base: String, method: &'static str, path: String, body: Value) -> Self {
        Self::new(move || {
            let call = || -> std::io::Result<String> {
                let host = base.trim_start_matches("http://").trim_end_matches('/');
                let body = body.to_string();
                let mut stream = TcpStream::connect(host)?;
                stream.set_read_timeout(Some(Duration::from_secs(10)))?;
                write!(
                    stream,
                    "{method} /_control/{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                )?;
                let mut answer = String::new();
                stream.read_to_string(&mut answer)?;
                Ok(answer)
            };
            match call() {
                Ok(answer) if answer.starts_with("HTTP/1.1 2") => Ok(()),
                Ok(answer) => Err(answer),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(|work| work()) {
            eprintln!("the stack was not put back: {error}");
        }
    }
}

impl Stack {
    /// Runs a statement when the guard is dropped.
    pub(crate) fn sql_on_drop(&self, statement: impl Into<String>) -> OnDrop {
        let (stack, statement) = (self.clone(), statement.into());
        OnDrop::new(move || stack.try_sql(&statement).map(drop))
    }

    /// Changes something, and takes it back when the guard is dropped.
    pub(crate) fn changed(&self, change: &str, take_back: impl Into<String>) -> OnDrop {
        self.sql(change);
        self.sql_on_drop(take_back)
    }

    /// Locks a channel's row: everybody who wants to change the channel waits until the lock is released or dropped.
    pub(crate) async fn lock_channel(&self, channel: Uuid) -> OpenTransaction {
        let lock = format!("select from public.channels where id = '{channel}' for update");
        self.begin(&lock).await
    }

    /// Runs a statement in a transaction of its own, which stays open.
    pub(crate) async fn begin(&self, statement: &str) -> OpenTransaction {
        let name = format!("open-{}", Uuid::new_v4().simple());
        let mut psql = self
            .psql()
            .env("PGAPPNAME", &name)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("psql runs");
        let mut input = psql.stdin.take().expect("a pipe");
        writeln!(input, "begin;\n{statement};\nselect 'open';").expect("psql reads");
        let transaction = OpenTransaction {
            psql,
            input: Some(input),
        };
        let open = format!(
            "select count(*) from pg_stat_activity where application_name = '{name}' and state = 'idle in transaction'
             and query like '%''open''%'"
        );
        until("the open transaction", PATIENCE, async || {
            match self.count(&open) {
                0 => Err("not yet".to_owned()),
                _ => Ok(()),
            }
        })
        .await;
        transaction
    }
}

/// A transaction in a session of its own. Rolled back unless it is committed.
pub(crate) struct OpenTransaction {
    psql: Child,
    input: Option<ChildStdin>,
}

impl OpenTransaction {
    /// Keeps what it did.
    pub(crate) fn commit(mut self) {
        let input = self.input.as_mut().expect("a pipe");
        writeln!(input, "commit;").expect("psql reads");
    }

    /// Lets the others go on, and undoes what it did.
    pub(crate) fn release(self) {}
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        // At the end of its input psql ends its session, and with it the transaction.
        drop(self.input.take());
        let _ = self.psql.wait();
    }
}
