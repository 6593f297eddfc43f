//! What can be asked for.

use std::{str::FromStr, time::Instant};

use serde::{Deserialize, Serialize, de::IntoDeserializer, de::value::Error as ValueError};
use utoipa::ToSchema;
use uuid::Uuid;

use platform::ids::{ChannelId, UserId};
use platform::{config::Config, db::Db, endpoint::Idempotency};

/// A kind of content. Each stands on its own; together they are the chain from an idea to a published video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// Ideas for videos.
    Ideas,
    /// Titles for one video.
    Titles,
    /// What is said and shown.
    Script,
    /// Description with chapters, and tags.
    Description,
}

impl ContentKind {
    /// All of them, in the order of the chain.
    pub const ALL: [Self; 4] = [Self::Ideas, Self::Titles, Self::Script, Self::Description];
}

display_as_serialized!(ContentKind);

impl FromStr for ContentKind {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Self::deserialize(text.into_deserializer())
    }
}

/// The form of a video, as YouTube tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A Short.
    Short,
    /// An ordinary video.
    Long,
}

display_as_serialized!(Form);

/// What to generate.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateBody {
    /// For which channel.
    pub channel_id: ChannelId,
    /// What the video is about; at most 300 characters. Needed where nothing else says it.
    #[schema(max_length = 300)]
    pub topic: Option<String>,
    /// Anything the writer should know; at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub notes: Option<String>,
    /// For whom, when it is not the channel's usual audience; at most 200 characters.
    #[schema(max_length = 200)]
    pub audience: Option<String>,
    /// BCP 47 language such as `en` or `pt-BR`, when it is not the channel's.
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", example = "pt-BR")]
    pub language: Option<String>,
    /// `short` or `long`; unless said otherwise the form of what works best on the channel. Only videos of the same form
    /// are taken as inspiration.
    pub form: Option<Form>,
    /// How long the video should be, in seconds: 15 to 3600. A Short has at most 180.
    #[schema(minimum = 15, maximum = 3600)]
    pub target_seconds: Option<u32>,
    /// How many ideas (3 to 10) or titles (5 to 10).
    #[schema(minimum = 1, maximum = 10)]
    pub count: Option<u32>,
    /// The content it builds on: an idea or a script for titles, an idea or titles for a script, a script for a
    /// description.
    pub source_id: Option<Uuid>,
    /// Which item of the source's list, counted from 0; the approved one unless said otherwise.
    #[schema(minimum = 0, maximum = 1000)]
    pub source_item: Option<u32>,
    /// Writes this content anew, as its next revision. What the body does not say is taken from its brief.
    pub regenerate: Option<Uuid>,
    /// With `regenerate`: only this part of the output, the rest stays (`hook`, `beats`, `call_to_action`, `title` of a
    /// script; `description` or `tags` of a description).
    pub part: Option<String>,
    /// The model's seed; drawn at random and recorded unless given.
    pub seed: Option<i32>,
}

/// A request with its caller.
#[derive(Debug)]
pub struct GenerateRequest<'a> {
    /// Configuration.
    pub config: &'static Config,
    /// Rows as the caller may see them.
    pub db: Db,
    /// The functions that change state.
    pub engine: Db,
    /// The caller.
    pub user: UserId,
    /// Its `Idempotency-Key`.
    pub idempotency: Option<&'a Idempotency>,
    /// When the answer is due.
    pub deadline: Instant,
    /// The kind of content.
    pub kind: ContentKind,
    /// What to generate.
    pub body: GenerateBody,
}

#[cfg(test)]
mod tests;
