//! The files under `api/`: how many there are, what they are called, their entries in the manifest, and the operations that
//! each binds, as its text says.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, io, path::Path};

use catalyst::routes;
use catalyst_cli::project::{MOST_FUNCTIONS, Project};
use platform::endpoint::Declaration;
use regex::Regex;

/// Files that become functions, relative to the root, as the platform's builder sees them.
pub(super) fn list(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![root.join("api")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (
                entry.path(),
                entry.file_name().to_string_lossy().into_owned(),
            );
            if name.starts_with(['_', '.']) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                files.insert(relative.to_string_lossy().into_owned());
            }
        }
    }
    Ok(files)
}

/// Every file has one binary of its name, and every binary a file.
pub(super) fn check_manifest(root: &Path, files: &BTreeSet<String>, faults: &mut Vec<String>) {
    let bins = match Project::at(root).functions() {
        Ok(bins) => bins,
        Err(error) => return faults.push(error.to_string()),
    };
    let mut names = BTreeSet::new();
    for (name, path) in &bins {
        let expected = bin_name(path);
        if !files.contains(path) {
            faults.push(format!(
                "Cargo.toml: [[bin]] {name} names {path}, which is no function under api/"
            ));
        }
        if *name != expected {
            faults.push(format!(
                "Cargo.toml: the [[bin]] of {path} must be called {expected}"
            ));
        }
        if !names.insert(name) {
            faults.push(format!("Cargo.toml: two [[bin]] entries are called {name}"));
        }
    }
    for file in files {
        let count = bins.iter().filter(|(_, path)| path == file).count();
        if count != 1 {
            faults.push(format!(
                "Cargo.toml: {file} has {count} [[bin]] entries; it needs one"
            ));
        }
    }
}

/// The binary's name of a file: `api/videos/[id].rs` is `api_videos_id`.
pub(super) fn bin_name(file: &str) -> String {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem
        .strip_suffix("/index")
        .unwrap_or(stem)
        .replace(['[', ']'], "");
    stem.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// As many files as the platform takes, each at the place of its resource.
pub(super) fn check_names(files: &BTreeSet<String>, faults: &mut Vec<String>) {
    let count = files.len();
    if count > MOST_FUNCTIONS {
        faults.push(format!(
            "api/ holds {count} functions; the platform's free plan takes {MOST_FUNCTIONS}"
        ));
    }
    for file in files {
        let resource = file
            .strip_prefix("api/")
            .and_then(|name| name.strip_suffix(".rs"));
        let resource = resource.unwrap_or_default();
        if !resource.bytes().all(|b| b.is_ascii_lowercase()) || resource == "index" {
            faults.push(format!("{file}: a function is one file api/RESOURCE.rs; vercel.json leads every path below it there"));
        }
    }
}

/// The ids of the operations by the file that binds them.
pub(super) struct Bindings(BTreeMap<String, BTreeSet<String>>);

impl Bindings {
    pub(super) fn read(root: &Path, files: &BTreeSet<String>, faults: &mut Vec<String>) -> Self {
        let declared = declared_constants(root);
        let import = pattern(r"routes::(\w+)::(?:\{([^}]*)\}|(\w+))");
        let binding = pattern(r"\bon\(\s*&(\w+)");
        let mut bound = BTreeMap::new();
        for file in files {
            let text = fs::read_to_string(root.join(file)).unwrap_or_default();
            // The ids of the constants that the file imports, by their names.
            let mut constants = BTreeMap::new();
            for found in import.captures_iter(&text) {
                let names = found.get(2).or_else(|| found.get(3));
                for name in names
                    .map_or("", |names| names.as_str())
                    .split(',')
                    .map(str::trim)
                {
                    let id = declared.get(&(found[1].to_owned(), name.to_owned()));
                    constants.extend(id.map(|id| (name, id)));
                }
            }
            let mut ids = BTreeSet::new();
            for found in binding.captures_iter(&text) {
                match constants.get(&found[1]) {
                    Some(id) => drop(ids.insert((*id).clone())),
                    None => faults.push(format!(
                        "{file} binds {}, which is no operation of lib/src/routes",
                        &found[1]
                    )),
                }
            }
            if ids.is_empty() {
                faults.push(format!("{file} binds no operation of lib/src/routes"));
            }
            bound.insert(file.clone(), ids);
        }
        Self(bound)
    }

    /// Whether each file binds this operation.
    pub(super) fn of_operation(&self, id: &str) -> impl Iterator<Item = (&str, bool)> {
        self.0
            .iter()
            .map(move |(file, ids)| (file.as_str(), ids.contains(id)))
    }

    /// The operations that a file binds.
    pub(super) fn of_file(&self, file: &str) -> impl Iterator<Item = &'static Declaration> {
        let ids = self.0.get(file).cloned().unwrap_or_default();
        routes::declarations().filter(move |declaration| ids.contains(declaration.id))
    }
}

/// The operations' ids by module and constant of `lib/src/routes`.
pub(super) fn declared_constants(root: &Path) -> BTreeMap<(String, String), String> {
    let declaration = pattern(r#"pub const (\w+): Operation<[^;]*?Operation::\w+\(\s*"([^"]+)""#);
    let mut constants = BTreeMap::new();
    let files = fs::read_dir(root.join("lib/src/routes"))
        .into_iter()
        .flatten()
        .flatten();
    for entry in files {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let module = entry.file_name().to_string_lossy().replace(".rs", "");
        for found in declaration.captures_iter(&text) {
            constants.insert((module.clone(), found[1].to_owned()), found[2].to_owned());
        }
    }
    constants
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant of this file")
}
