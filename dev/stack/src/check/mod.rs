//! `catalyst-dev check`: the files under `api/`, the `[[bin]]` list, `vercel.json` and the OpenAPI document must say the
//! same, the generated documents must be fresh, and what `docs/` promises must have its tests. `--write` makes the documents
//! so; `--routes` tells where requests lead.

mod api_files;
mod configuration;
mod deployment;
mod documents;
mod examples;
mod promises;
mod settings;
#[cfg(test)]
mod tests;
mod variables;

use std::{collections::BTreeMap, io::BufRead, path::Path};

use catalyst_cli::project::Project;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::functions::{Deployment, Destination};

/// Compares everything below `root`; with `write` the generated documents are made anew first.
///
/// # Errors
///
/// Every disagreement, a sentence each.
pub fn run(root: &Path, write: bool) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    let files = api_files::list(root).map_err(|error| vec![format!("api/: {error}")])?;
    api_files::check_manifest(root, &files, &mut faults);
    api_files::check_names(&files, &mut faults);
    let bindings = api_files::Bindings::read(root, &files, &mut faults);
    match Deployment::of(&Project::at(root)) {
        Ok(deployed) => {
            deployment::check_paths(&deployed, &bindings, &mut faults);
            deployment::check_durations(&deployed, &bindings, &mut faults);
            deployment::check_settings(root, &deployed, &mut faults);
        }
        Err(error) => faults.push(error.to_string()),
    }
    variables::check(root, &mut faults);
    configuration::check(root, &mut faults);
    documents::check(root, write, &mut faults);
    promises::check(root, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Tells of each request, a line of JSON with `target` and `headers`, where it leads, for a comparison with the platform's
/// own route table: a line of JSON with `redirect` and `status`, `function` and `query`, or `file`; nothing in it is the
/// platform's own 404.
///
/// # Errors
///
/// What cannot be read.
pub fn requests(root: &Path, lines: impl BufRead) -> Result<Vec<Value>, String> {
    let deployment = Deployment::of(&Project::at(root)).map_err(|error| error.to_string())?;
    let answers = lines.lines().map(|line| {
        let line = line.map_err(|error| error.to_string())?;
        answer(&deployment, &line).map_err(|error| format!("{line}: {error}"))
    });
    answers.collect()
}

#[derive(Deserialize)]
struct Asked {
    target: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

fn answer(deployment: &Deployment, line: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let asked: Asked = serde_json::from_str(line)?;
    let mut headers = HeaderMap::new();
    for (name, value) in &asked.headers {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok(
        match deployment.route(&asked.target.parse::<Uri>()?, &headers) {
            Destination::Redirect(target, status) => {
                json!({"redirect": target, "status": status.as_u16()})
            }
            Destination::Function(function, query) => {
                json!({"function": function.file.trim_end_matches(".rs"), "query": query})
            }
            Destination::File(file) => json!({"file": file.strip_prefix(deployment.public())?}),
            Destination::NotFound => json!({}),
        },
    )
}
