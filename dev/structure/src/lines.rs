//! Lines that hold code.

use std::path::Path;

use crate::source::{Folder, ReadError, entries, read};

/// Code lines of all Rust and SQL of the product and its tools: no blank lines, no comments, no tests.
pub(crate) fn code_lines(root: &Path) -> Result<usize, ReadError> {
    let mut total = 0;
    for name in ["lib", "cli", "dev"] {
        let folder = Folder::read(root, name)?;
        for file in folder.files() {
            total += code_lines_of(&file.text, "//") - code_lines_of(&file.test_text(), "//");
        }
        total += sql_lines(&root.join(name))?;
    }
    for path in entries(&root.join("api"))? {
        total += code_lines_of(&read(&path)?, "//");
    }
    Ok(total + sql_lines(&root.join("supabase/migrations"))?)
}

/// Lines of a text that are neither blank nor only a comment.
pub(crate) fn code_lines_of(text: &str, comment: &str) -> usize {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(comment))
        .count()
}

fn sql_lines(folder: &Path) -> Result<usize, ReadError> {
    let mut total = 0;
    for path in entries(folder)? {
        let skipped = ["target", "node_modules", "tests"];
        if path.is_dir() {
            if !skipped.iter().any(|name| path.ends_with(name)) {
                total += sql_lines(&path)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            total += code_lines_of(&read(&path)?, "--");
        }
    }
    Ok(total)
}
