//! The files of a deployment: what git knows, without what .vercelignore leaves out.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use clients::hex;
use tokio::process::Command;

use crate::deploy::refusal::stop;
use crate::{Error, Result};

/// A file, as the platform is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upload {
    /// Its path in the project.
    pub(super) path: String,
    /// SHA-1 of its bytes, which is how the platform knows files.
    pub(super) digest: String,
    pub(super) bytes: u64,
    /// As `stat` tells it; the build command must be executable.
    pub(super) mode: u32,
}

/// Every file that is deployed.
///
/// # Errors
///
/// When the project is no git checkout, or a file cannot be read.
pub(super) async fn all(root: &Path) -> Result<Vec<Upload>> {
    let ignored = std::fs::read_to_string(root.join(".vercelignore")).unwrap_or_default();
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root)
        .output()
        .await;
    let listed = listed.map_err(Error::io("cannot run git"))?;
    if !listed.status.success() {
        return Err(stop(
            format!("{} is not a git checkout", root.display()),
            "get the project with `git clone`: git tells which of the files here belong to it",
        ));
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    let mut files = Vec::new();
    for path in names
        .split('\0')
        .filter(|path| !path.is_empty() && !is_ignored(path, &ignored))
    {
        let place = root.join(path);
        // One that was deleted and not committed is not deployed.
        let Ok(metadata) = std::fs::metadata(&place) else {
            continue;
        };
        if metadata.is_file() {
            let bytes = read(root, path)?;
            files.push(Upload {
                path: path.to_owned(),
                digest: hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes).as_ref()),
                bytes: bytes.len() as u64,
                mode: metadata.permissions().mode(),
            });
        }
    }
    Ok(files)
}

/// The bytes of one of them.
pub(super) fn read(root: &Path, path: &str) -> Result<Vec<u8>> {
    std::fs::read(root.join(path)).map_err(Error::io(format!("cannot read {path}")))
}

/// Lines are paths from the root, a star at the end stands for any rest.
fn is_ignored(path: &str, ignored: &str) -> bool {
    let lines = ignored
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('/'));
    lines
        .map(|line| &line[1..])
        .any(|line| match line.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => {
                path == line
                    || path
                        .strip_prefix(line)
                        .is_some_and(|rest| rest.starts_with('/'))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    #[test]
    fn what_vercelignore_names_stays_at_home() {
        let ignored = "# why\n/docs\n/.env*\n";
        let stays = |path| is_ignored(path, ignored);
        assert!(stays("docs/api.md") && stays(".env.example") && stays("docs"));
        assert!(!stays("docs2/x") && !stays("api/docs") && !stays("Cargo.toml"));
    }
}
