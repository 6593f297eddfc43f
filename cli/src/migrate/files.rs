//! The migrations' files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::error::MigrateError;
use crate::{
    error::{Error, Result},
    sha256::checksum,
};

/// One file of the folder.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The 14 digits.
    pub version: String,
    /// The rest of the name.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// Its text.
    pub sql: String,
    /// SHA-256 of the text, in hexadecimal.
    pub checksum: String,
}

/// Reads the folder's migrations in order.
pub fn read(folder: &Path) -> Result<Vec<Migration>> {
    let failed = |path: &Path| Error::io(format!("cannot read {}", path.display()));
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(failed(folder))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()
        .map_err(failed(folder))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let mut migrations: Vec<Migration> = Vec::with_capacity(paths.len());
    for path in paths {
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (version, name) =
            parse_name(&file).ok_or_else(|| MigrateError::Name { file: file.clone() })?;
        if let Some(before) = migrations.last().filter(|before| before.version == version) {
            return Err(MigrateError::Twice {
                first: before.file.clone(),
                second: file,
            }
            .into());
        }
        let sql = fs::read_to_string(&path).map_err(failed(&path))?;
        let checksum = checksum(sql.as_bytes());
        migrations.push(Migration {
            version,
            name,
            file,
            sql,
            checksum,
        });
    }
    Ok(migrations)
}

fn parse_name(file: &str) -> Option<(String, String)> {
    let (version, name) = file.strip_suffix(".sql")?.split_once('_')?;
    let named = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (version.len() == 14 && version.bytes().all(|byte| byte.is_ascii_digit()) && named)
        .then(|| (version.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::parse_name;

    #[test]
    fn names_are_a_timestamp_and_words() {
        assert_eq!(
            parse_name("20261122000100_initial_schema.sql"),
            Some(("20261122000100".into(), "initial_schema".into()))
        );
        for wrong in [
            "1_x.sql",
            "20261122000100.sql",
            "20261122000100_.sql",
            "20261122000100_X.sql",
            "2026112200010a_x.sql",
        ] {
            assert_eq!(parse_name(wrong), None, "{wrong}");
        }
    }
}
