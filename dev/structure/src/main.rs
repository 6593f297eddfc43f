//! Measures the structure of the production code, and fails when a limit is exceeded.
//!
//! `structure [ROOT]` reads the crates below `lib`, `cli` and `dev` of a checkout and prints, for each of these folders, the
//! lines a file has, the longest functions, inline tests in large files, and files that import each other in a circle. What
//! counts: [`source`] for lines, [`functions`] for functions, [`imports`] for imports.

mod figures;
mod functions;
mod imports;
mod modules;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use figures::Figures;
use source::{File, Folder, ReadError, code_lines, entries, read};

fn main() -> ExitCode {
    let root = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let problems = match measure(&root) {
        Ok(offenders) if offenders.is_empty() => return ExitCode::SUCCESS,
        Ok(mut offenders) => {
            offenders.push(format!(
                "structure: {} limits are exceeded",
                offenders.len()
            ));
            offenders
        }
        Err(error) => vec![format!("structure: {error}")],
    };
    for problem in problems {
        eprintln!("{problem}");
    }
    ExitCode::FAILURE
}

fn measure(root: &Path) -> Result<Vec<String>, ReadError> {
    let mut offenders = Vec::new();
    // Of all Rust and SQL of the product and its tools: no blank lines, no comments, no tests.
    let mut lines = sql_lines(&root.join("supabase/migrations"))?;
    for name in ["lib", "cli", "dev"] {
        let folder = Folder::read(root, name)?;
        let figures = Figures::of(&folder);
        println!("{figures}");
        offenders.extend(figures.offenders());
        lines += folder.files().map(File::code_lines).sum::<usize>() + sql_lines(&root.join(name))?;
    }
    for path in entries(&root.join("api"))? {
        lines += code_lines(read(&path)?.lines(), "//");
    }
    println!("code lines, without tests: {lines}");
    Ok(offenders)
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
            total += code_lines(read(&path)?.lines(), "--");
        }
    }
    Ok(total)
}
