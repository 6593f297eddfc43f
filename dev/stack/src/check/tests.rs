use std::collections::BTreeSet;
use std::path::Path;

use catalyst::routes;
use serde_json::json;

use super::{api_files::bin_name, api_files::declared_constants, *};

/// A project with these files besides the declarations of this one.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let declared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lib/src/routes");
    let copies = folder.path().join("lib/src/routes");
    std::fs::create_dir_all(&copies).unwrap();
    for entry in std::fs::read_dir(declared).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), copies.join(entry.file_name())).unwrap();
        }
    }
    folder
}

#[test]
fn a_file_has_one_binary() {
    assert_eq!(bin_name("api/videos.rs"), "api_videos");
    assert_eq!(
        bin_name("api/channels/[id]/sync.rs"),
        "api_channels_id_sync"
    );
}

#[test]
fn every_variable_of_the_configuration_is_found_in_its_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut faults = Vec::new();
    variables::check(&root, &mut faults);
    assert_eq!(faults, [""; 0]);
    variables::check(project(&[]).path(), &mut faults);
    assert_eq!(faults, ["lib/platform/src/config reads no variable"]);
}

#[test]
fn every_constant_of_the_declarations_is_found_in_their_text() {
    let folder = project(&[]);
    let ids: BTreeSet<String> = declared_constants(folder.path()).into_values().collect();
    let declared: BTreeSet<String> = routes::declarations()
        .map(|declaration| declaration.id.to_owned())
        .collect();
    assert_eq!(ids, declared);
}

#[test]
fn an_operation_that_its_path_does_not_reach_is_a_fault() {
    let folder = project(&[
        (
            "api/videos.rs",
            "use catalyst::routes::videos::{GET, LIST};\nserve([on(&LIST, list)])",
        ),
        (
            "api/me.rs",
            "use catalyst::routes::accounts::GET;\nuse catalyst::routes::videos::INSIGHTS;\nserve([on(&GET, get), on( &INSIGHTS, i), on(&OTHER, o)])",
        ),
        (
            "Cargo.toml",
            "[[bin]]\nname = \"api_me\"\npath = \"api/me.rs\"\n[[bin]]\nname = \"api_videos\"\npath = \"api/videos.rs\"\n",
        ),
        (
            "vercel.json",
            r#"{"functions": {"api/*.rs": {"maxDuration": 24}}, "rewrites": [
                {"source": "/api/videos/:id", "destination": "/api/videos"}, {"source": "/api/channels/(.*)", "destination": "/api/videos"}]}"#,
        ),
    ]);
    let faults = run(folder.path(), false).unwrap_err().join("\n");
    for expected in [
        "api/me.rs binds OTHER, which is no operation",
        "getVideo: /api/videos/{id} reaches api/videos.rs, which does not bind it",
        "the rewrite of /api/videos/{id} adds to the query",
        "api/me.rs binds getInsights, but /api/channels/{id}/insights reaches api/videos.rs",
        "listContent: /api/content reaches no function",
        "api/videos.rs may take 25 s",
        "/api/openapi.json must lead to public/openapi.json",
    ] {
        assert!(
            faults.contains(expected),
            "{expected} is missing in:\n{faults}"
        );
    }
    for unexpected in ["listVideos: ", "getMe: "] {
        assert!(!faults.contains(unexpected), "{faults}");
    }
}

#[test]
fn case_s03_more_functions_than_the_free_plan_takes_are_a_fault() {
    let files: Vec<String> = (b'a'..=b'm')
        .map(|letter| format!("api/{}.rs", char::from(letter)))
        .collect();
    let files: Vec<_> = files.iter().map(|file| (file.as_str(), "")).collect();
    let faults = run(project(&files).path(), false).unwrap_err().join("\n");
    assert!(faults.contains("api/ holds 13 functions"), "{faults}");
    let faults = run(project(&files[1..]).path(), false).unwrap_err();
    assert!(!faults.join("\n").contains("holds"), "{faults:?}");
}

#[test]
fn a_function_below_a_folder_or_with_brackets_is_a_fault() {
    for file in [
        "api/me/export.rs",
        "api/[id].rs",
        "api/index.rs",
        "api/a.b.rs",
    ] {
        let faults = run(project(&[(file, "")]).path(), false).unwrap_err();
        let refused = format!("{file}: a function is one file");
        assert!(faults.join("\n").contains(&refused), "{faults:?}");
    }
}

#[test]
fn requests_are_told_what_they_meet() {
    let folder = project(&[
        ("api/me.rs", ""),
        (
            "Cargo.toml",
            "[[bin]]\nname = \"api_me\"\npath = \"api/me.rs\"\n",
        ),
        (
            "vercel.json",
            r#"{"redirects": [{"source": "/old", "destination": "/new", "has": [{"type": "cookie", "key": "s"}]}],
                "rewrites": [{"source": "/m/:id", "destination": "/api/me"}]}"#,
        ),
        ("public/style.css", ""),
    ]);
    let lines = [
        r#"{"target": "/m/7?x=1"}"#,
        r#"{"target": "/style.css"}"#,
        r#"{"target": "/old", "headers": {"cookie": "s=1"}}"#,
        r#"{"target": "/old"}"#,
    ];
    assert_eq!(
        requests(folder.path(), lines.join("\n").as_bytes()).unwrap(),
        [
            json!({"function": "api/me", "query": [["id", "7"]]}),
            json!({"file": "style.css"}),
            json!({"redirect": "/new", "status": 308}),
            json!({}),
        ]
    );
    assert!(requests(folder.path(), b"{}".as_slice()).is_err());
}

#[test]
fn a_promise_that_no_test_shows_is_a_fault() {
    let promises = "| promise | figure | test |\n| --- | --- | --- |\n| kept | 1 | `api::it_is_kept` |\n| bare | 2 | |\n\
        | gone | | `api::it_is_gone`, `catalyst::it_is_kept` |\n| tried | | `make rig`, `supabase/tests/1.sql`, `make rigs` |\n";
    let folder = project(&[
        ("docs/security.md", promises),
        (
            "docs/webhooks.md",
            "| event | test |\n| --- | --- |\n| sent | no |\n",
        ),
        (
            "tests/api/keeping/mod.rs",
            "#[tokio::test]\nasync fn it_is_kept() {}\nfn it_is_gone() {}\n",
        ),
        ("Makefile", "rig: build ## x\n"),
        ("supabase/tests/1.sql", ""),
    ]);
    let mut faults = Vec::new();
    promises::check(folder.path(), &mut faults);
    faults.retain(|fault| fault.contains("security") || fault.contains("webhooks"));
    assert_eq!(
        faults,
        [
            "docs/security.md: no test is named that shows “bare”",
            "docs/security.md: there is no test api::it_is_gone, to show “gone”",
            "docs/security.md: there is no test catalyst::it_is_kept, to show “gone”",
            "docs/security.md: there is no test make rigs, to show “tried”",
            "docs/webhooks.md has no table of what it promises",
            "docs/webhooks.md: no test is named that shows “sent”",
        ]
    );
}

#[test]
fn a_case_without_a_test_named_after_it_is_a_fault() {
    let cases = "| case | what happened | test |\n| --- | --- | --- |\n| F-01 | read | `api::case_f01_*` |\n\
        | F-02, F-03 | read | `api::case_f02_is_read` |\n| F-04 | gone | `api::case_f04_*` |\n| F-05 | told | `supabase/tests/1.sql` |\n\n\
        | case | why not |\n| --- | --- |\n| F-06 | nobody can |\n";
    let folder = project(&[
        ("docs/cases.md", cases),
        (
            "tests/api/reading.rs",
            "#[test]\nfn case_f01_is_read() {}\n#[test]\nfn case_f02_is_read() {}\n",
        ),
        ("supabase/tests/1.sql", "-- case_f05: it is told"),
    ]);
    let mut faults = Vec::new();
    promises::check(folder.path(), &mut faults);
    faults.retain(|fault| fault.contains("cases"));
    assert_eq!(
        faults,
        [
            "docs/cases.md: no test case_f03_… is named in “F-02, F-03”",
            "docs/cases.md: there is no test api::case_f04_*, to show “F-04”",
        ]
    );
}

#[test]
fn a_file_without_a_binary_or_a_declaration_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("api")).unwrap();
    std::fs::write(folder.path().join("api/stray.rs"), "").unwrap();
    std::fs::write(
        folder.path().join("Cargo.toml"),
        "[[bin]]\nname = \"x\"\npath = \"api/gone.rs\"\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("vercel.json"),
        r#"{"functions":{"api/none.rs":{"maxDuration":1}}}"#,
    )
    .unwrap();
    let faults = run(folder.path(), false).unwrap_err().join("\n");
    for expected in [
        "api/gone.rs",
        "api/stray.rs has 0",
        "api/stray.rs binds no operation",
        "no file's first match",
        "out of date",
        "examples.json has no answer of \"getMe\"",
    ] {
        assert!(
            faults.contains(expected),
            "{expected} is missing in:\n{faults}"
        );
    }
}
