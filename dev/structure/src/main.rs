//! Measures the structure of the production code, and fails when a limit is exceeded.
//!
//! `structure [ROOT]` reads the crates below `lib`, `cli` and `dev` of a checkout and prints, for each of these folders, the
//! lines a file has, the longest functions, inline tests in large files, and files that import each other in a circle. What
//! counts: [`source`] for lines, [`functions`] for functions, [`imports`] for imports.

mod cycles;
mod figures;
mod functions;
mod imports;
mod lines;
mod modules;
mod source;

use std::path::PathBuf;
use std::process::ExitCode;

use figures::Figures;
use source::Folder;

fn main() -> ExitCode {
    let root = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    match measure(&root) {
        Ok(offenders) if offenders.is_empty() => ExitCode::SUCCESS,
        Ok(offenders) => {
            for offender in &offenders {
                eprintln!("{offender}");
            }
            eprintln!("structure: {} limits are exceeded", offenders.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("structure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(root: &std::path::Path) -> Result<Vec<String>, source::ReadError> {
    let mut offenders = Vec::new();
    for name in ["lib", "cli", "dev"] {
        let folder = Folder::read(root, name)?;
        let figures = Figures::of(&folder);
        println!("{figures}");
        offenders.extend(figures.offenders());
    }
    println!("code lines, without tests: {}", lines::code_lines(root)?);
    Ok(offenders)
}
