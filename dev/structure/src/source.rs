//! Reads the production files of a folder of crates.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Item};

/// A file could not be read or parsed.
#[derive(Debug)]
pub(crate) struct ReadError(PathBuf, String);

impl ReadError {
    pub(crate) fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self(path.to_owned(), reason.to_string())
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.display(), self.1)
    }
}

/// `lib`, `cli` or `dev`.
pub(crate) struct Folder {
    pub(crate) name: &'static str,
    pub(crate) crates: Vec<Crate>,
}

/// The files below one `src`.
pub(crate) struct Crate {
    /// As other crates write it.
    pub(crate) name: String,
    pub(crate) files: Vec<File>,
}

/// A production file: not one that only tests use.
pub(crate) struct File {
    /// Relative to the checkout.
    pub(crate) path: PathBuf,
    /// `["publishing", "slots"]` for `src/publishing/slots.rs`.
    pub(crate) module: Vec<String>,
    /// Its items, but for those that are compiled for tests only.
    pub(crate) items: Vec<Item>,
    /// Its lines; those of test items are empty.
    pub(crate) lines: Vec<String>,
    /// How many of its lines are not of test items.
    pub(crate) production_lines: usize,
    /// Whether a test module stands in it.
    pub(crate) inline_tests: bool,
    /// The names of the modules that only tests use.
    test_modules: Vec<String>,
}

impl Folder {
    pub(crate) fn read(root: &Path, name: &'static str) -> Result<Self, ReadError> {
        let mut crates = Vec::new();
        for manifest in manifests(&root.join(name))? {
            if manifest.with_file_name("src").is_dir() {
                crates.push(Crate::read(root, &manifest)?);
            }
        }
        Ok(Self { name, crates })
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.crates.iter().flat_map(|krate| &krate.files)
    }
}

impl Crate {
    fn read(root: &Path, manifest: &Path) -> Result<Self, ReadError> {
        let text = read(manifest)?;
        let name = text.lines().find_map(|line| line.strip_prefix("name = "));
        let name = name.unwrap_or_default().trim_matches('"').replace('-', "_");
        let src = manifest.with_file_name("src");
        let mut paths = Vec::new();
        rust_files(&src, &mut paths)?;
        let mut files = Vec::new();
        let mut only_tests = BTreeSet::new();
        for path in paths {
            let file = File::read(root, &src, &path)?;
            for name in &file.test_modules {
                only_tests.insert([file.module.as_slice(), slice::from_ref(name)].concat());
            }
            files.push(file);
        }
        let is_used =
            |module: &[String]| !(1..=module.len()).any(|n| only_tests.contains(&module[..n]));
        files.retain(|file| is_used(&file.module));
        Ok(Self { name, files })
    }
}

impl File {
    fn read(root: &Path, src: &Path, path: &Path) -> Result<Self, ReadError> {
        let text = read(path)?;
        let syntax = syn::parse_file(&text).map_err(|error| ReadError::new(path, error))?;
        let (tests, items): (Vec<_>, Vec<_>) = syntax.items.into_iter().partition(is_test);
        let mut file = Self {
            path: path.strip_prefix(root).unwrap_or(path).to_owned(),
            module: module_of(path.strip_prefix(src).unwrap_or(path)),
            items,
            lines: text.lines().map(str::to_owned).collect(),
            production_lines: text.lines().count(),
            inline_tests: false,
            test_modules: Vec::new(),
        };
        for test in tests {
            let lines = test.span().start().line - 1..test.span().end().line;
            file.production_lines -= lines.len();
            file.lines[lines].fill(String::new());
            if let Item::Mod(module) = test {
                file.inline_tests |= module.content.is_some();
                file.test_modules.push(module.ident.to_string());
            }
        }
        Ok(file)
    }

    /// Its lines of code: not blank, not only a comment, not of tests.
    pub(crate) fn code_lines(&self) -> usize {
        code_lines(self.lines.iter().map(String::as_str), "//")
    }
}

/// How many lines are neither blank nor only a comment.
pub(crate) fn code_lines<'a>(lines: impl Iterator<Item = &'a str>, comment: &str) -> usize {
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(comment))
        .count()
}

/// Whether an item is compiled for tests only.
fn is_test(item: &Item) -> bool {
    let attributes = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<TokenStream>().map(|_| attributes)
    };
    let attributes = attributes
        .parse2(item.to_token_stream())
        .unwrap_or_default();
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|ident| ident == "test")
    })
}

fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<String> = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    module.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    module
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let folders = [vec![folder.to_owned()], entries(folder)?].concat();
    let manifests = folders.into_iter().map(|folder| folder.join("Cargo.toml"));
    Ok(manifests.filter(|manifest| manifest.is_file()).collect())
}

/// The Rust files below a folder, in the order of their names.
pub(crate) fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), ReadError> {
    for path in entries(folder)? {
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// What lies in a folder, in the order of names.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let read = |error| ReadError::new(folder, error);
    let mut paths = fs::read_dir(folder)
        .map_err(read)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(read))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

pub(crate) fn read(path: &Path) -> Result<String, ReadError> {
    fs::read_to_string(path).map_err(|error| ReadError::new(path, error))
}
