//! The figures of a folder, and which of them exceed a limit.

use std::fmt;

use crate::functions::{Function, functions};
use crate::imports::{cycles, imports};
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
    long_functions: Vec<Function<'a>>,
    cycles: Vec<String>,
}

impl<'a> Figures<'a> {
    pub(crate) fn of(folder: &'a Folder) -> Self {
        let mut files: Vec<_> = folder.files().collect();
        files.sort_by_key(|file| file.production_lines);
        let mut long: Vec<_> = files.iter().flat_map(|file| functions(file)).collect();
        long.retain(|function| function.code_lines > LONG_FUNCTION_LINES);
        long.sort_by_key(|function| std::cmp::Reverse(function.code_lines));
        Self {
            folder: folder.name,
            files,
            long_functions: long,
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
        let folder = self.folder;
        for (name, lines, limit) in [
            ("median", self.percentile(50), MEDIAN_LINES),
            ("90th percentile", self.percentile(90), P90_LINES),
        ] {
            if lines > limit {
                offenders.push(format!(
                    "{folder}: the {name} of lines a file is {lines}, at most {limit}"
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
        let many = folder == "lib" && self.long_functions.len() > LONG_FUNCTIONS;
        for Function {
            file,
            name,
            line,
            code_lines,
        } in &self.long_functions
        {
            if many || *code_lines > FUNCTION_LINES {
                let path = file.path.display();
                offenders.push(format!(
                    "{path}:{line}: `{name}` has {code_lines} lines, at most {FUNCTION_LINES}; in lib at most {LONG_FUNCTIONS} functions have more than {LONG_FUNCTION_LINES}"
                ));
            }
        }
        offenders.extend(self.cycles.iter().cloned());
        offenders
    }
}

impl fmt::Display for Figures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folder, files) = (self.folder, self.files.len());
        let [median, p90, most] = [50, 90, 100].map(|percent| self.percentile(percent));
        let (long, cycles) = (self.long_functions.len(), self.cycles.len());
        write!(
            f,
            "{folder}: {files} files, lines a file: median {median}, 90th percentile {p90}, most {most}; functions over {LONG_FUNCTION_LINES} lines: {long}; import cycles: {cycles}"
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
    let text = |cycle: Vec<usize>| {
        let files = cycle.len();
        let mut text = format!(
            "{}: {files} files import each other in a circle",
            path(cycle[0])
        );
        for ((from, to), name) in &imports {
            if cycle.contains(from) && cycle.contains(to) {
                text += &format!("\n  {} uses {name} of {}", path(*from), path(*to));
            }
        }
        text
    };
    cycles(&graph).into_iter().map(text).collect()
}
