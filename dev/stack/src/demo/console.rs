//! What the person at the prompt sees: one line a stage, progress for the long ones.

use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, Instant};

/// One stage while it runs.
#[derive(Debug)]
pub(super) struct Line {
    name: &'static str,
    started: Instant,
    shown: Instant,
    terminal: bool,
}

impl Line {
    /// Says that the stage begins.
    pub(super) fn begin(name: &'static str, what: &str) -> Self {
        let (started, terminal) = (Instant::now(), stdout().is_terminal());
        let line = Self {
            name,
            started,
            shown: started,
            terminal,
        };
        line.show(what);
        line
    }

    /// Says how far it is; where lines cannot be overwritten, every two seconds at most.
    pub(super) fn progress(&mut self, what: &str) {
        let pause = Duration::from_millis(if self.terminal { 200 } else { 2_000 });
        if self.shown.elapsed() >= pause {
            self.shown = Instant::now();
            self.show(what);
        }
    }

    fn show(&self, what: &str) {
        if self.terminal {
            print!("\r\x1b[2K  … {:<9} {what}", self.name);
            let _ = stdout().flush();
        } else {
            println!("  … {:<9} {what}", self.name);
        }
    }

    /// Says what was found.
    pub(super) fn end(self, found: &str) -> Duration {
        let took = self.started.elapsed();
        let clear = if self.terminal { "\r\x1b[2K" } else { "" };
        println!(
            "{clear}  ✓ {:<9} {found} ({:.1} s)",
            self.name,
            took.as_secs_f64()
        );
        took
    }

    /// Says that it failed.
    pub(super) fn fail(self, why: &str) -> Duration {
        let clear = if self.terminal { "\r\x1b[2K" } else { "" };
        println!("{clear}  ✗ {:<9} {why}", self.name);
        self.started.elapsed()
    }
}

/// A duration in milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `6557` as `6,557`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            ["0", "999", "6,557", "1,000,000"],
            [0, 999, 6557, 1_000_000]
                .map(thousands)
                .each_ref()
                .map(String::as_str)
        );
    }
}
