//! `catalyst-dev check`: the files under `api/`, the `[[bin]]` list, `vercel.json` and the OpenAPI document must say the
//! same, and the generated documents must be fresh. `--write` makes them so; `--routes` tells what requests meet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use catalyst::routes::{self, openapi};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use platform::endpoint::{Access, Declaration, Kind, Limit};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::functions::{Met, Site};
use catalyst_cli::project::{MOST_FUNCTIONS, Project};

/// Regions the product may run in.
const EU_REGIONS: [&str; 4] = ["fra1", "cdg1", "dub1", "arn1"];

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
    places(&files, &mut faults);
    let served = Served::read(root, &files, &mut faults);
    match Site::of(&Project::at(root)) {
        Ok(site) => {
            operations(&site, &served, &mut faults);
            durations(&site, &served, &mut faults);
            vercel(root, &site, &mut faults);
        }
        Err(error) => faults.push(error.to_string()),
    }
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

/// As many files as the platform takes, each at the place of its resource.
fn places(files: &BTreeSet<String>, faults: &mut Vec<String>) {
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

/// The ids of the operations that each file binds, as its text says.
struct Served(BTreeMap<String, BTreeSet<String>>);

impl Served {
    fn read(root: &Path, files: &BTreeSet<String>, faults: &mut Vec<String>) -> Self {
        let imported = pattern(r"routes::(\w+)::(?:\{([^}]*)\}|(\w+))");
        let bound = pattern(r"\bon\(\s*&(\w+)");
        let declared = declared_constants(root);
        let mut served = BTreeMap::new();
        for file in files {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            let mut constants = BTreeMap::new();
            for import in imported.captures_iter(&text) {
                let names = import.get(2).or_else(|| import.get(3));
                for name in names.map_or("", |names| names.as_str()).split(',') {
                    let declared = declared.get(&(import[1].to_owned(), name.trim().to_owned()));
                    constants.extend(declared.map(|id| (name.trim(), id.clone())));
                }
            }
            let mut ids = BTreeSet::new();
            for binding in bound.captures_iter(&text) {
                match constants.get(&binding[1]) {
                    Some(id) => {
                        ids.insert(id.clone());
                    }
                    None => faults.push(format!(
                        "{file} binds {}, which is no operation of lib/src/routes",
                        &binding[1]
                    )),
                }
            }
            if ids.is_empty() {
                faults.push(format!("{file} binds no operation of lib/src/routes"));
            }
            served.insert(file.clone(), ids);
        }
        Self(served)
    }

    fn by(&self, file: &str) -> impl Iterator<Item = &'static Declaration> {
        let ids = self.0.get(file).cloned().unwrap_or_default();
        routes::declarations().filter(move |declaration| ids.contains(declaration.id))
    }
}

/// The operations' ids by module and constant of `lib/src/routes`.
fn declared_constants(root: &Path) -> BTreeMap<(String, String), String> {
    let declaration = pattern(r#"pub const (\w+): Operation<[^;]*?Operation::\w+\(\s*"([^"]+)""#);
    let mut constants = BTreeMap::new();
    for entry in std::fs::read_dir(root.join("lib/src/routes"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let module = entry.file_name().to_string_lossy().replace(".rs", "");
        for found in declaration.captures_iter(&text) {
            let name = (module.clone(), found[1].to_owned());
            constants.insert(name, found[2].to_owned());
        }
    }
    constants
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant of this file")
}

/// Every declared path must lead to the file that binds its operation, and to no other.
fn operations(site: &Site, served: &Served, faults: &mut Vec<String>) {
    for declaration in routes::declarations() {
        let Declaration { id, path, .. } = declaration;
        let file = match met(site, &sample(path)) {
            Some(Met::Function(function, added)) => {
                if !added.is_empty() {
                    faults.push(format!("vercel.json: the rewrite of {path} adds to the query, which no operation expects"));
                }
                &function.file
            }
            _ => {
                faults.push(format!("{id}: {path} reaches no function"));
                continue;
            }
        };
        for (other, ids) in &served.0 {
            match (other == file, ids.contains(*id)) {
                (true, false) => faults.push(format!(
                    "{id}: {path} reaches {file}, which does not bind it"
                )),
                (false, true) => {
                    faults.push(format!("{other} binds {id}, but {path} reaches {file}"))
                }
                _ => {}
            }
        }
    }
    let document = site.public().join("openapi.json");
    if met(site, openapi::PATH) != Some(Met::File(document)) {
        faults.push(format!(
            "vercel.json: {} must lead to public/openapi.json",
            openapi::PATH
        ));
    }
}

/// A path of this form.
fn sample(path: &str) -> String {
    path.split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "x"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn met<'a>(site: &'a Site, path: &str) -> Option<Met<'a>> {
    Some(site.meets(&path.parse().ok()?, &HeaderMap::new()))
}

/// A function must be allowed to take as long as the longest of its operations.
fn durations(site: &Site, served: &Served, faults: &mut Vec<String>) {
    for function in site.functions().all() {
        let file = &function.file;
        let longest = served.by(file).map(Declaration::deadline).max();
        match (site.rules().declared_duration(file), longest) {
            (None, _) => faults.push(format!(
                "vercel.json: no pattern of `functions` gives {file} a maxDuration"
            )),
            (Some(duration), Some(longest)) if duration < longest => faults.push(format!(
                "vercel.json: {file} may take {} s, more than its maxDuration",
                longest.as_secs()
            )),
            _ => {}
        }
    }
}

fn vercel(root: &Path, site: &Site, faults: &mut Vec<String>) {
    let config: Value = match std::fs::read_to_string(root.join("vercel.json"))
        .map_err(|e| e.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|e| e.to_string()))
    {
        Ok(config) => config,
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
    for cron in config["crons"].as_array().into_iter().flatten() {
        let path = cron["path"].as_str().unwrap_or_default();
        if !matches!(met(site, path), Some(Met::Function(..))) {
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

/// Tells of each request, a line of JSON with `target` and `headers`, what it meets: a line of JSON with `redirect` and
/// `status`, `function` and `query`, or `file`; nothing in it is the platform's own 404.
///
/// # Errors
///
/// What cannot be read.
pub fn requests(root: &Path, lines: impl BufRead) -> Result<Vec<Value>, String> {
    #[derive(Deserialize)]
    struct Asked {
        target: String,
        #[serde(default)]
        headers: BTreeMap<String, String>,
    }
    let site = Site::of(&Project::at(root)).map_err(|error| error.to_string())?;
    let answer = |line: &str| -> Result<Value, Box<dyn std::error::Error>> {
        let asked: Asked = serde_json::from_str(line)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &asked.headers {
            headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        Ok(match site.meets(&asked.target.parse::<Uri>()?, &headers) {
            Met::Redirect(target, status) => {
                json!({"redirect": target, "status": status.as_u16()})
            }
            Met::Function(function, query) => {
                let path = function.file.trim_end_matches(".rs");
                json!({"function": path, "query": query})
            }
            Met::File(file) => {
                json!({"file": file.strip_prefix(site.public())?})
            }
            Met::Nothing => json!({}),
        })
    };
    lines
        .lines()
        .map(|line| {
            let line = line.map_err(|error| error.to_string())?;
            answer(&line).map_err(|error| format!("{line}: {error}"))
        })
        .collect()
}

fn has_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// What reads the variables.
const CONFIGURATION: &str = "lib/platform/src/config/mod.rs";

/// Every variable that the configuration reads is explained in `.env.example`.
fn variables(root: &Path, faults: &mut Vec<String>) {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let example = read(".env.example");
    let source = read(CONFIGURATION);
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
    if names.is_empty() {
        faults.push(format!("{CONFIGURATION} reads no variable"));
    }
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
    let document = openapi::document();
    let documents: [(&str, String); 4] = [
        ("public/openapi.json", format!("{document:#}\n")),
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
            continue;
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let is_fresh = if path.extension().is_some_and(|kind| kind == "json") {
            // The order of members says nothing.
            serde_json::from_str(&found).is_ok_and(|found: Value| found == document)
        } else {
            found == expected
        };
        if !is_fresh {
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
        let who = match d.access {
            Access::Public => "anybody",
            Access::User => "user",
            Access::Admin => "admin",
            Access::Cron => "scheduler",
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

    /// A project with these files besides the declarations of this one.
    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let declared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lib/src/routes");
        let copies = folder.path().join("lib/src/routes");
        std::fs::create_dir_all(&copies).unwrap();
        for entry in std::fs::read_dir(declared).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copies.join(entry.file_name())).unwrap();
        }
        folder
    }

    #[test]
    fn a_file_has_one_binary() {
        assert_eq!(bin_name("api/videos.rs"), "api_videos");
        assert_eq!(
            bin_name("api/channels/[id]/sync.rs"),
            "api_channels_id_sync"
        );
    }

    #[test]
    fn every_constant_of_the_declarations_is_found_in_their_text() {
        let folder = project(&[]);
        let ids: BTreeSet<String> = declared_constants(folder.path()).into_values().collect();
        let declared: BTreeSet<String> = routes::declarations()
            .map(|declaration| declaration.id.to_owned())
            .collect();
        assert_eq!(ids, declared);
    }

    #[test]
    fn an_operation_that_its_path_does_not_reach_is_a_fault() {
        let folder = project(&[
            (
                "api/videos.rs",
                "use catalyst::routes::videos::{GET, LIST};\nserve([on(&LIST, list)])",
            ),
            (
                "api/me.rs",
                "use catalyst::routes::accounts::GET;\nuse catalyst::routes::videos::INSIGHTS;\nserve([on(&GET, get), on( &INSIGHTS, i), on(&OTHER, o)])",
            ),
            (
                "Cargo.toml",
                "[[bin]]\nname = \"api_me\"\npath = \"api/me.rs\"\n[[bin]]\nname = \"api_videos\"\npath = \"api/videos.rs\"\n",
            ),
            (
                "vercel.json",
                r#"{"functions": {"api/*.rs": {"maxDuration": 24}}, "rewrites": [
                    {"source": "/api/videos/:id", "destination": "/api/videos"}, {"source": "/api/channels/(.*)", "destination": "/api/videos"}]}"#,
            ),
        ]);
        let faults = run(folder.path(), false).unwrap_err().join("\n");
        for expected in [
            "api/me.rs binds OTHER, which is no operation",
            "videos.get: /api/videos/{id} reaches api/videos.rs, which does not bind it",
            "the rewrite of /api/videos/{id} adds to the query",
            "api/me.rs binds channels.insights, but /api/channels/{id}/insights reaches api/videos.rs",
            "content.list: /api/content reaches no function",
            "api/videos.rs may take 25 s",
            "/api/openapi.json must lead to public/openapi.json",
        ] {
            assert!(
                faults.contains(expected),
                "{expected} is missing in:\n{faults}"
            );
        }
        for unexpected in ["videos.list: ", "me.get: "] {
            assert!(!faults.contains(unexpected), "{faults}");
        }
    }

    #[test]
    fn more_functions_than_the_free_plan_takes_are_a_fault() {
        let files: Vec<String> = (b'a'..=b'm')
            .map(|letter| format!("api/{}.rs", char::from(letter)))
            .collect();
        let files: Vec<_> = files.iter().map(|file| (file.as_str(), "")).collect();
        let faults = run(project(&files).path(), false).unwrap_err().join("\n");
        assert!(faults.contains("api/ holds 13 functions"), "{faults}");
        let faults = run(project(&files[1..]).path(), false).unwrap_err();
        assert!(!faults.join("\n").contains("holds"), "{faults:?}");
    }

    #[test]
    fn a_function_below_a_folder_or_with_brackets_is_a_fault() {
        for file in [
            "api/me/export.rs",
            "api/[id].rs",
            "api/index.rs",
            "api/a.b.rs",
        ] {
            let faults = run(project(&[(file, "")]).path(), false).unwrap_err();
            let refused = format!("{file}: a function is one file");
            assert!(faults.join("\n").contains(&refused), "{faults:?}");
        }
    }

    #[test]
    fn requests_are_told_what_they_meet() {
        let folder = project(&[
            ("api/me.rs", ""),
            (
                "Cargo.toml",
                "[[bin]]\nname = \"api_me\"\npath = \"api/me.rs\"\n",
            ),
            (
                "vercel.json",
                r#"{"redirects": [{"source": "/old", "destination": "/new", "has": [{"type": "cookie", "key": "s"}]}],
                    "rewrites": [{"source": "/m/:id", "destination": "/api/me"}]}"#,
            ),
            ("public/style.css", ""),
        ]);
        let lines = [
            r#"{"target": "/m/7?x=1"}"#,
            r#"{"target": "/style.css"}"#,
            r#"{"target": "/old", "headers": {"cookie": "s=1"}}"#,
            r#"{"target": "/old"}"#,
        ];
        assert_eq!(
            requests(folder.path(), lines.join("\n").as_bytes()).unwrap(),
            [
                json!({"function": "api/me", "query": [["id", "7"]]}),
                json!({"file": "style.css"}),
                json!({"redirect": "/new", "status": 308}),
                json!({}),
            ]
        );
        assert!(requests(folder.path(), b"{}".as_slice()).is_err());
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
            "api/stray.rs binds no operation",
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
