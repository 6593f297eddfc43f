//! `catalyst-dev check`: the files under `api/`, the `[[bin]]` list, `vercel.json` and the OpenAPI document must say the
//! same, and the generated documents must be fresh. `--write` makes them so; `--routes` tells where requests lead.

mod api_files;
mod api_page;
mod bindings;
mod documents;
mod error_pages;
mod operations;
mod requests;
#[cfg(test)]
mod tests;
mod variables;
mod vercel_config;

use std::path::Path;

use catalyst_cli::project::Project;

use crate::functions::Deployment;

pub use requests::requests;

/// Compares everything below `root`; with `write` the generated documents are made anew first.
///
/// # Errors
///
/// Every disagreement, a sentence each.
pub fn run(root: &Path, write: bool) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    let files = match api_files::list(root) {
        Ok(files) => files,
        Err(error) => return Err(vec![format!("api/ cannot be read: {error}")]),
    };
    api_files::check_manifest(root, &files, &mut faults);
    api_files::check_names(&files, &mut faults);
    let bindings = bindings::Bindings::read(root, &files, &mut faults);
    match Deployment::of(&Project::at(root)) {
        Ok(deployment) => {
            operations::check_paths(&deployment, &bindings, &mut faults);
            operations::check_durations(&deployment, &bindings, &mut faults);
            vercel_config::check(root, &deployment, &mut faults);
        }
        Err(error) => faults.push(error.to_string()),
    }
    variables::check(root, &mut faults);
    documents::check(root, write, &mut faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}
