//! The operations that each file under `api/` binds, as its text says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use catalyst::routes;
use platform::endpoint::Declaration;
use regex::Regex;

/// The operations' ids by file.
pub(super) struct Bindings(BTreeMap<String, BTreeSet<String>>);

impl Bindings {
    pub(super) fn read(root: &Path, files: &BTreeSet<String>, faults: &mut Vec<String>) -> Self {
        let reader = Reader {
            import: pattern(r"routes::(\w+)::(?:\{([^}]*)\}|(\w+))"),
            binding: pattern(r"\bon\(\s*&(\w+)"),
            declared: declared_constants(root),
        };
        let read = |file: &String| {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            (file.clone(), reader.ids(file, &text, faults))
        };
        Self(files.iter().map(read).collect())
    }

    /// Whether each file binds this operation.
    pub(super) fn of_operation(&self, id: &str) -> impl Iterator<Item = (&str, bool)> {
        self.0
            .iter()
            .map(move |(file, ids)| (file.as_str(), ids.contains(id)))
    }

    /// The operations that a file binds.
    pub(super) fn of_file(&self, file: &str) -> impl Iterator<Item = &'static Declaration> {
        let ids = self.0.get(file).cloned().unwrap_or_default();
        routes::declarations().filter(move |declaration| ids.contains(declaration.id))
    }
}

/// Finds the operations in a file's text.
struct Reader {
    import: Regex,
    binding: Regex,
    declared: BTreeMap<(String, String), String>,
}

impl Reader {
    fn ids(&self, file: &str, text: &str, faults: &mut Vec<String>) -> BTreeSet<String> {
        let constants = self.constants(text);
        let mut ids = BTreeSet::new();
        for binding in self.binding.captures_iter(text) {
            match constants.get(&binding[1]) {
                Some(id) => drop(ids.insert((*id).to_owned())),
                None => faults.push(format!(
                    "{file} binds {}, which is no operation of lib/src/routes",
                    &binding[1]
                )),
            }
        }
        if ids.is_empty() {
            faults.push(format!("{file} binds no operation of lib/src/routes"));
        }
        ids
    }

    /// The ids of the constants that a file imports, by their names.
    fn constants<'a>(&'a self, text: &'a str) -> BTreeMap<&'a str, &'a str> {
        let mut constants = BTreeMap::new();
        for import in self.import.captures_iter(text) {
            let names = import.get(2).or_else(|| import.get(3));
            for name in names.map_or("", |names| names.as_str()).split(',') {
                let declared = self
                    .declared
                    .get(&(import[1].to_owned(), name.trim().to_owned()));
                constants.extend(declared.map(|id| (name.trim(), id.as_str())));
            }
        }
        constants
    }
}

/// The operations' ids by module and constant of `lib/src/routes`.
pub(super) fn declared_constants(root: &Path) -> BTreeMap<(String, String), String> {
    let declaration = pattern(r#"pub const (\w+): Operation<[^;]*?Operation::\w+\(\s*"([^"]+)""#);
    let mut constants = BTreeMap::new();
    for entry in std::fs::read_dir(root.join("lib/src/routes"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let module = entry.file_name().to_string_lossy().replace(".rs", "");
        for found in declaration.captures_iter(&text) {
            let name = (module.clone(), found[1].to_owned());
            constants.insert(name, found[2].to_owned());
        }
    }
    constants
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant of this file")
}
