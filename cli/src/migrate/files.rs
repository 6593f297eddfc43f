//! The migrations' files.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::MigrateError;
use crate::{Error, Result, project::read_text, sha256::checksum};

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
    let failed = || Error::io(format!("cannot read {}", folder.display()));
    let entries = fs::read_dir(folder).map_err(failed())?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(failed())?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let mut migrations: Vec<Migration> = Vec::with_capacity(paths.len());
    for path in paths {
        let file = path.file_name().unwrap_or_default();
        let file = file.to_string_lossy().into_owned();
        let Some((version, name)) = parse_name(&file) else {
            return Err(MigrateError::Name(file).into());
        };
        if let Some(before) = migrations.last().filter(|before| before.version == version) {
            return Err(MigrateError::Twice(before.file.clone(), file).into());
        }
        let sql = read_text(&path)?;
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
    let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let named = !name.is_empty() && name.bytes().all(plain);
    let dated = version.len() == 14 && version.bytes().all(|byte| byte.is_ascii_digit());
    (dated && named).then(|| (version.to_owned(), name.to_owned()))
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
