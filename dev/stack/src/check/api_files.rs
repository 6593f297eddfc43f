//! The files under `api/`: how many there are, what they are called, and their entries in the manifest.

use std::collections::BTreeSet;
use std::path::Path;

use catalyst_cli::project::MOST_FUNCTIONS;
use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    bin: Vec<Bin>,
}

#[derive(Deserialize)]
struct Bin {
    name: String,
    path: String,
}

/// Files that become functions, relative to the root, as the platform's builder sees them.
pub(super) fn list(root: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![root.join("api")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
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
    let manifest: Manifest = match std::fs::read_to_string(root.join("Cargo.toml"))
        .map_err(|e| e.to_string())
        .and_then(|text| toml::from_str(&text).map_err(|e| e.to_string()))
    {
        Ok(manifest) => manifest,
        Err(error) => {
            faults.push(format!("Cargo.toml cannot be read: {error}"));
            return;
        }
    };
    let mut names = BTreeSet::new();
    for bin in &manifest.bin {
        if !files.contains(&bin.path) {
            faults.push(format!(
                "Cargo.toml: [[bin]] {} names {}, which is no function under api/",
                bin.name, bin.path
            ));
        }
        if bin.name != bin_name(&bin.path) {
            faults.push(format!(
                "Cargo.toml: the [[bin]] of {} must be called {}",
                bin.path,
                bin_name(&bin.path)
            ));
        }
        if !names.insert(&bin.name) {
            faults.push(format!(
                "Cargo.toml: two [[bin]] entries are called {}",
                bin.name
            ));
        }
    }
    for file in files {
        match manifest.bin.iter().filter(|bin| bin.path == *file).count() {
            1 => {}
            count => faults.push(format!(
                "Cargo.toml: {file} has {count} [[bin]] entries; it needs one"
            )),
        }
    }
}

/// The binary's name of a file: `api/videos/[id].rs` is `api_videos_id`.
pub(super) fn bin_name(file: &str) -> String {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    stem.chars()
        .filter(|c| !matches!(c, '[' | ']'))
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// As many files as the platform takes, each at the place of its resource.
pub(super) fn check_names(files: &BTreeSet<String>, faults: &mut Vec<String>) {
    if files.len() > MOST_FUNCTIONS {
        faults.push(format!(
            "api/ holds {} functions; the platform's free plan takes {MOST_FUNCTIONS}",
            files.len()
        ));
    }
    for file in files {
        let resource = file
            .strip_prefix("api/")
            .and_then(|name| name.strip_suffix(".rs"))
            .unwrap_or_default();
        if !resource.bytes().all(|b| b.is_ascii_lowercase()) || resource == "index" {
            faults.push(format!(
                "{file}: a function is one file api/RESOURCE.rs; vercel.json leads every path below it there"
            ));
        }
    }
}
