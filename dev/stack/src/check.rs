//! `catalyst-dev check`: the files under `api/`, the `[[bin]]` list, `vercel.json` and the OpenAPI document must say the same,
//! and the generated documents must be fresh. `--write` makes them so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use catalyst::http::{Declaration, Kind, Limit, Who};
use catalyst::routes;
use globset::GlobBuilder;
use serde::Deserialize;
use serde_json::Value;

/// Regions the product may run in.
const EU_REGIONS: [&str; 4] = ["fra1", "cdg1", "dub1", "arn1"];
/// The platform's cap on a function's path, extension included.
const MAX_PATH: usize = 128;

#[derive(Deserialize)]
struct Manifest {
    bin: Vec<Bin>,
}

#[derive(Deserialize)]
struct Bin {
    name: String,
    path: String,
}

/// Compares everything below `root`; with `write` the generated documents are made anew first.
///
/// # Errors
///
/// Every disagreement, a sentence each.
pub fn run(root: &Path, write: bool) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    let files = match api_files(root) {
        Ok(files) => files,
        Err(error) => return Err(vec![format!("api/ cannot be read: {error}")]),
    };
    bins(root, &files, &mut faults);
    paths(&files, &mut faults);
    vercel(root, &files, &mut faults);
    variables(root, &mut faults);
    documents(root, write, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Files that become functions, relative to the root, as the platform's builder sees them.
fn api_files(root: &Path) -> std::io::Result<BTreeSet<String>> {
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

fn bins(root: &Path, files: &BTreeSet<String>, faults: &mut Vec<String>) {
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
#[must_use]
pub fn bin_name(file: &str) -> String {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    stem.chars()
        .filter(|c| !matches!(c, '[' | ']'))
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// The address a file answers: `api/videos/[id].rs` is `/api/videos/{id}`.
#[must_use]
pub fn address(file: &str) -> String {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    format!("/{}", stem.replace('[', "{").replace(']', "}"))
}

fn paths(files: &BTreeSet<String>, faults: &mut Vec<String>) {
    let declared: BTreeSet<&str> = routes::declarations().map(|d| d.path).collect();
    let served: BTreeMap<String, &String> =
        files.iter().map(|file| (address(file), file)).collect();
    for path in &declared {
        if !served.contains_key(*path) {
            faults.push(format!(
                "OpenAPI declares {path}, but no file under api/ answers it"
            ));
        }
    }
    for (path, file) in &served {
        if !declared.contains(path.as_str()) {
            faults.push(format!(
                "{file} answers {path}, which no operation in lib/src/routes declares"
            ));
        }
        if file.contains("[...") {
            faults.push(format!(
                "{file}: outside Next.js [...name] is no catch-all; use a rewrite"
            ));
        }
        if file.len() > MAX_PATH || file.contains(' ') {
            faults.push(format!(
                "{file}: a function's path has at most {MAX_PATH} characters and no spaces"
            ));
        }
    }
    let mut placeholders: BTreeMap<String, &str> = BTreeMap::new();
    for path in served.keys() {
        let mut position = String::new();
        for segment in path.split('/') {
            if segment.starts_with('{') {
                let known = placeholders.entry(position.clone()).or_insert(segment);
                if *known != segment {
                    faults.push(format!("{path}: this position is called {known} elsewhere; the platform wants one name"));
                }
                position.push_str("/{}");
            } else {
                position.push('/');
                position.push_str(segment);
            }
        }
    }
}

fn vercel(root: &Path, files: &BTreeSet<String>, faults: &mut Vec<String>) {
    let (config, text): (Value, String) = match std::fs::read_to_string(root.join("vercel.json"))
        .map_err(|e| e.to_string())
        .and_then(|text| {
            let config = serde_json::from_str(&text).map_err(|e| e.to_string())?;
            Ok((config, text))
        }) {
        Ok(read) => read,
        Err(error) => {
            faults.push(format!("vercel.json cannot be read: {error}"));
            return;
        }
    };
    for region in config["regions"].as_array().into_iter().flatten() {
        if !region
            .as_str()
            .is_some_and(|region| EU_REGIONS.contains(&region))
        {
            faults.push(format!(
                "vercel.json: region {region} is not one of {}",
                EU_REGIONS.join(", ")
            ));
        }
    }
    if config["outputDirectory"] != "public" || !has_files(&root.join("public")) {
        faults.push("vercel.json: outputDirectory must be public, and public/ must hold a file; otherwise the sources are published".into());
    }
    durations(patterns(&text), files, faults);
    for cron in config["crons"].as_array().into_iter().flatten() {
        let path = cron["path"].as_str().unwrap_or_default();
        if !files.iter().any(|file| address(file) == path) {
            faults.push(format!("vercel.json: the cron path {path} is no function"));
        }
        if cron["schedule"]
            .as_str()
            .unwrap_or_default()
            .split_whitespace()
            .count()
            != 5
        {
            faults.push(format!(
                "vercel.json: the schedule of {path} must have five fields"
            ));
        }
    }
}

/// The patterns of `functions` in the order in which they stand, which decides: a [`Value`] does not keep it.
fn patterns(text: &str) -> Vec<(String, Value)> {
    struct Pairs(Vec<(String, Value)>);
    struct Reader;
    impl<'de> serde::de::Visitor<'de> for Reader {
        type Value = Pairs;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(Pairs(pairs))
        }
    }
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Reader)
        }
    }
    #[derive(serde::Deserialize)]
    struct File {
        functions: Pairs,
    }
    serde_json::from_str::<File>(text).map_or_else(|_| Vec::new(), |file| file.functions.0)
}

/// Each pattern must be the first match of at least one file, and no declared deadline may exceed the file's duration.
fn durations(functions: Vec<(String, Value)>, files: &BTreeSet<String>, faults: &mut Vec<String>) {
    let mut used = BTreeSet::new();
    for file in files {
        let first = functions.iter().find(|(pattern, _)| {
            pattern == file
                || GlobBuilder::new(pattern)
                    .literal_separator(true)
                    .build()
                    .is_ok_and(|glob| glob.compile_matcher().is_match(file))
        });
        let Some((pattern, function)) = first else {
            faults.push(format!(
                "vercel.json: no pattern of `functions` gives {file} a maxDuration"
            ));
            continue;
        };
        used.insert(pattern.as_str());
        let longest = routes::declarations()
            .filter(|d| d.path == address(file))
            .map(|d| d.deadline_seconds)
            .max()
            .unwrap_or(0);
        if function["maxDuration"]
            .as_u64()
            .is_none_or(|seconds| seconds < longest)
        {
            faults.push(format!(
                "vercel.json: {file} may take {longest} s, more than its maxDuration"
            ));
        }
    }
    for (pattern, _) in &functions {
        if !used.contains(pattern.as_str()) {
            faults.push(format!("vercel.json: the pattern {pattern} is no file's first match; the platform refuses that"));
        }
    }
}

fn has_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// Every variable that the configuration reads is explained in `.env.example`.
fn variables(root: &Path, faults: &mut Vec<String>) {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let example = read(".env.example");
    let source = read("lib/src/config/mod.rs");
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let names: BTreeSet<&str> = source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| {
            text.len() > 4
                && text.contains('_')
                && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        })
        .collect();
    for name in names {
        let explained = example.lines().any(|line| {
            line.trim_start_matches("# ")
                .starts_with(&format!("{name}="))
        });
        if !explained {
            faults.push(format!(".env.example does not explain {name}"));
        }
    }
}

fn documents(root: &Path, write: bool, faults: &mut Vec<String>) {
    let documents: [(&str, String); 3] = [
        ("docs/errors.md", errors_markdown()),
        ("docs/api.md", api_markdown()),
        ("public/docs/errors.html", errors_html()),
    ];
    for (path, expected) in documents {
        let path: PathBuf = root.join(path);
        if write {
            let written = path
                .parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| std::fs::write(&path, &expected));
            if let Err(error) = written {
                faults.push(format!("{} cannot be written: {error}", path.display()));
            }
        } else if std::fs::read_to_string(&path).unwrap_or_default() != expected {
            faults.push(format!(
                "{} is out of date; run `catalyst-dev check --write`",
                path.display()
            ));
        }
    }
}

fn errors_markdown() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery error is `application/problem+json` (RFC 9457). Branch on `code`; `detail` is for people; `errors` names\n\
         fields. `retryable` says whether the same request may succeed later.\n\n| code | status | meaning | retry |\n| --- | --- | --- | --- |\n",
    );
    for kind in Kind::ALL {
        let retry = if kind.retryable() { "later" } else { "no" };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {retry} |",
            kind.code(),
            kind.status().as_u16(),
            kind.title()
        );
    }
    text
}

fn errors_html() -> String {
    let mut rows = String::new();
    for kind in Kind::ALL {
        let retry = if kind.retryable() { "later" } else { "no" };
        let _ = writeln!(
            rows,
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{2}</td><td>{retry}</td></tr>",
            kind.code(),
            kind.status().as_u16(),
            kind.title()
        );
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Errors · Content Catalyst Engine</title>\n<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n<main>\n<p><a href=\"/\">Content Catalyst Engine</a></p>\n\
         <h1>Errors</h1>\n<p>Every error is <code>application/problem+json</code> (RFC 9457). Branch on <code>code</code>.</p>\n\
         <table>\n<tr><th>code</th><th>status</th><th>meaning</th><th>retry</th></tr>\n{rows}</table>\n</main>\n</html>\n"
    )
}

fn api_markdown() -> String {
    let mut text = String::from(
        "# API\n\nJSON in, JSON out; errors as in [errors.md](errors.md). `GET /api/openapi.json` has every schema.\n\n\
         | operation | method and path | who | limit | |\n| --- | --- | --- | --- | --- |\n",
    );
    let mut declarations: Vec<&Declaration> = routes::declarations().collect();
    declarations.sort_by_key(|d| (d.path, d.verb.as_str()));
    for d in declarations {
        let who = match d.who {
            Who::Public => "anybody",
            Who::User => "user",
            Who::Admin => "admin",
            Who::Cron => "scheduler",
        };
        let limit = if d.limit == Limit::None {
            ""
        } else {
            d.limit.name()
        };
        let key = if d.idempotent {
            " Honours `Idempotency-Key`."
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "| `{}` | {} `{}` | {who} | {limit} | {}{key} |",
            d.id,
            d.verb.as_str(),
            d.path,
            d.summary
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_address_and_one_binary() {
        assert_eq!(address("api/videos/[id].rs"), "/api/videos/{id}");
        assert_eq!(address("api/channels/index.rs"), "/api/channels");
        assert_eq!(
            bin_name("api/channels/[id]/sync.rs"),
            "api_channels_id_sync"
        );
        assert_eq!(bin_name("api/openapi.json.rs"), "api_openapi_json");
    }

    #[test]
    fn patterns_keep_their_order() {
        let text =
            r#"{"functions":{"z/*.rs":{"maxDuration":1},"a/*.rs":{},"m.rs":{}},"regions":[]}"#;
        let names: Vec<String> = patterns(text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["z/*.rs", "a/*.rs", "m.rs"]);
        assert!(patterns("{}").is_empty());
    }

    #[test]
    fn a_file_without_a_binary_or_a_declaration_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("api")).unwrap();
        std::fs::write(folder.path().join("api/stray.rs"), "").unwrap();
        std::fs::write(
            folder.path().join("Cargo.toml"),
            "[[bin]]\nname = \"x\"\npath = \"api/gone.rs\"\n",
        )
        .unwrap();
        std::fs::write(
            folder.path().join("vercel.json"),
            r#"{"functions":{"api/none.rs":{"maxDuration":1}}}"#,
        )
        .unwrap();
        let faults = run(folder.path(), false).unwrap_err().join("\n");
        for expected in [
            "api/gone.rs",
            "api/stray.rs has 0",
            "no operation in lib/src/routes",
            "no file's first match",
            "out of date",
        ] {
            assert!(
                faults.contains(expected),
                "{expected} is missing in:\n{faults}"
            );
        }
    }
}
