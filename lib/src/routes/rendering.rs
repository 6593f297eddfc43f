//! Operations on renders.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::documented::Documented;
use crate::rendering::{ListQuery, Render, RenderBody, RenderChanges, RenderEstimate, VoicesQuery};
use clients::revid::Voice;
use platform::endpoint::{Access, AnyBody, Empty, Kind, Limit, Operation, Page};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[
    &ESTIMATE, &RENDER, &LIST, &VOICES, &GET, &UPDATE, &CANCEL, &CALLBACK,
];

/// `POST /api/video/estimate`
pub const ESTIMATE: Operation<Empty, RenderBody, RenderEstimate> =
    Operation::post("estimateRender", "/api/video/estimate")
        .summary("Estimates what rendering a script costs.")
        .describe("Free, and nothing is reserved. Drafts can be estimated too.")
        .limit(Limit::Write)
        .status(200)
        .repeatable("It changes nothing.")
        .problems(&[
            Kind::NotConfigured,
            Kind::NotFound,
            Kind::UpstreamUnavailable,
        ]);

/// `POST /api/video/render`
pub const RENDER: Operation<Empty, RenderBody, Render> =
    Operation::post("createRender", "/api/video/render")
        .summary("Renders an approved script; the work goes on after the answer.")
        .describe(
            "Each accepted render costs credits. The estimate is counted against your monthly allowance and the \
             deployment's daily budget before anything is sent. Send an Idempotency-Key, so that a repeated request \
             is never a second render. A script whose render is running, or whose outcome is unknown, is refused.",
        )
        .limit(Limit::Spend)
        .idempotent()
        .status(202)
        .problems(&[
            Kind::ApprovalRequired, Kind::BudgetExhausted, Kind::NotConfigured, Kind::NotFound, Kind::RenderInProgress,
            Kind::RenderTooCostly, Kind::RoleTooLow, Kind::UpstreamUnavailable,
        ]);

/// `GET /api/video`
pub const LIST: Operation<ListQuery, Empty, Page<Render>> =
    Operation::get("listRenders", "/api/video")
        .summary("Lists the renders of your channels.")
        .order("Newest first, unless `sort` says otherwise.");

/// `GET /api/video/voices`
pub const VOICES: Operation<VoicesQuery, Empty, Page<Voice>> =
    Operation::get("listVoices", "/api/video/voices")
        .summary("Lists the voices that this deployment offers for renders.")
        .describe("The render service has no list of its voices: it takes any by its id.")
        .order("As the deployment lists them.");

/// `GET /api/video/{id}`
pub const GET: Operation<Empty, Empty, Render> = Operation::get("getRender", "/api/video/{id}")
    .summary("One render.")
    .editable();

/// `PATCH /api/video/{id}`
pub const UPDATE: Operation<Empty, RenderChanges, Render> =
    Operation::patch("updateRender", "/api/video/{id}")
        .summary("Confirms or rejects a video that was recognised by its time alone.")
        .describe(
            "When the answer of a submit was lost and nothing but the time names its job, the video may be another's: its \
             `confirmation` is `needed`, and it is not published before somebody has watched it. Rejecting it ends the \
             render; what the lost submit may have cost stays counted.",
        )
        .limit(Limit::Write)
        .editable()
        .problems(&[Kind::InvalidState, Kind::NotFound, Kind::RoleTooLow]);

/// `DELETE /api/video/{id}`
pub const CANCEL: Operation<Empty, Empty, Empty> =
    Operation::delete("cancelRender", "/api/video/{id}")
        .summary("Cancels a render.")
        .describe(
            "Before it is sent to the render service nothing is charged and the allowance is given back. After that \
             the service cannot cancel it: its result is ignored and its cost stays counted, as `error` and `cost` say.",
        )
        .limit(Limit::Write)
        .editable()
        .problems(&[Kind::InvalidState, Kind::RoleTooLow]);

/// `POST /api/webhooks/revid`
pub const CALLBACK: Operation<CallbackQuery, AnyBody, Received> =
    Operation::post("receiveRevidCallback", "/api/webhooks/revid")
        .summary("For the render service: has a render's state checked now.")
        .describe(
            "The address is made anew for each render and holds a secret. The body decides nothing: of a body \
             up to 64 KiB only the job's id is read, and a wrong one is refused.",
        )
        .access(Access::Public)
        .status(200)
        .problems(&[Kind::NotFound]);

/// The address of a callback. Whatever else the service appends is ignored.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    /// The render.
    pub render: Option<String>,
    /// The secret of this render's address.
    pub token: Option<String>,
}

/// The callback was received.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    /// Always true.
    pub received: bool,
}
