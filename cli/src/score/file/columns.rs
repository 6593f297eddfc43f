//! The columns that scoring needs, and where they stand.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::score) enum Field {
    /// The title.
    Title,
    /// When the video was published.
    PublishedAt,
    /// Views.
    Views,
    /// Likes.
    Likes,
    /// Comments.
    Comments,
    /// The id on YouTube, or an address with it.
    VideoId,
    /// Short, long or live.
    Format,
    /// When the counts were read.
    ObservedOn,
    /// The channel.
    Channel,
    /// Whether the video is still to come.
    Broadcast,
}

impl Field {
    /// Every field, in the order in which they are told.
    pub(super) const ALL: [Self; 10] = [
        Self::Title,
        Self::PublishedAt,
        Self::Views,
        Self::Likes,
        Self::Comments,
        Self::VideoId,
        Self::Format,
        Self::ObservedOn,
        Self::Channel,
        Self::Broadcast,
    ];

    /// The names that `--columns` takes.
    pub(super) const NAMES: &'static str =
        "title, published_at, views, likes, comments, video_id, format, observed_on, channel_title";

    /// Our name of the column.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::PublishedAt => "published_at",
            Self::Views => "views",
            Self::Likes => "likes",
            Self::Comments => "comments",
            Self::VideoId => "video_id",
            Self::Format => "format",
            Self::ObservedOn => "observed_on",
            Self::Channel => "channel_title",
            Self::Broadcast => "broadcast",
        }
    }

    /// The field of our name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// Where the columns stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    places: [Option<usize>; Field::ALL.len()],
    /// Where the time of publication stands when `published_at` is unknown.
    pub(super) or_published: Option<usize>,
    /// A column of dates that are times of observation if a video comes several times.
    pub(super) maybe_observed: Option<usize>,
    /// Whether only what looks like one of YouTube's ids is taken for an id, because the column may hold anything else.
    pub(super) must_look_like_ids: bool,
}

impl Columns {
    /// The place of a column.
    pub(super) fn get(&self, field: Field) -> Option<usize> {
        self.places[field as usize]
    }

    /// Says where a column stands.
    pub(super) fn set(&mut self, field: Field, place: Option<usize>) {
        self.places[field as usize] = place;
    }
}
