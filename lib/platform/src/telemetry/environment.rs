//! Which deployment this is.

use std::env;
use std::sync::LazyLock;

/// The platform's name of the environment: `production`, `preview` or one of the project's own; `development` elsewhere.
pub(super) fn environment() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let given = ["VERCEL_TARGET_ENV", "VERCEL_ENV"];
        let name = given.iter().filter_map(|name| env::var(name).ok());
        name.into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "development".to_owned())
    });
    &NAME
}
