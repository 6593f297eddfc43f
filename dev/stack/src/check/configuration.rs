//! `docs/configuration.md`: every variable of `.env.example`, with its other names.

use std::{fmt::Write as _, fs, path::Path};

use platform::config::all_names;

const HEAD: &str = "# Configuration

Variables come from the environment, from `.env.local` and from `.env`; where a name stands in several of them, the first of these
counts. On Vercel they are the project's environment variables. An empty variable is one that is not set. A variable may stand under
any of its names; two of them with different values are refused, because nobody could tell which one is meant.
";

/// Names that people know from projects of this kind, and look for.
const NOT_NEEDED: &str = "
## Not needed

| variable | why not |
| --- | --- |
| `NEXTAUTH_URL` | Nobody signs in with NextAuth: Supabase Auth sends people back to the addresses that its own settings allow. |
| `NEXTAUTH_SECRET` | There are no sessions of ours to sign: Supabase Auth signs access tokens, and its published keys check them. |
| `NODE_ENV` | It is the front end's own; nothing here depends on it. |
";

/// The document, made of the text of `.env.example`: a heading for each of its sections, a row for each variable, explained by the
/// comment above it.
pub(super) fn markdown(root: &Path) -> String {
    let example = fs::read_to_string(root.join(".env.example")).unwrap_or_default();
    let mut text = String::from(HEAD);
    let mut comment = String::new();
    for line in example.lines() {
        let bare = line.trim_start_matches(['#', ' ']);
        if let Some(section) = bare.strip_prefix("--- ") {
            let section = section.trim_end_matches(['-', ' ']);
            let _ = write!(
                text,
                "\n## {section}\n\n| variable | meaning |\n| --- | --- |\n"
            );
            comment.clear();
        } else if let Some(name) = variable(bare) {
            let _ = writeln!(
                text,
                "| {} | {} |",
                names(name),
                comment.replace('|', "\\|")
            );
            comment.clear();
        } else if line.is_empty() {
            comment.clear();
        } else {
            let space = if comment.is_empty() { "" } else { " " };
            let _ = write!(comment, "{space}{bare}");
        }
    }
    text.push_str(NOT_NEEDED);
    text
}

/// Every variable has a meaning of its own.
pub(super) fn check(root: &Path, faults: &mut Vec<String>) {
    let text = markdown(root);
    let rows = text.lines().filter_map(|row| row.strip_suffix("|  |"));
    faults.extend(rows.map(|names| {
        let names = names.trim_matches(['|', ' ']);
        format!(".env.example has {names} without a comment above it that says what it means")
    }));
}

fn variable(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_name.then_some(name)
}

fn names(name: &str) -> String {
    let names: Vec<String> = all_names(name).map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
