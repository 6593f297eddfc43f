//! Every declared operation is reached at its path, and gets the time that it may take.

use catalyst::routes::{self, openapi};
use http::HeaderMap;
use platform::endpoint::Declaration;

use super::bindings::Bindings;
use crate::functions::{Deployment, Destination};

/// Every declared path must lead to the file that binds its operation, and to no other.
pub(super) fn check_paths(deployment: &Deployment, bindings: &Bindings, faults: &mut Vec<String>) {
    for declaration in routes::declarations() {
        let Declaration { id, path, .. } = declaration;
        let file = match destination(deployment, &sample(path)) {
            Some(Destination::Function(function, added)) => {
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
        for (other, binds) in bindings.of_operation(id) {
            match (other == file, binds) {
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
    let document = deployment.public().join("openapi.json");
    if destination(deployment, openapi::PATH) != Some(Destination::File(document)) {
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

pub(super) fn destination<'a>(deployment: &'a Deployment, path: &str) -> Option<Destination<'a>> {
    Some(deployment.route(&path.parse().ok()?, &HeaderMap::new()))
}

/// A function must be allowed to take as long as the longest of its operations.
pub(super) fn check_durations(
    deployment: &Deployment,
    bindings: &Bindings,
    faults: &mut Vec<String>,
) {
    for function in deployment.functions().all() {
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
