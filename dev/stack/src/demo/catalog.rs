//! The uploads that the demo's channel has.

use std::path::{Path, PathBuf};

use catalyst_cli::error::{Error, Result};

/// The file given, or one that is made in `folder`.
pub(super) fn catalog(given: Option<&Path>, folder: &Path) -> Result<PathBuf> {
    if let Some(path) = given {
        let file = path.canonicalize().map_err(Error::io(format!(
            "cannot read the catalogue {}",
            path.display()
        )))?;
        fakes::read_catalog(&file).map_err(|error| {
            Error::setup(
                format!("the catalogue {} cannot be used: {error}", path.display()),
                "give a CSV file with the columns title, published_at, views, likes, comments",
            )
        })?;
        return Ok(file);
    }
    let path = folder.join("generated-uploads.csv");
    let rows = fakes::generate_catalog(240, 7, jiff::Timestamp::now());
    let file = std::fs::File::create(&path)
        .map_err(Error::io(format!("cannot write {}", path.display())))?;
    fakes::write_catalog(file, &rows).map_err(|error| {
        Error::setup(
            format!("the generated catalogue cannot be written: {error}"),
            "look at the disk's space",
        )
    })?;
    Ok(path)
}
