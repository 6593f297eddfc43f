//! Where the project, its built binaries and its local state are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use platform::config::{OTHER_NAMES, two_values};

use crate::{Error, Result};

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
        let holds_it = |folder: &&Path| {
            folder.join("supabase/migrations").is_dir() && folder.join("Cargo.toml").is_file()
        };
        here.ancestors()
            .find(holds_it)
            .map(Self::at)
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
        let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        // An absolute path replaces the root.
        let profile = if release { "release" } else { "debug" };
        self.root.join(target).join(profile)
    }

    /// The functions: binary name and source path of every `[[bin]]` under `api/`.
    pub fn functions(&self) -> Result<Vec<(String, String)>> {
        let path = self.root.join("Cargo.toml");
        let manifest: toml::Table = read_text(&path)?.parse().map_err(|error| {
            let problem = format!("{} is not TOML: {error}", path.display());
            Error::setup(problem, "correct the file")
        })?;
        let bins = manifest.get("bin").and_then(toml::Value::as_array);
        let text = |bin: &toml::Value, key| Some(bin.get(key)?.as_str()?.to_owned());
        Ok(bins
            .into_iter()
            .flatten()
            .filter_map(|bin| Some((text(bin, "name")?, text(bin, "path")?)))
            .filter(|(_, path)| path.starts_with("api/"))
            .collect())
    }

    /// The variables of `.env`, and those of `.env.local`, which count more; empty when there is neither file.
    pub fn dotenv(&self) -> Result<BTreeMap<String, String>> {
        let mut variables = BTreeMap::new();
        for name in [".env", ".env.local"] {
            let path = self.root.join(name);
            if path.exists() {
                variables.extend(read_dotenv(&path)?);
            }
        }
        Ok(variables)
    }
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Error::io(format!("cannot read {}", path.display())))
}

/// The variables of a file.
pub fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>> {
    read_text(path).map(|text| parse_dotenv(&text))
}

/// The variables, each under its own name where it stands under another one.
///
/// # Errors
///
/// When one has two values under two names.
pub fn under_own_names(
    mut variables: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    if let Some(twice) = two_values(|name| variables.get(name).cloned()) {
        let problem = format!("{} {}", twice.own, twice.problem());
        return Err(Error::setup(
            problem,
            "nobody could tell which value is meant",
        ));
    }
    for (own, others) in OTHER_NAMES {
        for other in others {
            if let Some(value) = variables.remove(*other) {
                variables.insert(own.to_owned(), value);
            }
        }
    }
    Ok(variables)
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
    use std::collections::BTreeMap;

    use super::{Project, parse_dotenv, under_own_names};

    #[test]
    fn the_local_file_counts_more_than_the_shared_one() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::at(folder.path());
        assert!(project.dotenv().unwrap().is_empty());
        std::fs::write(folder.path().join(".env"), "A=1\nB=1\n").unwrap();
        std::fs::write(folder.path().join(".env.local"), "B=2\n").unwrap();
        let read = project.dotenv().unwrap();
        assert_eq!((read["A"].as_str(), read["B"].as_str()), ("1", "2"));
    }

    #[test]
    fn a_variable_is_found_under_each_of_its_names() {
        let named = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            under_own_names(pairs.collect::<BTreeMap<_, _>>())
        };
        let url = "NEXT_PUBLIC_SUPABASE_URL";
        assert_eq!(named(&[(url, "x")]).unwrap()["SUPABASE_URL"], "x");
        assert_eq!(
            named(&[(url, "x"), ("SUPABASE_URL", "x")]).unwrap().len(),
            1
        );
        let refused = named(&[(url, "x"), ("SUPABASE_URL", "y")]).unwrap_err();
        assert!(refused.to_string().contains(url), "{refused}");
    }

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
