//! The figures of a folder, and which of them exceed a limit.

use std::fmt;

use crate::cycles::cycles;
use crate::functions::{Function, functions};
use crate::imports::imports;
use crate::source::{Crate, File, Folder};

const MEDIAN_LINES: usize = 120;
const P90_LINES: usize = 265;
const MOST_LINES: usize = 400;
const LINES_WITH_INLINE_TESTS: usize = 150;
const FUNCTION_LINES: usize = 70;
const LONG_FUNCTION_LINES: usize = 50;
/// In `lib`; elsewhere [`FUNCTION_LINES`] alone counts.
const LONG_FUNCTIONS: usize = 5;

pub(crate) struct Figures<'a> {
    folder: &'static str,
    files: Vec<&'a File>,
    functions: Vec<(&'a File, Function)>,
    cycles: Vec<String>,
}

impl<'a> Figures<'a> {
    pub(crate) fn of(folder: &'a Folder) -> Self {
        let mut files: Vec<_> = folder.files().collect();
        files.sort_by_key(|file| file.production_lines);
        let mut long: Vec<_> = files
            .iter()
            .flat_map(|&file| functions(file).into_iter().map(move |f| (file, f)))
            .filter(|(_, function)| function.code_lines > LONG_FUNCTION_LINES)
            .collect();
        long.sort_by_key(|(_, function)| std::cmp::Reverse(function.code_lines));
        Self {
            folder: folder.name,
            files,
            functions: long,
            cycles: folder.crates.iter().flat_map(cycles_of).collect(),
        }
    }

    fn percentile(&self, percent: usize) -> usize {
        let rank = (self.files.len() * percent).div_ceil(100).max(1);
        self.files
            .get(rank - 1)
            .map_or(0, |file| file.production_lines)
    }

    /// A sentence for each limit that is exceeded.
    pub(crate) fn offenders(&self) -> Vec<String> {
        let mut offenders = Vec::new();
        for (name, lines, limit) in [
            ("median", self.percentile(50), MEDIAN_LINES),
            ("90th percentile", self.percentile(90), P90_LINES),
        ] {
            if lines > limit {
                offenders.push(format!(
                    "{}: the {name} of lines a file is {lines}, at most {limit}",
                    self.folder
                ));
            }
        }
        for file in self.files.iter().rev() {
            let (path, lines) = (file.path.display(), file.production_lines);
            if lines > MOST_LINES {
                offenders.push(format!("{path}: {lines} lines, at most {MOST_LINES}"));
            }
            if file.inline_tests && lines > LINES_WITH_INLINE_TESTS {
                offenders.push(format!(
                    "{path}: tests inside a file of {lines} lines, at most {LINES_WITH_INLINE_TESTS}; put them into a file beside it"
                ));
            }
        }
        let many = self.folder == "lib" && self.functions.len() > LONG_FUNCTIONS;
        for (file, function) in &self.functions {
            if many || function.code_lines > FUNCTION_LINES {
                offenders.push(format!(
                    "{}:{}: `{}` has {} lines, at most {FUNCTION_LINES}; in lib at most {LONG_FUNCTIONS} functions have more than {LONG_FUNCTION_LINES}",
                    file.path.display(),
                    function.line,
                    function.name,
                    function.code_lines
                ));
            }
        }
        offenders.extend(self.cycles.iter().cloned());
        offenders
    }
}

impl fmt::Display for Figures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} files, lines a file: median {}, 90th percentile {}, most {}; functions over {LONG_FUNCTION_LINES} lines: {}; import cycles: {}",
            self.folder,
            self.files.len(),
            self.percentile(50),
            self.percentile(90),
            self.percentile(100),
            self.functions.len(),
            self.cycles.len(),
        )
    }
}

fn cycles_of(krate: &Crate) -> Vec<String> {
    let imports = imports(krate);
    let mut graph = vec![Vec::new(); krate.files.len()];
    for &(from, to) in imports.keys() {
        graph[from].push(to);
    }
    let path = |file: usize| krate.files[file].path.display();
    cycles(&graph)
        .into_iter()
        .map(|cycle| {
            let edges: Vec<_> = imports
                .iter()
                .filter(|((from, to), _)| cycle.contains(from) && cycle.contains(to))
                .map(|((from, to), name)| {
                    format!("\n  {} uses {name} of {}", path(*from), path(*to))
                })
                .collect();
            format!(
                "{}: {} files import each other in a circle{}",
                path(cycle[0]),
                cycle.len(),
                edges.concat()
            )
        })
        .collect()
}
