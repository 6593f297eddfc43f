//! The logs of a stack that is thrown away.

use std::path::Path;

/// Copies the logs of a stack whose folder is thrown away: they are worth reading when something failed.
pub fn keep_logs(from: &Path, to: &Path) {
    let copy = || -> std::io::Result<()> {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                keep_logs(&entry.path(), &to.join(entry.file_name()));
            } else {
                std::fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok(())
    };
    if let Err(error) = copy() {
        tracing::warn!(error = %error, "the logs could not be kept");
    }
}
