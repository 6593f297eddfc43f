//! The generated documents: written anew, or compared with what they should be.

use std::path::Path;

use catalyst::routes::openapi;
use serde_json::Value;

use super::{api_page, error_pages};

/// With `write` the documents are written; otherwise each of them must be fresh.
pub(super) fn check(root: &Path, write: bool, faults: &mut Vec<String>) {
    let document = openapi::document();
    let documents = [
        ("public/openapi.json", format!("{document:#}\n")),
        ("docs/errors.md", error_pages::markdown()),
        ("docs/api.md", api_page::markdown()),
        ("public/docs/errors.html", error_pages::html()),
    ];
    for (path, expected) in documents {
        let path = root.join(path);
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
