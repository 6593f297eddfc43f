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

#[test]
fn a_file_answers_its_own_path_and_no_other() {
    let files = ["api/channels.rs", "api/health/index.rs", "api/video.rs"];
    let bins = files.map(|file| format!("[[bin]]\nname = \"x\"\npath = \"{file}\"\n"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.toml"), bins.concat()).unwrap();
    let deployment = Deployment::of(&Project::at(folder.path())).unwrap();
    assert_eq!(routed(&deployment, "/api/channels"), "api/channels.rs");
    assert_eq!(routed(&deployment, "/api/health"), "api/health/index.rs");
    for nothing in [
        "/api",
        "/api/channels/7",
        "/api/channels.rs",
        "/api/videos",
        "/channels",
    ] {
        assert_eq!(routed(&deployment, nothing), "nothing", "{nothing}");
    }
}
