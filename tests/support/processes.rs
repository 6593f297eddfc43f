//! The processes of the stack's functions: found, stopped and killed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::Stack;

/// Function processes that no longer run but are not dead. Dropping this kills them, so that a failed test leaves none.
pub(crate) struct Frozen(Vec<PathBuf>);

impl Stack {
    /// The processes of these functions of this stack, as folders of the process table.
    pub(crate) fn processes(&self, is_meant: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let mine = format!("SUPABASE_URL={}", self.supabase_url);
        let table = fs::read_dir("/proc").expect("a process table");
        table
            .flatten()
            .map(|process| process.path())
            .filter(|path| {
                fs::read_link(path.join("exe")).is_ok_and(|exe| {
                    exe.file_name()
                        .and_then(|name| name.to_str())
                        .is_some_and(&is_meant)
                })
            })
            .filter(|path| {
                fs::read(path.join("environ")).is_ok_and(|environ| {
                    environ
                        .split(|byte| *byte == 0)
                        .any(|pair| pair == mine.as_bytes())
                })
            })
            .collect()
    }

    /// Kills every dispatcher of this stack, as the platform may at any moment, and says how many there were.
    pub(crate) fn kill_dispatchers(&self) -> usize {
        self.kill(|name| name == "api_cron")
    }

    /// Kills the processes of these functions, and says how many there were. They are dead when it returns.
    pub(crate) fn kill(&self, is_meant: impl Fn(&str) -> bool) -> usize {
        kill(&self.processes(is_meant))
    }

    /// Stops the processes of these functions in the middle of what they do.
    pub(crate) fn freeze(&self, is_meant: impl Fn(&str) -> bool) -> Frozen {
        Frozen(send("-STOP", &self.processes(is_meant)))
    }

    /// Stops the database's process that writes down what no commit has waited for. Killing it ends every process of the
    /// database, which then starts again from what was written.
    pub(crate) fn freeze_wal_writer(&self) -> Frozen {
        let id = self.sql("select pid from pg_stat_activity where backend_type = 'walwriter'");
        Frozen(send("-STOP", &[PathBuf::from("/proc").join(id)]))
    }
}

impl Frozen {
    /// Kills them, and says how many there were.
    pub(crate) fn kill(mut self) -> usize {
        kill(&std::mem::take(&mut self.0))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        send("-KILL", &self.0);
    }
}

fn kill(processes: &[PathBuf]) -> usize {
    let killed = send("-KILL", processes);
    let deadline = Instant::now() + Duration::from_secs(10);
    while killed.iter().any(|process| is_alive(process)) {
        assert!(Instant::now() < deadline, "{killed:?} does not die");
        thread::yield_now();
    }
    killed.len()
}

/// Whether a process is not yet at its end: only then its parent can know of it, and it holds no socket any more.
fn is_alive(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// Sends a signal; the processes that it reached.
fn send(signal: &str, processes: &[PathBuf]) -> Vec<PathBuf> {
    let reached = |process: &&PathBuf| {
        let id = process.file_name().unwrap_or_default();
        let sent = Command::new("kill").arg(signal).arg(id).status();
        sent.is_ok_and(|status| status.success())
    };
    processes.iter().filter(reached).cloned().collect()
}
