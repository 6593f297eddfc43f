//! `check --routes`: where requests lead, for a comparison with the platform's own route table.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use catalyst_cli::project::Project;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::functions::{Deployment, Destination};

/// Tells of each request, a line of JSON with `target` and `headers`, where it leads: a line of JSON with `redirect` and
/// `status`, `function` and `query`, or `file`; nothing in it is the platform's own 404.
///
/// # Errors
///
/// What cannot be read.
pub fn requests(root: &Path, lines: impl BufRead) -> Result<Vec<Value>, String> {
    let deployment = Deployment::of(&Project::at(root)).map_err(|error| error.to_string())?;
    lines
        .lines()
        .map(|line| {
            let line = line.map_err(|error| error.to_string())?;
            answer(&deployment, &line).map_err(|error| format!("{line}: {error}"))
        })
        .collect()
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
