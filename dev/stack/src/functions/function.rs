//! Where the functions are reached: each file under `api/` answers its own path.

use std::collections::BTreeMap;

/// One function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// The binary's name.
    pub(crate) name: String,
    /// The source file, `api/videos.rs`.
    pub(crate) file: String,
}

/// All functions, by their paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Functions(BTreeMap<String, Function>);

impl Functions {
    /// The functions of these binaries and source files.
    pub(crate) fn new(bins: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(
            bins.into_iter()
                .map(|(name, file)| (address(&file), Function { name, file }))
                .collect(),
        )
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Function> {
        self.0.values()
    }

    /// The function at exactly this path.
    pub(crate) fn at(&self, path: &str) -> Option<&Function> {
        self.0.get(path)
    }
}

/// The path of a file: `/api/videos` of `api/videos.rs`. Brackets would make it a pattern on the platform; here the
/// rewrites lead to a resource's function instead, and `check` refuses the file.
fn address(file: &str) -> String {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    format!("/{stem}")
}

#[cfg(test)]
mod tests {
    use super::Functions;

    #[test]
    fn a_file_answers_its_own_path_and_no_other() {
        let files = ["api/channels.rs", "api/health/index.rs", "api/video.rs"];
        let functions = Functions::new(files.map(|file| (file.to_owned(), file.to_owned())));
        let file = |path: &str| functions.at(path).map(|function| function.file.as_str());
        assert_eq!(file("/api/channels"), Some("api/channels.rs"));
        assert_eq!(file("/api/health"), Some("api/health/index.rs"));
        for nothing in [
            "/api",
            "/api/channels/7",
            "/api/channels.rs",
            "/api/videos",
            "/channels",
        ] {
            assert_eq!(file(nothing), None, "{nothing}");
        }
    }
}
