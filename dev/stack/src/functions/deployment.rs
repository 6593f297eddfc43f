//! Where a request leads, in the platform's order: redirects, then files and functions, then rewrites. `tests/vercel`
//! compares this reading with the route table that the platform's own builder writes.

use std::path::{Path, PathBuf};

use http::{HeaderMap, StatusCode, Uri};

use super::{
    function::{Function, Functions},
    static_files,
    vercel::Rules,
};
use catalyst_cli::{error::Result, project::Project};

/// Functions, rules and static files of one deployment.
#[derive(Debug)]
pub(crate) struct Deployment {
    functions: Functions,
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
        let functions = Functions::new(project.functions()?);
        let rules = Rules::read(&project.root().join("vercel.json"), &functions)?;
        Ok(Self {
            functions,
            rules,
            public: project.root().join("public"),
        })
    }

    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
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
        let clean = |clean: fn(&str) -> Option<String>| {
            let target = clean(path).filter(|_| self.rules.clean_urls)?;
            Some(Destination::Redirect(
                target,
                StatusCode::PERMANENT_REDIRECT,
            ))
        };
        if let Some(redirect) = clean(clean_page) {
            return redirect;
        }
        if let Some((target, status)) = self.rules.redirect(uri, headers) {
            return Destination::Redirect(target, status);
        }
        if let Some(redirect) = clean(clean_function) {
            return redirect;
        }
        if let Some(found) = self.target_at(path, Vec::new()) {
            return found;
        }
        let (mut path, mut query) = (path.to_owned(), Vec::new());
        for rewrite in self.rules.rewrites(uri, headers) {
            let Some((target, added)) = rewrite.apply(&path) else {
                continue;
            };
            query.extend(added);
            if let Some(found) = self.target_at(&target, query.clone()) {
                return found;
            }
            // A destination that is not there is what the rules after it see.
            path = target;
        }
        Destination::NotFound
    }

    /// The function or the file at a path, with or without a slash at its end.
    fn target_at(&self, path: &str, query: Vec<(String, String)>) -> Option<Destination<'_>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(function) = self.functions.at(path) {
            return Some(Destination::Function(function, query));
        }
        static_files::find(&self.public, path, self.rules.clean_urls).map(Destination::File)
    }
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
    let file = path.strip_suffix('/').unwrap_or(path);
    let stem = file.strip_suffix(".rs")?;
    let name = stem.strip_prefix("/api/")?;
    if name.is_empty() {
        return None;
    }
    Some(stem.strip_suffix("/index").unwrap_or(stem).to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A project with these files and this `vercel.json`.
    fn project(rules: &str) -> (TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "Cargo.toml",
            "[[bin]]\nname = \"api_health\"\npath = \"api/health.rs\"\n[[bin]]\nname = \"api_videos\"\npath = \"api/videos.rs\"\n",
        );
        write("vercel.json", rules);
        for page in [
            "index.html",
            "docs/errors.html",
            "openapi.json",
            "style.css",
        ] {
            write(&format!("public/{page}"), "");
        }
        let project = Project::at(folder.path());
        (folder, project)
    }

    fn routed(deployment: &Deployment, target: &str) -> String {
        let query = |pairs: Vec<(String, String)>| -> String {
            pairs
                .into_iter()
                .map(|(name, value)| format!(" {name}={value}"))
                .collect()
        };
        match deployment.route(&target.parse().unwrap(), &HeaderMap::new()) {
            Destination::Redirect(target, status) => format!("{} {target}", status.as_u16()),
            Destination::Function(function, added) => format!("{}{}", function.file, query(added)),
            Destination::File(file) => {
                let file = file.strip_prefix(deployment.public()).unwrap();
                file.to_string_lossy().into_owned()
            }
            Destination::NotFound => "nothing".to_owned(),
        }
    }

    #[test]
    fn functions_and_files_come_before_rewrites_and_rewrites_in_their_order() {
        let (_folder, project) = project(
            r#"{"cleanUrls": true, "functions": {"api/*.rs": {"maxDuration": 5}}, "rewrites": [
                {"source": "/api/openapi.json", "destination": "/openapi.json"},
                {"source": "/api/config", "destination": "/api/health"},
                {"source": "/api/videos/(.*)", "destination": "/api/videos"},
                {"source": "/v/:id", "destination": "/api/videos"},
                {"source": "/lost", "destination": "/moved"},
                {"source": "/moved", "destination": "/api/videos?from=lost"},
                {"source": "/api/(.*)", "destination": "/api/health"}]}"#,
        );
        let deployment = Deployment::of(&project).unwrap();
        for (target, expected) in [
            ("/api/videos", "api/videos.rs"),
            ("/api/videos/", "api/videos.rs"),
            ("/api/videos/7/more?x=1", "api/videos.rs"),
            ("/api/videosx", "api/health.rs"),
            ("/api/config", "api/health.rs"),
            ("/api/openapi.json", "openapi.json"),
            ("/api/", "api/health.rs"),
            ("/api", "nothing"),
            ("/v/7", "api/videos.rs id=7"),
            ("/lost", "api/videos.rs from=lost"),
            ("/", "index.html"),
            ("/docs/errors", "docs/errors.html"),
            ("/docs/errors/", "docs/errors.html"),
            ("/style.css", "style.css"),
            ("/docs", "nothing"),
            ("/../Cargo.toml", "nothing"),
            ("/Cargo.toml", "nothing"),
        ] {
            assert_eq!(routed(&deployment, target), expected, "{target}");
        }
    }

    #[test]
    fn clean_addresses_lead_away_from_file_names() {
        let (_folder, project) = project(r#"{"cleanUrls": true}"#);
        let deployment = Deployment::of(&project).unwrap();
        for (target, expected) in [
            ("/docs/errors.html", "308 /docs/errors"),
            ("/nothing.html/", "308 /nothing"),
            ("/index", "308 /"),
            ("/docs/index.html", "308 /docs"),
            ("/api/health.rs", "308 /api/health"),
            ("/api/nothing.rs/", "308 /api/nothing"),
            ("/api/x/index.rs", "308 /api/x"),
        ] {
            assert_eq!(routed(&deployment, target), expected, "{target}");
        }
    }

    #[test]
    fn without_clean_addresses_a_page_has_its_file_name() {
        let (_folder, project) = project("{}");
        let deployment = Deployment::of(&project).unwrap();
        assert_eq!(routed(&deployment, "/docs/errors.html"), "docs/errors.html");
        assert_eq!(routed(&deployment, "/docs/errors"), "nothing");
    }
}
