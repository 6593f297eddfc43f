//! Operations on channels.

use serde::Deserialize;
use utoipa::IntoParams;

use super::documented::Documented;
use crate::channels::connect::{
    Callback, ConnectBody, ConnectStarted, ConnectedChannel, FinishBody,
};
use crate::channels::{BrandVoiceVersion, BrandVoicesQuery, Channel, ChannelChanges};
use platform::endpoint::{
    Access, Empty, ExtraResponse, Kind, Limit, Operation, Page, PageSize, Raw,
};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[
    &LIST,
    &CONNECT,
    &CALLBACK,
    &FINISH,
    &GET,
    &UPDATE,
    &DELETE,
    &SYNC,
    &BRAND_VOICES,
];

/// The answer of an erasure that goes on.
pub(super) const LATER: &[ExtraResponse] = &[ExtraResponse {
    status: 202,
    body: None,
    when: "What could not be finished at once follows in the background; `Location` shows how far it is.",
}];

/// Which page of the channels.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page.
    #[param(inline)]
    pub limit: PageSize,
}

/// `GET /api/channels`
pub const LIST: Operation<ListQuery, Empty, Page<Channel>> =
    Operation::get("listChannels", "/api/channels")
        .summary("Lists the channels you are a member of.")
        .order("Oldest connection first.");

/// `POST /api/channels/connect`
pub const CONNECT: Operation<Empty, ConnectBody, ConnectStarted> =
    Operation::post("connectChannel", "/api/channels/connect")
        .summary("Starts Google's consent for a channel; send the browser to the address in the answer.")
        .describe("With `channel_id` it reconnects that channel: history and settings are kept, and consent for another channel is refused.")
        .status(200)
        .limit(Limit::Write)
        .repeatable("Each consent stands for itself, and ends by itself when it is not finished.")
        .problems(&[Kind::NotFound, Kind::RoleTooLow, Kind::InvalidState, Kind::NotConfigured]);

/// `GET /api/channels/callback`
pub const CALLBACK: Operation<Callback, Empty, Raw> =
    Operation::get("receiveConsent", "/api/channels/callback")
        .summary("Where Google sends the browser after the consent: leads on to `/connected` of the front end.")
        .describe(
            "Nothing is checked or used up here. `state`, `code` and `error` stand in the fragment of the address that the browser is \
             led to; the page there clears the fragment and posts them to `/api/channels/connect/finish` with the access token of \
             its user.",
        )
        .access(Access::Public)
        .status(303);

/// `POST /api/channels/connect/finish`
pub const FINISH: Operation<Empty, FinishBody, ConnectedChannel> =
    Operation::post("finishConnection", "/api/channels/connect/finish")
        .summary("Finishes a consent that you have started: the channel is connected.")
        .describe(
            "The state must have been given to the same user; that is checked before the code is exchanged. It is used up by the first \
             call, whatever comes of it; the one that ended well gives its channel again for ten minutes.",
        )
        .limit(Limit::Write)
        .status(200)
        .repeatable("The state of a consent is used once; a consent that ended well gives its channel again.")
        .problems(&[
            Kind::StateExpired, Kind::ConsentFailed, Kind::ConsentRefused, Kind::NoChannel, Kind::ChannelMismatch,
            Kind::ChannelTaken, Kind::InvalidState, Kind::QuotaExhausted, Kind::NotConfigured, Kind::NotFound,
            Kind::RequestInProgress, Kind::UpstreamFailed, Kind::UpstreamUnavailable,
        ]);

/// `GET /api/channels/{id}`
pub const GET: Operation<Empty, Empty, Channel> = Operation::get(
    "getChannel",
    "/api/channels/{id}",
)
.summary(
    "One channel: settings, state, permissions, progress of its synchronisation, and what to do.",
)
.editable();

/// `PATCH /api/channels/{id}`
pub const UPDATE: Operation<Empty, ChannelChanges, Channel> =
    Operation::patch("updateChannel", "/api/channels/{id}")
        .summary("Changes a channel's settings; a field that is absent stays.")
        .editable()
        .limit(Limit::Write)
        .problems(&[Kind::RoleTooLow]);

/// `DELETE /api/channels/{id}`
pub const DELETE: Operation<Empty, Empty, Empty> = Operation::delete(
    "deleteChannel",
    "/api/channels/{id}",
)
.summary("Ends the grant at Google and erases everything stored about the channel.")
.describe(
    "204: nothing is left. 202: what could not be finished at once follows in the background; the channel is there, as \
     `erasing`, until it has.",
)
.editable()
.also(LATER)
.limit(Limit::Write)
.problems(&[Kind::RoleTooLow]);

/// `POST /api/channels/{id}/sync`
pub const SYNC: Operation<Empty, Empty, Channel> =
    Operation::post("syncChannel", "/api/channels/{id}/sync")
        .summary("Synchronises the channel now; follow `sync` on the channel.")
        .status(202)
        .idempotent()
        .limit(Limit::Write)
        .problems(&[
            Kind::RoleTooLow,
            Kind::ChannelDisconnected,
            Kind::FeatureUnavailable,
        ]);

/// `GET /api/channels/{id}/brand-voices`
pub const BRAND_VOICES: Operation<BrandVoicesQuery, Empty, Page<BrandVoiceVersion>> =
    Operation::get("listBrandVoices", "/api/channels/{id}/brand-voices")
        .summary(
            "Lists the brand voices that a channel has had; `voice_version` of content names one.",
        )
        .order("Newest first.");
