//! `docs/errors.md` and `public/docs/errors.html`, made of the table of errors.

use std::fmt::Write as _;

use platform::endpoint::Kind;

pub(super) fn markdown() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery error is `application/problem+json` (RFC 9457). Branch on `code`; `detail` is for people; `errors` names\n\
         fields. `retryable` says whether the same request may succeed later.\n\n| code | status | meaning | retry |\n| --- | --- | --- | --- |\n",
    );
    for kind in Kind::ALL {
        let retry = retry(*kind);
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {retry} |",
            kind.code(),
            kind.status().as_u16(),
            kind.title()
        );
    }
    text
}

pub(super) fn html() -> String {
    let mut rows = String::new();
    for kind in Kind::ALL {
        let retry = retry(*kind);
        let _ = writeln!(
            rows,
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{2}</td><td>{retry}</td></tr>",
            kind.code(),
            kind.status().as_u16(),
            kind.title()
        );
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Errors · Content Catalyst Engine</title>\n<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n<main>\n<p><a href=\"/\">Content Catalyst Engine</a></p>\n\
         <h1>Errors</h1>\n<p>Every error is <code>application/problem+json</code> (RFC 9457). Branch on <code>code</code>.</p>\n\
         <table>\n<tr><th>code</th><th>status</th><th>meaning</th><th>retry</th></tr>\n{rows}</table>\n</main>\n</html>\n"
    )
}

fn retry(kind: Kind) -> &'static str {
    if kind.retryable() { "later" } else { "no" }
}
