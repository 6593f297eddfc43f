//! `docs/api.md`, made of the declarations.

use std::fmt::Write as _;

use catalyst::routes;
use platform::endpoint::{Access, Declaration, Limit};

pub(super) fn markdown() -> String {
    let mut text = String::from(
        "# API\n\nJSON in, JSON out; errors as in [errors.md](errors.md). `GET /api/openapi.json` has every schema.\n\n\
         | operation | method and path | who | limit | |\n| --- | --- | --- | --- | --- |\n",
    );
    let mut declarations: Vec<&Declaration> = routes::declarations().collect();
    declarations.sort_by_key(|d| (d.path, d.verb.as_str()));
    for d in declarations {
        let who = match d.access {
            Access::Public => "anybody",
            Access::User => "user",
            Access::Admin => "admin",
            Access::Cron => "scheduler",
        };
        let limit = if d.limit == Limit::None {
            ""
        } else {
            d.limit.name()
        };
        let key = if d.idempotent {
            " Honours `Idempotency-Key`."
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "| `{}` | {} `{}` | {who} | {limit} | {}{key} |",
            d.id,
            d.verb.as_str(),
            d.path,
            d.summary
        );
    }
    text
}
