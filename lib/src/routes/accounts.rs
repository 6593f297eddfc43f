//! Operations on the signed-in user.

use super::channels::LATER;
use super::documented::Documented;
use crate::accounts::export::{self, ExportQuery};
use crate::accounts::{Me, MeChanges};
use platform::endpoint::{Empty, Limit, Operation, Raw};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&GET, &UPDATE, &ERASE, &EXPORT];

/// `GET /api/me`
pub const GET: Operation<Empty, Empty, Me> = Operation::get("getMe", "/api/me")
    .summary("Your profile, limits, budgets and this month's usage.")
    .editable()
    .after_rate_limit();

/// `PATCH /api/me`
pub const UPDATE: Operation<Empty, MeChanges, Me> = Operation::patch("updateMe", "/api/me")
    .summary("Changes your profile; a field that is absent stays.")
    .editable()
    .limit(Limit::Write);

/// `DELETE /api/me`
pub const ERASE: Operation<Empty, Empty, Empty> = Operation::delete("deleteMe", "/api/me")
    .summary("Erases your account with every channel you own, and ends their grants at Google.")
    .describe(
        "204: nothing is left. 202: what could not be finished at once follows in the background; `GET /api/me` shows \
         `erasing_at` until it has.",
    )
    .editable()
    .also(LATER)
    .limit(Limit::Write);

/// `GET /api/me/export`
pub const EXPORT: Operation<ExportQuery, Empty, Raw> =
    Operation::get("exportMe", "/api/me/export")
        .summary("Everything that is held about you and the channels you own, as a file.")
        .describe("One JSON object a line. The first line is `{\"export\": …}`, each row is `{\"table\": …, \"row\": …}`, and the last line is `{\"end\": {\"complete\", \"cursor\", \"rows\"}}`: a file without it was cut off. When `complete` is false, go on with its `cursor`. Secrets stay behind; scores are Content Catalyst scores, not YouTube metrics, and left out while they are hidden.")
        .limit(Limit::Write)
        .produces(export::MEDIA_TYPE)
        .deadline(60);
