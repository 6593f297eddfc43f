//! Where a request leads, in the platform's order: redirects, then files and functions, then rewrites. `tests/vercel`
//! compares this reading with the route table that the platform's own builder writes.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalyst_cli::{error::Result, project::Project};
use http::{HeaderMap, StatusCode, Uri};

use super::{static_files, vercel::Rules};

/// One function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// The binary's name.
    pub(crate) name: String,
    /// The source file, `api/videos.rs`.
    pub(crate) file: String,
}

/// Functions, rules and static files of one deployment.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// By their paths: each file under `api/` answers its own.
    functions: BTreeMap<String, Function>,
    rules: Rules,
    public: PathBuf,
}

/// Where a request leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination<'a> {
    /// Another address.
    Redirect(String, StatusCode),
    /// A function, and what is added to the query that it sees.
    Function(&'a Function, Vec<(String, String)>),
    /// A static file.
    File(PathBuf),
    /// Nothing: the platform's own 404.
    NotFound,
}

impl Deployment {
    /// Reads the project's manifest and rules.
    pub(crate) fn of(project: &Project) -> Result<Self> {
        let bins = project.functions()?.into_iter();
        let functions: BTreeMap<_, _> = bins
            .map(|(name, file)| (address(&file), Function { name, file }))
            .collect();
        let files: Vec<&str> = functions.values().map(|one| one.file.as_str()).collect();
        let rules = Rules::read(&project.root().join("vercel.json"), &files)?;
        Ok(Self {
            functions,
            rules,
            public: project.root().join("public"),
        })
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.values()
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The folder of the static files.
    pub(crate) fn public(&self) -> &Path {
        &self.public
    }

    /// Where a request leads.
    pub(crate) fn route(&self, uri: &Uri, headers: &HeaderMap) -> Destination<'_> {
        let path = uri.path();
        let clean = |target: Option<String>| {
            let target = target.filter(|_| self.rules.clean_urls)?;
            Some(Destination::Redirect(
                target,
                StatusCode::PERMANENT_REDIRECT,
            ))
        };
        let redirect = || {
            let (target, status) = self.rules.redirect(uri, headers)?;
            Some(Destination::Redirect(target, status))
        };
        clean(clean_page(path))
            .or_else(redirect)
            .or_else(|| clean(clean_function(path)))
            .or_else(|| self.target_at(path, Vec::new()))
            .or_else(|| self.rewritten(uri, headers))
            .unwrap_or(Destination::NotFound)
    }

    /// Where the rewrites lead.
    fn rewritten(&self, uri: &Uri, headers: &HeaderMap) -> Option<Destination<'_>> {
        let (mut path, mut query) = (uri.path().to_owned(), Vec::new());
        for rewrite in self.rules.rewrites(uri, headers) {
            let Some((target, added)) = rewrite.apply(&path) else {
                continue;
            };
            query.extend(added);
            if let Some(found) = self.target_at(&target, query.clone()) {
                return Some(found);
            }
            // A destination that is not there is what the rules after it see.
            path = target;
        }
        None
    }

    /// The function or the file at a path, with or without a slash at its end.
    fn target_at(&self, path: &str, query: Vec<(String, String)>) -> Option<Destination<'_>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(function) = self.functions.get(path) {
            return Some(Destination::Function(function, query));
        }
        static_files::find(&self.public, path, self.rules.clean_urls).map(Destination::File)
    }
}

/// The path of a file: `/api/videos` of `api/videos.rs`. Brackets would make it a pattern on the platform; here the
/// rewrites lead to a resource's function instead, and `check` refuses the file.
fn address(file: &str) -> String {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    format!("/{}", stem.strip_suffix("/index").unwrap_or(stem))
}

/// `/page` of `/page.html`, and `/folder` of `/folder/index`.
fn clean_page(path: &str) -> Option<String> {
    let page = path.strip_suffix('/').unwrap_or(path);
    let stem = page.strip_suffix(".html").unwrap_or(page);
    match stem.strip_suffix("/index") {
        Some("") => Some("/".to_owned()),
        Some(folder) => Some(folder.to_owned()),
        None => (stem != page).then(|| stem.to_owned()),
    }
}

/// `/api/name` of `/api/name.rs`, whether there is such a function or not.
fn clean_function(path: &str) -> Option<String> {
    let stem = path.strip_suffix('/').unwrap_or(path).strip_suffix(".rs")?;
    stem.strip_prefix("/api/").filter(|name| !name.is_empty())?;
    Some(stem.strip_suffix("/index").unwrap_or(stem).to_owned())
}
