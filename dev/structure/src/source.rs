//! Reads the production files of a folder of crates.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::LineColumn;
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
    pub(crate) syntax: syn::File,
    pub(crate) text: String,
    /// All its lines but those of test items.
    pub(crate) production_lines: usize,
    /// Whether a test module stands in it.
    pub(crate) inline_tests: bool,
}

impl Folder {
    pub(crate) fn read(root: &Path, name: &'static str) -> Result<Self, ReadError> {
        let mut crates = Vec::new();
        for manifest in manifests(&root.join(name))? {
            let folder = manifest.parent().unwrap_or(root);
            if !folder.join("src").is_dir() {
                continue;
            }
            crates.push(Crate::read(root, &manifest)?);
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
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("name = "))
            .unwrap_or_default()
            .trim_matches('"')
            .replace('-', "_");
        let src = manifest.with_file_name("src");
        let mut paths = Vec::new();
        rust_files(&src, &mut paths)?;
        let mut files = Vec::new();
        let mut test_modules = BTreeSet::new();
        for path in paths {
            let file = File::read(root, &src, &path)?;
            for item in &file.syntax.items {
                if let Item::Mod(module) = item
                    && module.content.is_none()
                    && is_test(&module.attrs)
                {
                    let mut test_module = file.module.clone();
                    test_module.push(module.ident.to_string());
                    test_modules.insert(test_module);
                }
            }
            files.push(file);
        }
        files.retain(|file| {
            !(1..=file.module.len()).any(|length| test_modules.contains(&file.module[..length]))
        });
        Ok(Self { name, files })
    }
}

impl File {
    fn read(root: &Path, src: &Path, path: &Path) -> Result<Self, ReadError> {
        let text = read(path)?;
        let syntax = syn::parse_file(&text).map_err(|error| ReadError::new(path, error))?;
        let tests: Vec<_> = syntax
            .items
            .iter()
            .filter(|item| is_test(attributes(item)))
            .collect();
        let test_lines: usize = tests.iter().map(|item| lines_of(item)).sum();
        let inline_tests = tests
            .iter()
            .any(|item| matches!(item, Item::Mod(module) if module.content.is_some()));
        Ok(Self {
            path: path.strip_prefix(root).unwrap_or(path).to_owned(),
            module: module_of(path.strip_prefix(src).unwrap_or(path)),
            production_lines: text.lines().count() - test_lines,
            inline_tests,
            syntax,
            text,
        })
    }
}

impl File {
    /// The text of its test items.
    pub(crate) fn test_text(&self) -> String {
        let lines: Vec<_> = self.text.lines().collect();
        let tests = self
            .syntax
            .items
            .iter()
            .filter(|item| is_test(attributes(item)));
        tests
            .flat_map(|item| &lines[item.span().start().line - 1..item.span().end().line])
            .map(|line| format!("{line}\n"))
            .collect()
    }
}

/// Whether an item is compiled for tests only.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|ident| ident == "test")
    })
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn lines_of(item: &Item) -> usize {
    let LineColumn { line: first, .. } = item.span().start();
    let LineColumn { line: last, .. } = item.span().end();
    last + 1 - first
}

fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<String> = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        module.pop();
    }
    module
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut found = Vec::new();
    if folder.join("Cargo.toml").is_file() {
        found.push(folder.join("Cargo.toml"));
    }
    for path in entries(folder)? {
        if path.join("Cargo.toml").is_file() {
            found.push(path.join("Cargo.toml"));
        }
    }
    Ok(found)
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
