//! A checkout to deploy from, and the program run in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use fakes::accounts::{Accounts, SUPABASE_TOKEN, VERCEL_TOKEN};
use tempfile::TempDir;

/// The project in small: its migrations, and enough files to have some to send.
pub(crate) fn checkout() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("Cargo.toml", "[package]\nname = \"small\"\n");
    write("public/openapi.json", "{}");
    write("docs/stays-at-home.md", "not deployed");
    write("scripts/pages", "#!/bin/sh\n");
    for file in ["vercel.json", ".vercelignore", ".gitignore"] {
        fs::copy(root.join(file), folder.path().join(file)).expect("a copy");
    }
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path().join("scripts/pages"), executable).expect("a mode");
    fs::create_dir(folder.path().join("supabase")).expect("a folder");
    symlink(
        root.join("supabase/migrations")
            .canonicalize()
            .expect("a path"),
        folder.path().join("supabase/migrations"),
    )
    .expect("a link");
    for arguments in [
        &["init", "-q"][..],
        &[
            "add",
            "Cargo.toml",
            "public",
            "docs",
            "scripts",
            "vercel.json",
        ],
    ] {
        let done = Command::new("git")
            .args(arguments)
            .current_dir(folder.path())
            .status();
        assert!(done.expect("git").success(), "git {arguments:?}");
    }
    folder
}

/// What a run said, and whether it was content.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) good: bool,
    pub(crate) text: String,
}

/// Runs `catalyst deploy` in a checkout, with the stand-ins in place of the services.
pub(crate) async fn deploy(accounts: &Accounts, checkout: &Path, arguments: &[&str]) -> Said {
    deploy_with(accounts, checkout, arguments, &[]).await
}

/// The same with further variables of the environment.
pub(crate) async fn deploy_with(
    accounts: &Accounts,
    checkout: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Said {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_catalyst"));
    command
        .current_dir(checkout)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default());
    command
        .env("SUPABASE_ACCESS_TOKEN", SUPABASE_TOKEN)
        .env("VERCEL_TOKEN", VERCEL_TOKEN);
    command.envs(variables.iter().copied());
    command.args([
        "deploy",
        "--pause",
        "1",
        "--supabase-api",
        accounts.supabase(),
        "--vercel-api",
        accounts.vercel(),
    ]);
    if !arguments.contains(&"--domain") {
        command.args([
            "--supabase-url",
            accounts.site(),
            "--app-url",
            accounts.site(),
        ]);
    }
    command.args(arguments).kill_on_drop(true);
    let output = command.output().await.expect("the program");
    let text = [output.stdout, output.stderr].concat();
    Said {
        good: output.status.success(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}
