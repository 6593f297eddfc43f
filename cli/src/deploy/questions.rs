//! What is asked, where somebody sits at a terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::refusal::Service;

/// Whether somebody can answer.
pub(super) fn can_ask() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks for a token, without showing what is typed; none where nothing is typed.
pub(super) fn token(service: Service) -> Option<String> {
    let (variable, place) = service.token();
    let question = format!("{variable} (make one at {place}; it is not shown)");
    let terminal = stdin();
    let shown = tcgetattr(&terminal).ok()?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &hidden).ok()?;
    let answer = ask(&question);
    let _ = tcsetattr(&terminal, OptionalActions::Flush, &shown);
    eprintln!();
    answer
}

/// Lets somebody choose one of several by its number; none for what is none of them.
pub(super) fn choose(what: &str, names: &[String]) -> Option<usize> {
    if !can_ask() {
        return None;
    }
    eprintln!("{what}:");
    for (index, name) in names.iter().enumerate() {
        eprintln!("  {} {name}", index + 1);
    }
    let number: usize = ask("number")?.parse().ok()?;
    number.checked_sub(1).filter(|index| *index < names.len())
}

fn ask(question: &str) -> Option<String> {
    eprint!("{question}: ");
    stderr().flush().ok()?;
    let mut line = String::new();
    stdin().lock().read_line(&mut line).ok()?;
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
