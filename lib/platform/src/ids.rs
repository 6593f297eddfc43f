//! Ids as types, so that a channel's id is never taken for a video's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID as 36 characters")]
pub struct NoId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NoId;

            fn from_str(text: &str) -> Result<Self, NoId> {
                // Only the canonical form: one object has one address.
                let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
                id.map(Self).ok_or(NoId)
            }
        }
    )*};
}

ids! {
    /// A user: `auth.users.id`, `public.users.id`.
    UserId
    /// A program that acts for a user: the `client_id` of its tokens.
    AgentId
    /// A connected channel.
    ChannelId
    /// A video of a connected channel (ours, not YouTube's id).
    VideoId
    /// Generated content.
    ContentId
    /// A paid render.
    RenderId
    /// A scheduled publication.
    UploadId
    /// A unit of pipeline work.
    StepId
    /// An address to which events are sent.
    EndpointId
    /// One event for one endpoint.
    DeliveryId
}
