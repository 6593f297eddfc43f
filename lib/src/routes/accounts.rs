//! Operations on the signed-in user.

use super::openapi::Documented;
use crate::accounts::{Me, ProfileChanges};
use crate::http::{Also, Kind, Limit, Nothing, Operation};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&GET, &UPDATE, &ERASE];

/// `GET /api/me`
pub const GET: Operation<Nothing, Nothing, Me> = Operation::get("me.get", "/api/me")
    .summary("Your profile, limits and this month's usage.")
    .editable()
    .limit(Limit::Read);

/// `PATCH /api/me`
pub const UPDATE: Operation<Nothing, ProfileChanges, Me> = Operation::patch("me.update", "/api/me")
    .summary("Changes your profile; fields that are absent stay.")
    .editable()
    .limit(Limit::Write)
    .problems(&[Kind::VersionMismatch]);

/// `DELETE /api/me`
pub const ERASE: Operation<Nothing, Nothing, Nothing> = Operation::delete("me.erase", "/api/me")
    .summary("Erases your account with every channel you own, and ends their grants at Google.")
    .describe(
        "204: nothing is left. 202: what could not be finished at once follows in the background.",
    )
    .editable()
    .also(&[Also {
        status: 202,
        body: None,
        when: "What could not be finished at once follows in the background.",
    }])
    .limit(Limit::Write)
    .problems(&[Kind::VersionMismatch]);
