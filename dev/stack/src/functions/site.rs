//! What a request meets, in the platform's order: redirects, then files and functions, then rewrites. `tests/vercel`
//! compares this reading with the route table that the platform's own builder writes.

use std::path::{Path, PathBuf};

use http::{HeaderMap, StatusCode, Uri};

use super::{Function, Functions, Rules};
use catalyst_cli::{error::Result, project::Project};

/// Functions, rules and static files of one deployment.
#[derive(Debug)]
pub struct Site {
    functions: Functions,
    rules: Rules,
    public: PathBuf,
}

/// What a request meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met<'a> {
    /// Another address.
    Redirect(String, StatusCode),
    /// A function, and what is added to the query that it sees.
    Function(&'a Function, Vec<(String, String)>),
    /// A static file.
    File(PathBuf),
    /// Nothing: the platform's own 404.
    Nothing,
}

impl Site {
    /// Reads the project's manifest and rules.
    pub fn of(project: &Project) -> Result<Self> {
        let functions = Functions::new(project.functions()?);
        let rules = Rules::read(&project.root().join("vercel.json"), &functions)?;
        Ok(Self {
            functions,
            rules,
            public: project.root().join("public"),
        })
    }

    /// The functions.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The folder of the static files.
    pub fn public(&self) -> &Path {
        &self.public
    }

    /// What a request meets.
    pub fn meets(&self, uri: &Uri, headers: &HeaderMap) -> Met<'_> {
        let path = uri.path();
        let clean = |clean: fn(&str) -> Option<String>| {
            let target = clean(path).filter(|_| self.rules.clean_urls)?;
            Some(Met::Redirect(target, StatusCode::PERMANENT_REDIRECT))
        };
        if let Some(redirect) = clean(clean_page) {
            return redirect;
        }
        if let Some((target, status)) = self.rules.redirect(uri, headers) {
            return Met::Redirect(target, status);
        }
        if let Some(redirect) = clean(clean_function) {
            return redirect;
        }
        if let Some(met) = self.holds(path, Vec::new()) {
            return met;
        }
        let (mut path, mut query) = (path.to_owned(), Vec::new());
        for rewrite in self.rules.rewrites(uri, headers) {
            let Some((target, added)) = rewrite.apply(&path) else {
                continue;
            };
            query.extend(added);
            if let Some(met) = self.holds(&target, query.clone()) {
                return met;
            }
            // A destination that is not there is what the rules after it see.
            path = target;
        }
        Met::Nothing
    }

    /// The function or the file at a path, with or without a slash at its end.
    fn holds(&self, path: &str, query: Vec<(String, String)>) -> Option<Met<'_>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(function) = self.functions.at(path) {
            return Some(Met::Function(function, query));
        }
        static_file(&self.public, path, self.rules.clean_urls).map(Met::File)
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

/// The file that a path shows; with clean addresses a page is published under its name alone.
fn static_file(public: &Path, path: &str, clean_urls: bool) -> Option<PathBuf> {
    let decoded = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    let relative = decoded.strip_prefix('/').unwrap_or(&decoded);
    if relative
        .split('/')
        .any(|part| part == ".." || part.starts_with('.'))
        || relative.contains('\0')
        || (clean_urls && relative.ends_with(".html"))
    {
        return None;
    }
    let page = format!("{relative}.html");
    [
        Some(public.join(relative)),
        clean_urls.then(|| public.join(page)),
        Some(public.join(relative).join("index.html")),
    ]
    .into_iter()
    .flatten()
    .find(|file| file.is_file())
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

    fn meets(site: &Site, target: &str) -> String {
        let query = |pairs: Vec<(String, String)>| -> String {
            pairs
                .into_iter()
                .map(|(name, value)| format!(" {name}={value}"))
                .collect()
        };
        match site.meets(&target.parse().unwrap(), &HeaderMap::new()) {
            Met::Redirect(target, status) => format!("{} {target}", status.as_u16()),
            Met::Function(function, added) => format!("{}{}", function.file, query(added)),
            Met::File(file) => {
                let file = file.strip_prefix(site.public()).unwrap();
                file.to_string_lossy().into_owned()
            }
            Met::Nothing => "nothing".to_owned(),
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
        let site = Site::of(&project).unwrap();
        for (target, met) in [
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
            assert_eq!(meets(&site, target), met, "{target}");
        }
    }

    #[test]
    fn clean_addresses_lead_away_from_file_names() {
        let (_folder, project) = project(r#"{"cleanUrls": true}"#);
        let site = Site::of(&project).unwrap();
        for (target, met) in [
            ("/docs/errors.html", "308 /docs/errors"),
            ("/nothing.html/", "308 /nothing"),
            ("/index", "308 /"),
            ("/docs/index.html", "308 /docs"),
            ("/api/health.rs", "308 /api/health"),
            ("/api/nothing.rs/", "308 /api/nothing"),
            ("/api/x/index.rs", "308 /api/x"),
        ] {
            assert_eq!(meets(&site, target), met, "{target}");
        }
    }

    #[test]
    fn without_clean_addresses_a_page_has_its_file_name() {
        let (_folder, project) = project("{}");
        let site = Site::of(&project).unwrap();
        assert_eq!(meets(&site, "/docs/errors.html"), "docs/errors.html");
        assert_eq!(meets(&site, "/docs/errors"), "nothing");
    }
}
