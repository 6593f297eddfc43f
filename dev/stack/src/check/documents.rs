//! The generated documents, made of the declarations of operations and the table of errors: written anew, or compared with
//! what they should be.

use std::{fmt::Write as _, fs, path::Path};

use super::{configuration, settings};
use catalyst::routes::{self, openapi};
use platform::endpoint::{Access, Declaration, Kind, Limit};
use serde_json::Value;

/// What holds for all operations; `lib/src/routes/conformance.rs` checks it.
const RULES: &str = "
## Rules

- **Names.** An operation id is a verb and a noun; generators make a function's name of it. `state` is where an object is in its life.
- **Lists** have `items` and `next_cursor`, and take `cursor` and `limit` (25 unless said otherwise, at most 100). Each says its order, and takes
  `sort` where there is more than one.
- **Versions.** What can be changed has an `ETag` such as `\"v3-0123456789abcdef\"`. Send it as `If-Match` with PATCH and DELETE: 412 says that somebody
  was faster. Send any `ETag` as `If-None-Match` with GET: 304 says that nothing is new, so asking again is cheap.
- **Repeating.** A POST that creates, spends or sends takes an `Idempotency-Key`. The same request with the same key, within 24 hours, has one effect and
  one answer.
- **PATCH.** A field that is absent stays. Null clears what the schema lets be null, and is refused elsewhere.
- **DELETE** answers 204, or 202 with a `Location` to follow, and never a body.
- **Units** stand in names: `_ms`, `_seconds`, `_bytes`. Money is in millionths of a US dollar, `_micros`; the render service counts in credits.
- **Times** are RFC 3339 in UTC. A local time stands beside its `time_zone`.
";

/// What `docs/api.md` promises of all operations.
const PROMISES: &str = "
| promise | test |
| --- | --- |
| Each operation answers as the served document says, with the security headers, and without a token only where it says so | `api::the_served_document_is_made_of_the_declared_operations`, `api::every_operation_has_a_function_and_every_answer_its_headers`, `api::no_operation_is_open_without_a_token`, `make fuzz-api` |
| A request repeated under its `Idempotency-Key` within 24 hours has one effect and one answer | `api::a_key_is_one_effect_however_often_it_is_sent`, `api::every_changed_byte_is_another_request` |
| Who has not seen the last version changes nothing (`If-Match`) | `api::a_profile_is_edited_by_version`, `api::settings_are_changed_by_version`, `api::an_upload_is_changed_only_by_who_has_seen_its_last_version`, `api::an_endpoint_is_changed_by_version` |
| Pages follow each other without gaps, whatever is added meanwhile | `api::pages_follow_each_other_without_gaps`, `platform::the_next_page_begins_after_the_last_row_whatever_shares_its_time` |
| A cancelled upload never becomes public, unless YouTube refuses or does not answer until its time; then its owner is told | `api::a_cancelled_upload_stays_cancelled`, `api::cancelled_after_the_upload_the_video_stays_private`, `flows::a_cancelled_video_never_goes_out` |
| A render is paid once, and never without a price that was seen before and lies below its bounds | `api::one_key_is_one_render`, `api::a_render_that_costs_more_than_one_may_is_refused`, `flows::killed_dispatchers_never_pay_twice_and_leave_nothing_behind` |
| An unknown path is a problem in the same form as any other | `api::an_unknown_address_below_api_is_a_problem_like_any_other`, `api::a_wrong_method_is_answered_with_the_right_ones` |
";

/// With `write` the documents are written; otherwise each of them must be fresh.
pub(super) fn check(root: &Path, write: bool, faults: &mut Vec<String>) {
    let mut document = openapi::document();
    super::examples::add(root, &mut document, faults);
    let documents = [
        ("public/openapi.json", format!("{document:#}\n")),
        ("docs/errors.md", errors_markdown()),
        ("docs/api.md", api_markdown()),
        ("docs/configuration.md", configuration::markdown(root)),
        ("docs/settings.md", settings::markdown()),
        ("public/docs/errors.html", errors_html()),
    ];
    for (name, expected) in documents {
        let path = root.join(name);
        if write {
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            if let Err(error) = folder.and_then(|()| fs::write(&path, &expected)) {
                faults.push(format!("{name} cannot be written: {error}"));
            }
            continue;
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        // The order of members says nothing in JSON.
        let is_fresh = found == expected
            || name.ends_with(".json")
                && serde_json::from_str(&found).is_ok_and(|found: Value| found == document);
        if !is_fresh {
            faults.push(format!(
                "{name} is out of date; run `catalyst-dev check --write`"
            ));
        }
    }
}

/// `docs/api.md`.
fn api_markdown() -> String {
    let mut text = String::from(
        "# API\n\nJSON in, JSON out; errors as in [errors.md](errors.md). [guide.md](guide.md) is the way in; `GET /api/openapi.json` has every\n\
         schema, with examples; the names are the methods of the [SDK](../sdk/README.md). [CHANGELOG.md](../CHANGELOG.md) has every change until v1.\n\n\
         | operation | method and path | who | limit | |\n| --- | --- | --- | --- | --- |\n",
    );
    let mut declarations: Vec<&Declaration> = routes::declarations().collect();
    declarations.sort_by_key(|d| (d.path, d.verb.as_str()));
    for d in declarations {
        let who = match d.access {
            Access::Public => "anybody",
            Access::User => "user",
            Access::Admin => "admin",
            Access::Agent => "program",
            Access::Cron => "scheduler",
        };
        let (verb, path, summary) = (d.verb.as_str(), d.path, d.summary);
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
            "| `{}` | {verb} `{path}` | {who} | {limit} | {summary}{key} |",
            d.id
        );
    }
    text.push_str(RULES);
    text.push_str(PROMISES);
    text
}

/// Code, status, meaning and whether to try again, of every error.
fn errors() -> impl Iterator<Item = (&'static str, u16, &'static str, &'static str)> {
    Kind::ALL.iter().map(|kind| {
        let retry = if kind.retryable() { "later" } else { "no" };
        (kind.code(), kind.status().as_u16(), kind.title(), retry)
    })
}

/// `docs/errors.md`.
fn errors_markdown() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery error is `application/problem+json` (RFC 9457). Branch on `code`; `detail` is for people; `errors` names\n\
         fields (`pointer`, a JSON pointer) and parameters (`parameter`), with the `value`, what is `allowed` and what is `closest`. `type` is\n\
         the address of this table's row at the deployment. `retryable` says whether the same request may succeed later.\n\n| code | status | meaning | retry |\n| --- | --- | --- | --- |\n",
    );
    for (code, status, meaning, retry) in errors() {
        let _ = writeln!(text, "| `{code}` | {status} | {meaning} | {retry} |");
    }
    text
}

/// `public/docs/errors.html`.
fn errors_html() -> String {
    let mut rows = String::new();
    for (code, status, meaning, retry) in errors() {
        let _ = writeln!(
            rows,
            "<tr id=\"{code}\"><td><code>{code}</code></td><td>{status}</td><td>{meaning}</td><td>{retry}</td></tr>"
        );
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Errors · Content Catalyst Engine</title>\n<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n<main>\n<p><a href=\"/\">Content Catalyst Engine</a></p>\n\
         <h1>Errors</h1>\n<p>Every error is <code>application/problem+json</code> (RFC 9457). Branch on <code>code</code>.</p>\n\
         <table>\n<tr><th>code</th><th>status</th><th>meaning</th><th>retry</th></tr>\n{rows}</table>\n</main>\n</html>\n"
    )
}
