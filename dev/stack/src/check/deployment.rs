//! Where `vercel.json` leads: every declared operation is reached at its path and gets the time that it may take; the
//! regions, the published folder and the schedule are right.

use std::{fs, path::Path};

use catalyst::routes::{self, openapi};
use http::HeaderMap;
use platform::endpoint::Declaration;
use serde_json::Value;

use super::api_files::Bindings;
use crate::functions::{Deployment, Destination};

/// Regions the product may run in.
const EU_REGIONS: [&str; 4] = ["fra1", "cdg1", "dub1", "arn1"];

/// Every declared path must lead to the file that binds its operation, and to no other.
pub(super) fn check_paths(deployment: &Deployment, bindings: &Bindings, faults: &mut Vec<String>) {
    for Declaration { id, path, .. } in routes::declarations() {
        let Some(Destination::Function(function, added)) = destination(deployment, &sample(path))
        else {
            faults.push(format!("{id}: {path} reaches no function"));
            continue;
        };
        if !added.is_empty() {
            faults.push(format!(
                "vercel.json: the rewrite of {path} adds to the query, which no operation expects"
            ));
        }
        let file = &function.file;
        for (other, binds) in bindings.of_operation(id) {
            match (other == file, binds) {
                (true, false) => {
                    faults.push(format!(
                        "{id}: {path} reaches {file}, which does not bind it"
                    ));
                }
                (false, true) => {
                    faults.push(format!("{other} binds {id}, but {path} reaches {file}"));
                }
                _ => {}
            }
        }
    }
    let document = Destination::File(deployment.public().join("openapi.json"));
    if destination(deployment, openapi::PATH) != Some(document) {
        let path = openapi::PATH;
        faults.push(format!(
            "vercel.json: {path} must lead to public/openapi.json"
        ));
    }
}

/// A path of this form.
fn sample(path: &str) -> String {
    let segment = |segment| {
        if str::starts_with(segment, '{') {
            "x"
        } else {
            segment
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn destination<'a>(deployment: &'a Deployment, path: &str) -> Option<Destination<'a>> {
    Some(deployment.route(&path.parse().ok()?, &HeaderMap::new()))
}

/// A function must be allowed to take as long as the longest of its operations.
pub(super) fn check_durations(
    deployment: &Deployment,
    bindings: &Bindings,
    faults: &mut Vec<String>,
) {
    for function in deployment.functions() {
        let file = &function.file;
        let longest = bindings.of_file(file).map(Declaration::deadline).max();
        match (deployment.rules().declared_duration(file), longest) {
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

/// The regions, the published folder and the schedule.
pub(super) fn check_settings(root: &Path, deployment: &Deployment, faults: &mut Vec<String>) {
    let text = fs::read_to_string(root.join("vercel.json")).unwrap_or_default();
    let Ok(config) = serde_json::from_str::<Value>(&text) else {
        faults.push("vercel.json cannot be read".to_owned());
        return;
    };
    let list = |name: &str| config[name].as_array().cloned().unwrap_or_default();
    for region in list("regions") {
        if !EU_REGIONS.iter().any(|one| region == *one) {
            let known = EU_REGIONS.join(", ");
            faults.push(format!(
                "vercel.json: region {region} is not one of {known}"
            ));
        }
    }
    let has_files = fs::read_dir(root.join("public")).is_ok_and(|mut files| files.next().is_some());
    if config["outputDirectory"] != "public" || !has_files {
        faults.push("vercel.json: outputDirectory must be public, and public/ must hold a file; otherwise the sources are published".into());
    }
    for cron in list("crons") {
        let path = cron["path"].as_str().unwrap_or_default();
        if !matches!(
            destination(deployment, path),
            Some(Destination::Function(..))
        ) {
            faults.push(format!("vercel.json: the cron path {path} is no function"));
        }
        if cron["schedule"]
            .as_str()
            .map_or(0, |text| text.split_whitespace().count())
            != 5
        {
            faults.push(format!(
                "vercel.json: the schedule of {path} must have five fields"
            ));
        }
    }
}
