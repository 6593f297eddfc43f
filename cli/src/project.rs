//! Where the project, its built binaries and its local state are.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// How many functions a deployment may have on the platform's free plan, which refuses more after a green build.
pub const MOST_FUNCTIONS: usize = 12;

/// The checked-out project.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The project that the working directory is in.
    pub fn find() -> Result<Self> {
        let here = env::current_dir().map_err(Error::io("cannot read the working directory"))?;
        here.ancestors()
            .find(|folder| {
                folder.join("supabase/migrations").is_dir() && folder.join("Cargo.toml").is_file()
            })
            .map(|root| Self {
                root: root.to_owned(),
            })
            .ok_or_else(|| {
                Error::setup(
                    format!("{} is not inside the project", here.display()),
                    "run this in the folder that holds Cargo.toml and supabase/, or below it",
                )
            })
    }

    /// The project at a known place.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder with `Cargo.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The local stack's folder, `.catalyst`.
    pub fn state(&self) -> PathBuf {
        self.root.join(".catalyst")
    }

    /// The folder with the migrations.
    pub fn migrations(&self) -> PathBuf {
        self.root.join("supabase/migrations")
    }

    /// The folder with the built functions: Cargo's target folder and a profile in it.
    pub fn binaries(&self, release: bool) -> PathBuf {
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from);
        let target = if target.is_absolute() {
            target
        } else {
            self.root.join(target)
        };
        target.join(if release { "release" } else { "debug" })
    }

    /// The functions: binary name and source path of every `[[bin]]` under `api/`.
    pub fn functions(&self) -> Result<Vec<(String, String)>> {
        let path = self.root.join("Cargo.toml");
        let text = fs::read_to_string(&path)
            .map_err(Error::io(format!("cannot read {}", path.display())))?;
        let manifest: toml::Table = text.parse().map_err(|error| {
            Error::setup(
                format!("{} is not TOML: {error}", path.display()),
                "correct the file",
            )
        })?;
        let bins = manifest
            .get("bin")
            .and_then(toml::Value::as_array)
            .cloned()
            .unwrap_or_default();
        Ok(bins
            .iter()
            .filter_map(|bin| {
                Some((
                    bin.get("name")?.as_str()?.to_owned(),
                    bin.get("path")?.as_str()?.to_owned(),
                ))
            })
            .filter(|(_, path)| path.starts_with("api/"))
            .collect())
    }

    /// The variables of `.env`; empty when there is no such file.
    pub fn dotenv(&self) -> Result<BTreeMap<String, String>> {
        let path = self.root.join(".env");
        if path.exists() {
            read_dotenv(&path)
        } else {
            Ok(BTreeMap::new())
        }
    }
}

/// The variables of a file.
pub fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>> {
    let text =
        fs::read_to_string(path).map_err(Error::io(format!("cannot read {}", path.display())))?;
    Ok(parse_dotenv(&text))
}

/// `NAME=value` lines: comments, `export`, and single or double quotes are understood; an empty value counts as unset.
fn parse_dotenv(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line);
            if line.starts_with('#') {
                return None;
            }
            let (name, value) = line.split_once('=')?;
            let value = value.trim();
            let value = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
                _ => value.split(" #").next().unwrap_or_default().trim_end(),
            };
            (!value.is_empty()).then(|| (name.trim().to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse_dotenv;

    #[test]
    fn dotenv_lines_are_read_as_shells_would() {
        let read = parse_dotenv(
            "# note\nA=1\nexport B='two # kept' # dropped\nC=\nD=\"x=y\"\nE=plain # dropped\nnot a line\n",
        );
        let read: Vec<_> = read
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                ("A", "1"),
                ("B", "two # kept"),
                ("D", "x=y"),
                ("E", "plain")
            ]
        );
    }
}
