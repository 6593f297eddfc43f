//! The figures in docs/performance.md.

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;

/// Replaces what stands between the two marks.
pub(super) fn write(project: &Project, table: &str) -> Result {
    const MARKS: [&str; 2] = ["<!-- figures -->\n", "<!-- end of figures -->\n"];
    let path = project.root().join("docs/performance.md");
    let text = std::fs::read_to_string(&path)
        .map_err(Error::io(format!("cannot read {}", path.display())))?;
    let parts = text
        .split_once(MARKS[0])
        .and_then(|(head, rest)| Some((head, rest.split_once(MARKS[1])?.1)));
    let Some((head, tail)) = parts else {
        return Err(Error::setup(
            format!("{} has no place for the figures", path.display()),
            "put the marks <!-- figures --> and <!-- end of figures --> around them",
        ));
    };
    std::fs::write(
        &path,
        format!("{head}{}{table}\n{}{tail}", MARKS[0], MARKS[1]),
    )
    .map_err(Error::io(format!("cannot write {}", path.display())))
}
