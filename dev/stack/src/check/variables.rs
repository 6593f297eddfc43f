//! Every variable that the configuration reads is explained in `.env.example`; its other names stand in `docs/configuration.md`.

use std::{collections::BTreeSet, fs, path::Path};

use platform::config::OTHER_NAMES;

/// What reads the variables.
const CONFIGURATION: &str = "lib/platform/src/config";

pub(super) fn check(root: &Path, faults: &mut Vec<String>) {
    let example = fs::read_to_string(root.join(".env.example")).unwrap_or_default();
    let source = source(&root.join(CONFIGURATION));
    let is_variable = |text: &&str| {
        let letters = text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        letters && text.len() > 4 && text.contains('_')
    };
    let other_names: BTreeSet<&str> = OTHER_NAMES
        .iter()
        .flat_map(|(_, others)| others.iter().copied())
        .collect();
    let names: BTreeSet<&str> = source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(is_variable)
        .filter(|name| !other_names.contains(name))
        .collect();
    if names.is_empty() {
        faults.push(format!("{CONFIGURATION} reads no variable"));
    }
    for name in names {
        let entry = format!("{name}=");
        if !example
            .lines()
            .any(|line| line.trim_start_matches("# ").starts_with(&entry))
        {
            faults.push(format!(".env.example does not explain {name}"));
        }
    }
}

/// The text of a folder's files, without tests.
fn source(folder: &Path) -> String {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let texts = files
        .filter(|file| file.file_name() != "tests.rs")
        .filter_map(|file| fs::read_to_string(file.path()).ok());
    texts
        .map(|text| {
            text.split("#[cfg(test)]")
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}
